#include "tests/support/coturn.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace turnout {
namespace {

bool bindsTo(GSocketType type, std::uint16_t& port) {
  const auto socket = Ref<GSocket>::adopt(
      g_socket_new(G_SOCKET_FAMILY_IPV4, type, G_SOCKET_PROTOCOL_DEFAULT, nullptr));
  const auto address =
      Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("127.0.0.1", port));
  if (!g_socket_bind(socket.get(), address.get(), FALSE, nullptr))
    return false;
  const auto bound = Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket.get(), nullptr));
  port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get()));
  return true;
}

// A server of tests may hold a port on ::1 that is free on 127.0.0.1. Where there is no IPv6,
// nobody does.
bool isFreeOnIpv6(GSocketType type, std::uint16_t port) {
  Owned<GError> error;
  const auto socket = Ref<GSocket>::adopt(
      g_socket_new(G_SOCKET_FAMILY_IPV6, type, G_SOCKET_PROTOCOL_DEFAULT, nullptr));
  if (!socket)
    return true;
  const auto address =
      Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("::1", port));
  return g_socket_bind(socket.get(), address.get(), FALSE, error.out()) ||
         !g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

bool acceptsTcp(std::uint16_t port) {
  const auto client = Ref<GSocketClient>::adopt(g_socket_client_new());
  const auto connection = Ref<GSocketConnection>::adopt(
      g_socket_client_connect_to_host(client.get(), "127.0.0.1", port, nullptr, nullptr));
  return static_cast<bool>(connection);
}

Ref<GSubprocess> start(const std::vector<const char*>& arguments) {
  const auto launcher =
      Ref<GSubprocessLauncher>::adopt(g_subprocess_launcher_new(static_cast<GSubprocessFlags>(
          G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE)));
  // A test that crashes takes its server along.
  g_subprocess_launcher_set_child_setup(
      launcher.get(), [](gpointer) { prctl(PR_SET_PDEATHSIG, SIGKILL); }, nullptr, nullptr);
  std::vector<const char*> argv = arguments;
  argv.push_back(nullptr);
  return Ref<GSubprocess>::adopt(
      g_subprocess_launcher_spawnv(launcher.get(), argv.data(), nullptr));
}

}  // namespace

// Above the range of outgoing connections (net.ipv4.ip_local_port_range), which other tests take
// sockets from all the time, on any address; each process begins somewhere else.
std::uint16_t freePort() {
  constexpr unsigned kFirst = 61'000, kPorts = 4'000, kStride = 37;
  static unsigned next = static_cast<unsigned>(getpid()) * kStride;
  for (;;) {
    auto port = static_cast<std::uint16_t>(kFirst + next++ % kPorts);
    if (bindsTo(G_SOCKET_TYPE_STREAM, port) && bindsTo(G_SOCKET_TYPE_DATAGRAM, port) &&
        isFreeOnIpv6(G_SOCKET_TYPE_STREAM, port) && isFreeOnIpv6(G_SOCKET_TYPE_DATAGRAM, port))
      return port;
  }
}

IceServer turnServer(const std::string& url, const std::string& user, const std::string& password) {
  IceServer server = *parseIceServerUrl(url);
  server.username = user;
  server.credential = Secret(password);
  return server;
}

Coturn::Coturn(const CoturnOptions& options)
    : directory_(Owned<char>(g_dir_make_tmp("turnout-coturn-XXXXXX", nullptr)).get()),
      certificate_(directory_ + "/certificate.pem"),
      port_(freePort()),
      tls_port_(freePort()),
      user_(options.users.begin()->first),
      password_(options.users.begin()->second) {
  makeCertificate();
  const std::string file = directory_ + "/turnserver.conf";
  std::ofstream(file) << configuration(options);
  process_ = start({"turnserver", "-c", file.c_str()});
  if (!process_ || !answersWithin(10s)) {
    ADD_FAILURE() << "turnserver (package coturn) does not start:\n" << log();
    process_.reset();
  }
}

Coturn::~Coturn() {
  if (process_) {
    g_subprocess_force_exit(process_.get());
    g_subprocess_wait(process_.get(), nullptr, nullptr);
  }
  std::filesystem::remove_all(directory_);
}

