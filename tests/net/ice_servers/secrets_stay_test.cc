// The built programs with real credentials: coturn takes them, and no secret is to be found in what
// is written, printed or shown to other users of the machine.
#include "orchestrator/ice_servers/supply/credential_endpoint.h"
#include "orchestrator/services/coturn_process.h"
#include "tests/net/ice_servers/provider_server.h"
#include "tests/net/program/turnout_program.h"

#include <filesystem>

#include <gmock/gmock.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SecretsStay : public test::TurnoutProgram {
 protected:
  void TearDown() override { serving_.reset(); }

  void startCoturn(Placeholder::Kind kind) {
    std::optional<bool> up;
    auto started =
        CoturnProcess::start(loop_, {.kind = kind,
                                     .log_file = path("coturn.log"),
                                     .on_started = [&](Result<Done> how) { up = how.hasValue(); },
                                     .on_exit = [](const std::string&) {}});
    ASSERT_TRUE(started) << started.error().what;
    coturn_ = *std::move(started);
    ASSERT_TRUE(loop_.runUntil([&] { return up.has_value(); }, 10s));
    ASSERT_TRUE(*up);
  }
  std::string turnUrl() const {
    return "turn:127.0.0.1:" + std::to_string(coturn_->service().port);
  }

  // `turnout serve` with these options; its URL.
  std::string serve(std::vector<std::string> words,
                    std::vector<std::pair<std::string, std::string>> environment) {
    words.insert(words.begin(), {TURNOUT_PROGRAM, "serve", "--listen", "127.0.0.1:0"});
    auto started = Subprocess::start(loop_, {.argv = words,
                                             .environment = std::move(environment),
                                             .output = Subprocess::OutputToLines{[this](auto line) {
                                               served_ += std::string(line) + "\n";
                                             }}});
    EXPECT_TRUE(started) << started.error().what;
    serving_ = *std::move(started);
    constexpr const char* kBefore = "signaling at ";
    EXPECT_TRUE(until([&] { return served_.find(kBefore) != std::string::npos; })) << served_;
    const auto begin = served_.find(kBefore) + std::string(kBefore).size();
    return served_.substr(begin, served_.find(',', begin) - begin);
  }

  std::string runRelayed(const std::string& url, const std::string& authorization) {
    launchAs({TURNOUT_PROGRAM, "run",
              write("scenario.json",
                    test::scenarioText(R"({"name": "relayed", "policy": "relay", "ice_servers": [
                                          {"http": {"url": ")" +
                                           url + R"(",
                                           "headers_env": {"Authorization": "APP_AUTH"}}}]})",
                                       2, R"(, "thresholds": {"success_rate": ["rate>=1"]})")),
              "--out", path("run")},
             {{"APP_AUTH", authorization}});
    return ending();
  }

  // Files of the run, what the programs printed, and their command lines, that hold `secret`.
  std::vector<std::string> placesOf(const std::string& secret) {
    std::vector<std::string> places;
    const auto look = [&](const std::string& place, const std::string& text) {
      if (text.find(secret) != std::string::npos)
        places.push_back(place);
    };
    for (const auto& file : std::filesystem::recursive_directory_iterator(path("run")))
      if (file.is_regular_file())
        look(file.path(), read(file.path()));
    look("what was printed", output_ + served_);
    if (serving_)
      look("command line", read("/proc/" + std::to_string(serving_->pid()) + "/cmdline"));
    return places;
  }

  std::unique_ptr<CoturnProcess> coturn_;
  std::unique_ptr<Subprocess> serving_;
  std::string served_;
};

TEST_F(SecretsStay, CoturnTakesWhatOurEndpointHandsOutAndTheSecretStays) {
  startCoturn(Placeholder::Kind::kCoturnRest);
  const std::string secret = std::get<CoturnRestSecret>(coturn_->service().access).secret.reveal();
  const std::string list =
      write("list.json", R"([{"urls": ")" + turnUrl() + R"(", "rest": {"secret_env": "SHARED"}}])");
  const std::string url = serve({"--ice-servers", list, "--credentials-per-minute", "1000"},
                                {{"SHARED", secret}, {"TURNOUT_SERVE_TOKEN", "hunter2"}});
  EXPECT_EQ(runRelayed(url + CredentialEndpoint::kPath, "Bearer hunter2"), "exit 0") << output_;
  EXPECT_THAT(placesOf(secret), IsEmpty());
  EXPECT_THAT(placesOf("hunter2"), IsEmpty());
}

TEST_F(SecretsStay, WhatAProviderHandsOutIsUsedAndNotWrittenDown) {
  startCoturn(Placeholder::Kind::kCoturn);
  const auto user = std::get<CoturnUser>(coturn_->service().access);
  ProviderServer provider(loop_, [&](const ProviderServer::Asked&) {
    return ProviderServer::Reply{200, R"([{"urls": ")" + turnUrl() + R"(", "username": ")" +
                                          user.name + R"(", "credential": ")" +
                                          user.password.reveal() + R"("}])"};
  });
  EXPECT_EQ(runRelayed(provider.url(), "Bearer hunter2"), "exit 0") << output_;
  EXPECT_EQ(provider.asked().at(0).authorization, "Bearer hunter2");
  EXPECT_THAT(placesOf(user.password.reveal()), IsEmpty());
  EXPECT_THAT(placesOf("hunter2"), IsEmpty());
}

TEST_F(SecretsStay, AProviderThatRefusesStopsTheRunWithTheReason) {
  ProviderServer provider(loop_, [&](const ProviderServer::Asked&) {
    return ProviderServer::Reply{401, R"({"message": "who is hunter2?"})"};
  });
  EXPECT_EQ(runRelayed(provider.url(), "Bearer hunter2"), "exit 106");
  EXPECT_THAT(output_, HasSubstr("arm \"relayed\": http answered 401 (\"who is ***?\")"));
  EXPECT_THAT(placesOf("hunter2"), IsEmpty());
}

TEST_F(SecretsStay, AVariableThatIsNotSetStopsServeAndIsNamed) {
  const std::string list =
      write("list.json", R"([{"urls": "turn:a.example", "rest": {"secret_env": "NO_SUCH"}}])");
  EXPECT_EQ(run({"serve", "--listen", "127.0.0.1:0", "--ice-servers", list}), "exit 106");
  EXPECT_THAT(output_, HasSubstr("the environment variable NO_SUCH is not set"));
}

}  // namespace
}  // namespace turnout
