// A real coturn for one test: free loopback ports, users, a certificate and a log of its own in a
// temporary directory, gone with the object.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/gobject_ref.h"
#include "pipelines/ice/ice_server.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace turnout {

struct CoturnOptions {
  std::map<std::string, std::string> users = {{"bot", "botpw"}};
  std::vector<std::string> extra = {};  // lines of turnserver.conf
  std::string relay_ip = "127.0.0.1";
  std::string authentication = "lt-cred-mech";
};

class Coturn {
 public:
  // Fails the test (and isRunning() is false) when turnserver does not come up in time.
  explicit Coturn(const CoturnOptions& options = {});
  ~Coturn();
  Coturn(const Coturn&) = delete;
  Coturn& operator=(const Coturn&) = delete;

  bool isRunning() const { return process_.get() != nullptr; }
  // With the first user's credentials, and for TLS with the certificate as trusted CA.
  IceServer server(TurnTransport transport) const;
  IceServer stunServer() const;
  std::string log() const;
  const std::string& certificate() const { return certificate_; }  // path of the PEM file

 private:
  void makeCertificate();
  std::string configuration(const CoturnOptions& options) const;
  bool answersWithin(Duration limit) const;

  std::string directory_, certificate_;
  std::uint16_t port_, tls_port_;
  std::string user_, password_;
  Ref<GSubprocess> process_;
};

// `openssl s_server` on 127.0.0.1: speaks TLS as its options say, and no TURN in it.
class TlsServer {
 public:
  struct Setup {
    std::string alt_name = "IP:127.0.0.1";  // of its certificate; empty: none
    std::vector<std::string> options = {};  // of s_server
  };
  explicit TlsServer(const Setup& setup);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  IceServer server() const;  // turns:, with the certificate as trusted CA

 private:
  const std::string directory_;
  const std::uint16_t port_;
  Ref<GSubprocess> process_;
};

std::uint16_t freePort();  // of TCP and UDP on 127.0.0.1, a moment ago
IceServer turnServer(const std::string& url, const std::string& user, const std::string& password);

}  // namespace turnout
