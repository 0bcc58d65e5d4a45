#include "orchestrator/services/coturn_config.h"

#include "pipelines/base/result.h"

namespace turnout {
namespace {

// Relay ports stay below Linux' range for outgoing connections (32768..60999), so that they never
// meet a bot's own sockets.
constexpr const char* kFixedPart =
    "listening-ip=127.0.0.1\n"
    "relay-ip=127.0.0.1\n"
    "min-port=10000\n"
    "max-port=32767\n"
    "allow-loopback-peers\n"
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
  return kFixedPart + ("listening-port=" + std::to_string(config.port) + "\n") +
         "tls-listening-port=" + std::to_string(config.tls_port) + "\n" + accessText(config) +
         quotaText(config) + "cert=" + config.certificate_file + "\n" + "pkey=" + config.key_file +
         "\n" + "userdb=" + config.directory + "/turndb\n" + "pidfile=" + config.directory +
         "/pid\n" + "log-file=" + config.log_file + "\n";
}

bool tellsPortConflict(std::string_view log) {
  return log.find("Cannot bind") != std::string_view::npos;
}

}  // namespace turnout
