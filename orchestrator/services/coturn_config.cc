#include "orchestrator/services/coturn_config.h"

#include "pipelines/base/result.h"
#include "pipelines/base/subprocess.h"

#include <filesystem>
#include <vector>

namespace turnout {
namespace {

// Relay ports stay below Linux' range for outgoing connections (32768..60999), so that they never
// meet a bot's own sockets.
constexpr const char* kFixedPart =
    "min-port=10000\n"
    "max-port=32767\n"
    "no-multicast-peers\n"
    "no-cli\n"
    "no-dtls\n"
    "fingerprint\n"
    "realm=turnout\n"
    "simple-log\n"
    "new-log-timestamp\n";

std::string accessText(const CoturnConfig& config) {
  return std::visit(
      Overloaded{[](const CoturnUser& user) {
                   return "lt-cred-mech\nuser=" + user.name + ":" + user.password.reveal() + "\n";
                 },
                 [](const CoturnRestSecret& rest) {
                   return "use-auth-secret\nstatic-auth-secret=" + rest.secret.reveal() + "\n";
                 }},
      config.access);
}

std::string quotaText(const CoturnConfig& config) {
  return config.user_quota > 0 ? "user-quota=" + std::to_string(config.user_quota) + "\n" : "";
}

}  // namespace

std::string coturnConfigText(const CoturnConfig& config) {
  const bool is_loopback = config.address.starts_with("127.");
  return "listening-ip=" + config.address + "\nrelay-ip=" + config.address + "\n" + kFixedPart +
         (is_loopback ? "allow-loopback-peers\n" : "") +
         ("listening-port=" + std::to_string(config.port) + "\n") +
         "tls-listening-port=" + std::to_string(config.tls_port) + "\n" + accessText(config) +
         quotaText(config) + "cert=" + config.certificate_file + "\n" + "pkey=" + config.key_file +
         "\n" + "userdb=" + config.directory + "/turndb\n" + "pidfile=" + config.directory +
         "/pid\n" + "log-file=" + config.log_file + "\n";
}

bool tellsPortConflict(std::string_view log) {
  return log.find("Cannot bind") != std::string_view::npos;
}

namespace {

using Words = std::vector<std::string>;

Result<std::string> newCertificate(const std::string& subject, const std::string& key_file,
                                   const std::string& certificate_file, const Words& more) {
  Words argv{"openssl",
             "req",
             "-x509",
             "-newkey",
             "ec",
             "-pkeyopt",
             "ec_paramgen_curve:P-256",
             "-nodes",
             "-days",
             "2",
             "-subj",
             "/CN=" + subject,
             "-keyout",
             key_file,
             "-out",
             certificate_file};
  argv.insert(argv.end(), more.begin(), more.end());
  return Subprocess::run(argv);
}

}  // namespace

Result<LoopbackCertificate> makeLoopbackCertificate(const std::string& directory,
                                                    const std::string& address) {
  const LoopbackCertificate made{directory + "/ca.pem", directory + "/server.pem",
                                 directory + "/server.key"};
  const std::string ca_key = directory + "/ca.key";
  const auto ca = newCertificate(
      "turnout run CA", ca_key, made.ca_file,
      {"-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"});
  if (!ca)
    return ca.error();
  const auto server = newCertificate("localhost", made.key_file, made.certificate_file,
                                     {"-CA", made.ca_file, "-CAkey", ca_key, "-addext",
                                      "basicConstraints=critical,CA:FALSE", "-addext",
                                      "subjectAltName=DNS:localhost,IP:127.0.0.1" +
                                          (address == "127.0.0.1" ? "" : ",IP:" + address),
                                      "-addext", "extendedKeyUsage=serverAuth"});
  if (!server)
    return server.error();
  std::error_code ignored;  // it is of no use any more, and goes with the directory at the latest
  std::filesystem::remove(ca_key, ignored);
  return made;
}

}  // namespace turnout