void Coturn::makeCertificate() {
  const std::string key = directory_ + "/key.pem";
  const auto openssl =
      start({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key.c_str(), "-out",
             certificate_.c_str()});
  ASSERT_TRUE(openssl && g_subprocess_wait_check(openssl.get(), nullptr, nullptr))
      << "openssl cannot make a certificate";
}

std::string Coturn::configuration(const CoturnOptions& options) const {
  std::ostringstream out;
  out << "listening-ip=127.0.0.1\nrelay-ip=" << options.relay_ip << "\nlistening-port=" << port_
      << "\ntls-listening-port=" << tls_port_ << "\ncert=" << certificate_
      << "\npkey=" << directory_ << "/key.pem\nuserdb=" << directory_
      << "/users.sqlite\nlog-file=" << directory_ << "/turn.log\npidfile=" << directory_
      << "/turn.pid\nsimple-log\nverbose\nno-cli\nno-dtls\nallow-loopback-peers\nrealm=turnout."
         "test\n"
      << options.authentication << "\n";
  for (const auto& [user, password] : options.users)
    out << "user=" << user << ":" << password << "\n";
  for (const std::string& line : options.extra)
    out << line << "\n";
  return out.str();
}

// The TLS port always listens on TCP, whatever the options switch off; UDP may come later, and the
// line in the log after it.
bool Coturn::answersWithin(Duration limit) const {
  const Instant end = now() + limit;
  while (now() < end) {
    if (acceptsTcp(tls_port_) && log().find("Total General servers") != std::string::npos)
      return true;
    std::this_thread::sleep_for(10ms);  // nothing tells when another process listens
  }
  return false;
}

IceServer Coturn::server(TurnTransport transport) const {
  const bool is_tls = transport == TurnTransport::kTls;
  IceServer server = turnServer((is_tls ? "turns:127.0.0.1:" : "turn:127.0.0.1:") +
                                    std::to_string(is_tls ? tls_port_ : port_) + "?transport=" +
                                    (transport == TurnTransport::kUdp ? "udp" : "tcp"),
                                user_, password_);
  if (is_tls)
    server.tls_ca_file = certificate_;
  return server;
}

IceServer Coturn::stunServer() const {
  return *parseIceServerUrl("stun:127.0.0.1:" + std::to_string(port_));
}

std::string Coturn::log() const {
  std::ifstream file(directory_ + "/turn.log");
  return {std::istreambuf_iterator<char>(file), {}};
}

TlsServer::TlsServer(const Setup& setup)
    : directory_(Owned<char>(g_dir_make_tmp("turnout-tls-XXXXXX", nullptr)).get()),
      port_(freePort()) {
  const std::string key = directory_ + "/key.pem", certificate = directory_ + "/certificate.pem";
  const std::string alt_name = "subjectAltName=" + setup.alt_name;
  std::vector<const char*> request{"openssl",
                                   "req",
                                   "-x509",
                                   "-newkey",
                                   "ec",
                                   "-pkeyopt",
                                   "ec_paramgen_curve:prime256v1",
                                   "-nodes",
                                   "-days",
                                   "2",
                                   "-subj",
                                   "/CN=127.0.0.1",
                                   "-keyout",
                                   key.c_str(),
                                   "-out",
                                   certificate.c_str()};
  if (!setup.alt_name.empty())
    request.insert(request.end(), {"-addext", alt_name.c_str()});
  const auto made = start(request);
  EXPECT_TRUE(made && g_subprocess_wait_check(made.get(), nullptr, nullptr));
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  std::vector<const char*> serve{"openssl",           "s_server",      "-www",
                                 "-accept",           address.c_str(), "-cert",
                                 certificate.c_str(), "-key",          key.c_str()};
  for (const std::string& option : setup.options)
    serve.push_back(option.c_str());
  process_ = start(serve);
  const Instant end = now() + 10s;
  while (!acceptsTcp(port_) && now() < end)
    std::this_thread::sleep_for(10ms);  // nothing tells when another process listens
}

TlsServer::~TlsServer() {
  g_subprocess_force_exit(process_.get());
  g_subprocess_wait(process_.get(), nullptr, nullptr);
  std::filesystem::remove_all(directory_);
}

IceServer TlsServer::server() const {
  IceServer server = turnServer("turns:127.0.0.1:" + std::to_string(port_), "bot", "botpw");
  server.tls_ca_file = directory_ + "/certificate.pem";
  return server;
}

}  // namespace turnout
