#include "orchestrator/ice_servers/supply/environment_secrets.h"

#include "orchestrator/ice_servers/read/text_file.h"
#include "pipelines/base/log.h"

#include <cstdlib>

namespace turnout {
namespace {

// Takes the values one by one; the first that is missing is the error of all.
class SecretTaking {
 public:
  explicit SecretTaking(const TurnArm& arm) : arm_(arm.name) {}

  void fromVariable(const std::string& variable, Secret& into) {
    if (variable.empty() || error_)
      return;
    const char* value = std::getenv(variable.c_str());
    if (value && *value != '\0')
      into = Secret(value);
    else
      fail("the environment variable " + variable + " is " + (value ? "empty" : "not set"));
  }

  void fromVariable(const std::string& variable, std::string& into) {
    Secret value(into);
    fromVariable(variable, value);
    into = value.reveal();
  }

  void fromFile(const std::string& file, Secret& into) {
    if (file.empty() || error_)
      return;
    auto value = readSecretFile(file);
    if (!value)
      return fail(value.error().what);
    if (mayEverybodyRead(file))
      log(LogLevel::kWarning, "servers", "every user may read " + file + ": chmod 600");
    into = *std::move(value);
  }

  Result<Done> result() const { return error_ ? Result<Done>(*error_) : Done{}; }

 private:
  void fail(const std::string& what) {
    error_ = Error{ErrorCode::kEnvironment, what + "; it is for arm \"" + arm_ + "\""};
  }

  const std::string arm_;
  std::optional<Error> error_;
};

void takeFor(CredentialProvider& provider, SecretTaking& taking) {
  taking.fromVariable(provider.account_env, provider.account);
  taking.fromVariable(provider.token_env, provider.token);
  taking.fromFile(provider.token_file, provider.token);
  provider.url = Secret(provider.base_url);
  taking.fromVariable(provider.url_env, provider.url);
  for (ProviderHeader& header : provider.headers)
    taking.fromVariable(header.value_env, header.value);
}

}  // namespace

Result<Done> takeSecretsFromEnvironment(TurnArm& arm) {
  SecretTaking taking(arm);
  for (ScenarioServer& server : arm.ice_servers) {
    taking.fromVariable(server.credential_env, server.credential);
    taking.fromVariable(server.rest_secret_env, server.rest_secret);
    if (auto* provider = server.source ? std::get_if<CredentialProvider>(&*server.source) : nullptr)
      takeFor(*provider, taking);
  }
  return taking.result();
}

Result<Done> takeSecretsFromEnvironment(Scenario& scenario) {
  for (TurnArm& arm : scenario.turn)
    if (auto taken = takeSecretsFromEnvironment(arm); !taken)
      return taken;
  return Done{};
}

}  // namespace turnout
