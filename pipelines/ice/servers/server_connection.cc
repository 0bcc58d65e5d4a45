#include "pipelines/ice/servers/server_connection.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/gobject_type.h"

#include <utility>

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace turnout {
namespace {

std::string take(char* text) {
  const Owned<char> owned(text);
  return text ? text : "";
}

ServerCertificate describe(GTlsCertificate* certificate) {
  ServerCertificate out;
  out.subject = take(g_tls_certificate_get_subject_name(certificate));
  out.issuer = take(g_tls_certificate_get_issuer_name(certificate));
  if (const Owned<GDateTime> end(g_tls_certificate_get_not_valid_after(certificate)); end)
    out.expires = take(g_date_time_format_iso8601(end.get()));
  return out;
}

bool hasSubjectAltName(GTlsCertificate* certificate) {
  bool has_some = false;
  for (GPtrArray* names : {g_tls_certificate_get_dns_names(certificate),
                           g_tls_certificate_get_ip_addresses(certificate)}) {
    has_some |= names && names->len > 0;
    if (names)
      g_ptr_array_unref(names);
  }
  return has_some;
}

// GnuTLS asks it for a certificate when the server does: it has none, and remembers.
struct AskedFlag {
  std::shared_ptr<bool> is_asked;
};

Ref<GTlsInteraction> interactionNoting(std::shared_ptr<bool> is_asked) {
  static const GType type = defineType<GTlsInteraction, GTlsInteractionClass, AskedFlag>(
      "TurnoutClientCertificateWatch", G_TYPE_TLS_INTERACTION, [](GTlsInteractionClass* klass) {
        klass->request_certificate = [](GTlsInteraction* self, GTlsConnection*,
                                        GTlsCertificateRequestFlags, GCancellable*, GError**) {
          *stateOf<GTlsInteraction, AskedFlag>(self).is_asked = true;
          return G_TLS_INTERACTION_UNHANDLED;
        };
      });
  auto* made = static_cast<GTlsInteraction*>(g_object_new(type, nullptr));
  stateOf<GTlsInteraction, AskedFlag>(made).is_asked = std::move(is_asked);
  return Ref<GTlsInteraction>::adopt(made);
}

}  // namespace

Result<Ref<GTlsDatabase>> trustFrom(const std::string& ca_file) {
  const Owned<char> path(g_canonicalize_filename(ca_file.c_str(), nullptr));
  Owned<GError> error;
  auto trust = Ref<GTlsDatabase>::adopt(g_tls_file_database_new(path.get(), error.out()));
  if (!trust)
    return Error{ErrorCode::kIo, "CA file " + ca_file + ": " + error->message};
  return trust;
}

CertificateFault certificateFaultOf(GTlsCertificateFlags flags) {
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return CertificateFault::kUnknownIssuer;
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return CertificateFault::kOtherHost;
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return CertificateFault::kExpired;
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return CertificateFault::kNotValidYet;
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return CertificateFault::kRevoked;
  if (flags & G_TLS_CERTIFICATE_INSECURE)
    return CertificateFault::kInsecure;
  return flags ? CertificateFault::kInvalid : CertificateFault::kNone;
}

ServerFault serverFaultOf(const GError& error) {
  if (error.domain == G_TLS_ERROR)
    return error.code == G_TLS_ERROR_BAD_CERTIFICATE        ? ServerFault::kCertificate
           : error.code == G_TLS_ERROR_CERTIFICATE_REQUIRED ? ServerFault::kClientCertificate
                                                            : ServerFault::kNoTls;
  if (error.domain == G_RESOLVER_ERROR)
    return error.code == G_RESOLVER_ERROR_TEMPORARY_FAILURE ? ServerFault::kTimeout
                                                            : ServerFault::kUnknownName;
  if (error.domain != G_IO_ERROR)
    return ServerFault::kOurSide;
  switch (error.code) {
    case G_IO_ERROR_CANCELLED:  // by our limit
    case G_IO_ERROR_TIMED_OUT:
      return ServerFault::kTimeout;
    case G_IO_ERROR_CONNECTION_REFUSED:
      return ServerFault::kRefused;
    case G_IO_ERROR_HOST_UNREACHABLE:
    case G_IO_ERROR_NETWORK_UNREACHABLE:
    case G_IO_ERROR_PERMISSION_DENIED:  // ICMP "administratively prohibited"
      return ServerFault::kUnreachable;
    case G_IO_ERROR_CONNECTION_CLOSED:  // also its alias, a broken pipe
      return ServerFault::kClosed;
    case G_IO_ERROR_NOT_FOUND:
    case G_IO_ERROR_HOST_NOT_FOUND:
      return ServerFault::kUnknownName;
    default:
      return ServerFault::kOurSide;
  }
}

std::string errorCause(const std::string& message) {
  const auto colon = message.rfind(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

Ref<GSocketClient> socketClientFor(const IceServer& server, const std::string& local_address) {
  auto client = Ref<GSocketClient>::adopt(g_socket_client_new());
  g_socket_client_set_tls(client.get(), server.transport == TurnTransport::kTls);
  g_socket_client_set_enable_proxy(client.get(), FALSE);
  if (local_address.empty())
    return client;
  const auto local =
      Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string(local_address.c_str(), 0));
  g_socket_client_set_local_address(client.get(), local.get());
  g_socket_client_set_family(client.get(), g_socket_address_get_family(local.get()));
  return client;
}

void setNoDelay(GSocketConnection* connection) {
  g_socket_set_option(g_socket_connection_get_socket(connection), IPPROTO_TCP, TCP_NODELAY, 1,
                      nullptr);
}

void TlsJudge::begin(GTlsConnection* tls, const IceServer& server, GTlsDatabase* trust) {
  is_verifying_ = server.tls_verify;
  // Also when an address was given, as by 300 Try Alternate: the certificate is for the host.
  const auto identity =
      Ref<GSocketConnectable>::adopt(g_network_address_new(server.host.c_str(), server.port));
  g_tls_client_connection_set_server_identity(G_TLS_CLIENT_CONNECTION(tls), identity.get());
  if (trust)
    g_tls_connection_set_database(tls, trust);
  g_tls_connection_set_interaction(tls, interactionNoting(wants_client_certificate_).get());
  // Emitted only for a certificate that GLib would refuse.
  accept_ = connect<gboolean(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags)>(
      tls, "accept-certificate",
      [this](GTlsConnection*, GTlsCertificate* certificate, GTlsCertificateFlags flags) {
        certificate_ = describe(certificate);
        certificate_->fault = certificateFaultOf(flags);
        if (certificate_->fault == CertificateFault::kOtherHost && !hasSubjectAltName(certificate))
          certificate_->fault = CertificateFault::kNoName;
        return is_verifying_ ? FALSE : TRUE;
      });
}

ServerFault TlsJudge::faultOf(GSocketConnection* connection) {
  accept_.disconnect();
  GTlsConnection* tls = G_TLS_CONNECTION(
      g_tcp_wrapper_connection_get_base_io_stream(G_TCP_WRAPPER_CONNECTION(connection)));
  GTlsCertificate* certificate = g_tls_connection_get_peer_certificate(tls);
  if (certificate && !certificate_)
    certificate_ = describe(certificate);
  if (g_tls_connection_get_protocol_version(tls) < G_TLS_PROTOCOL_VERSION_TLS_1_2)
    return ServerFault::kTlsTooOld;
  if (*wants_client_certificate_)
    return ServerFault::kClientCertificate;
  if (!is_verifying_ || !certificate || hasSubjectAltName(certificate))
    return ServerFault::kNone;
  certificate_->fault = CertificateFault::kNoName;
  return ServerFault::kCertificate;
}

ServerFault TlsJudge::faultOf(const GError& error) const {
  if (is_verifying_ && certificateFault() != CertificateFault::kNone)
    return ServerFault::kCertificate;
  return *wants_client_certificate_ ? ServerFault::kClientCertificate : serverFaultOf(error);
}

namespace {

// Lives until the resolver has answered.
struct Lookup {
  std::function<void(HostAddresses)> on_done;
  Ref<GCancellable> cancellable = Ref<GCancellable>::adopt(g_cancellable_new());
  Timer limit = {};
};

HostAddresses takeAnswer(GResolver* resolver, GAsyncResult* answer) {
  Owned<GError> error;
  GList* list = g_resolver_lookup_by_name_finish(resolver, answer, error.out());
  if (!list)
    return {{}, serverFaultOf(*error.get()), errorCause(error->message)};
  HostAddresses addresses;
  for (const GList* item = list; item; item = item->next)
    addresses.literals.emplace_back(
        Owned<char>(g_inet_address_to_string(static_cast<GInetAddress*>(item->data))).get());
  g_resolver_free_addresses(list);
  return addresses;
}

}  // namespace

void lookUpHost(Loop& loop, const std::string& host, std::function<void(HostAddresses)> on_done,
                Duration limit) {
  auto* lookup = new Lookup{std::move(on_done)};
  lookup->limit = loop.after(limit, [lookup] { g_cancellable_cancel(lookup->cancellable.get()); });
  const auto resolver = Ref<GResolver>::adopt(g_resolver_get_default());
  g_resolver_lookup_by_name_async(
      resolver.get(), host.c_str(), lookup->cancellable.get(),
      [](GObject* source, GAsyncResult* answer, gpointer data) {
        const std::unique_ptr<Lookup> done(static_cast<Lookup*>(data));
        done->limit.cancel();
        done->on_done(takeAnswer(G_RESOLVER(source), answer));
      },
      lookup);
}

}  // namespace turnout
