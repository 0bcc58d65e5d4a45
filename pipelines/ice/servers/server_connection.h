// Connections to STUN and TURN servers as browsers make them: names looked up, TCP, TLS; and what GIO
// says of them as values of ours: whom to trust, what is wrong with a certificate, why a connection
// was not had.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/signal.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gio/gio.h>

namespace turnout {

// Error: kIo, with the file's name. A relative path is of the working directory; GLib itself would
// take it for an authority that nobody has signed with.
Result<Ref<GTlsDatabase>> trustFrom(const std::string& ca_file);

CertificateFault certificateFaultOf(GTlsCertificateFlags flags);

// What an error of a look-up, connection or handshake says of the server.
ServerFault serverFaultOf(const GError& error);
// GLib says what it was doing, then why it failed: "Error receiving message: Connection refused".
// Only the cause, as stage and fault say the rest.
std::string errorCause(const std::string& message);

// For a TCP or TLS server; no proxy, since the path itself is measured. `local_address`: a literal
// to come from; empty: any.
Ref<GSocketClient> socketClientFor(const IceServer& server, const std::string& local_address);

// Small STUN messages and media must not wait for each other (RFC 896).
void setNoDelay(GSocketConnection* connection);

// One TLS handshake judged as a browser would: beyond what GnuTLS wants, TLS 1.2 at least, a
// subjectAltName in the certificate (RFC 9525), and no question for a certificate of the client,
// which Chromium's TURN does not survive.
//
// Threads: the one that makes the connection.
class TlsJudge {
 public:
  // Before the handshake. `trust`: null for the system's authorities.
  void begin(GTlsConnection* tls, const IceServer& server, GTlsDatabase* trust);
  // After a handshake that GnuTLS took. kNone: a browser takes it, too.
  ServerFault faultOf(GSocketConnection* connection);
  // After one that it did not take, or a connection that ended.
  ServerFault faultOf(const GError& error) const;

  // As far as one was seen, with what is wrong with it.
  const std::optional<ServerCertificate>& certificate() const { return certificate_; }
  CertificateFault certificateFault() const {
    return certificate_ ? certificate_->fault : CertificateFault::kNone;
  }

 private:
  SignalConnection accept_;
  std::optional<ServerCertificate> certificate_;
  bool is_verifying_ = true;
  std::shared_ptr<bool> wants_client_certificate_ = std::make_shared<bool>(false);
};

// One host name to addresses, asynchronously and within a limit. libnice looks names up itself, but
// tells nothing of one that it cannot find.
struct HostAddresses {
  std::vector<std::string> literals;       // in the resolver's order; none: `fault` says why
  ServerFault fault = ServerFault::kNone;  // kUnknownName, kTimeout
  std::string error_text{};                // the resolver's
};

// On the loop's thread; `on_done` is called there, once.
void lookUpHost(Loop& loop, const std::string& host, std::function<void(HostAddresses)> on_done,
                Duration limit = 5s);

}  // namespace turnout
