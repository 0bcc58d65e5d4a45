// `turnout probe` as a user runs it.
#include "tests/net/program/turnout_program.h"
#include "tests/support/coturn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ProbeCommand : public test::TurnoutProgram {
 protected:
  void SetUp() override {
    TurnoutProgram::SetUp();
    credential_file_ = write("credential", "botpw\n");
  }
  std::string probe(std::vector<std::string> words) {
    words.insert(words.begin(), "probe");
    return run(words);
  }
  std::vector<std::string> withUser(std::vector<std::string> words) const {
    words.insert(words.end(), {"--username", "bot", "--credential-file", credential_file_});
    return words;
  }

  const Coturn coturn_;
  std::string credential_file_;
};

TEST_F(ProbeCommand, PassesWhenEveryServerWorks) {
  EXPECT_EQ(probe(withUser({coturn_.server(TurnTransport::kUdp).url,
                            coturn_.server(TurnTransport::kTls).url, coturn_.stunServer().url,
                            "--ca", coturn_.certificate()})),
            "exit 0")
      << output_;
  EXPECT_THAT(output_, AllOf(HasSubstr("3 of 3 servers work"), HasSubstr("relay 127.0.0.1:"),
                             HasSubstr("no NAT"), Not(HasSubstr("botpw"))));
}

TEST_F(ProbeCommand, FailsWhenAServerThatWasGivenDoesNotWork) {
  const std::string dead = "turn:127.0.0.1:" + std::to_string(freePort());
  EXPECT_EQ(probe(withUser({coturn_.server(TurnTransport::kUdp).url, dead})), "exit 99");
  EXPECT_THAT(output_, AllOf(HasSubstr("1 of 2 servers works"), HasSubstr("Connection refused"),
                             HasSubstr("turn_unreachable: "), HasSubstr("To do: ")));
}

TEST_F(ProbeCommand, PassesWhenOnlyWhatWasTriedFails) {
  const std::string url =
      "turn:127.0.0.1:" + std::to_string(coturn_.server(TurnTransport::kUdp).port);
  EXPECT_EQ(probe(withUser({url, "--all-transports"})), "exit 0") << output_;
  EXPECT_THAT(output_, AllOf(HasSubstr("2 of 3 servers work"), HasSubstr("tried: TCP: ")));
}

TEST_F(ProbeCommand, WithoutACredentialAsksUpToTheChallenge) {
  EXPECT_EQ(probe({coturn_.server(TurnTransport::kTls).url, "--ca", coturn_.certificate(), "--json",
                   "-"}),
            "exit 98")
      << output_;
  const auto json = JsonValue::parse(output_);
  ASSERT_TRUE(json) << output_;
  const JsonValue server = json->get("servers").elements()[0];
  for (const char* step : {"tcp_ms", "tls_ms", "stun_ms"})
    EXPECT_TRUE(server.get(step).isPresent()) << step;
  EXPECT_EQ(server.get("certificate").get("verdict").asString(), "trusted");
  EXPECT_EQ(server.get("fault").get("cause").asString(), "turn_credential_missing");
  EXPECT_EQ(server.get("fault").get("code").asInteger(), 401);
}

TEST_F(ProbeCommand, TakesTheEnvironmentAndWritesJsonToStdout) {
  launchAs({TURNOUT_PROGRAM, "probe", "--json", "-"},
           {{"TURN_SERVERS", coturn_.server(TurnTransport::kTcp).url},
            {"TURN_USERNAME", "bot"},
            {"TURN_CREDENTIAL", "botpw"}});
  EXPECT_EQ(ending(), "exit 0");
  const auto json = JsonValue::parse(output_);
  ASSERT_TRUE(json) << output_;
  EXPECT_EQ(json->get("passes").asBool(), true);
  EXPECT_EQ(json->get("servers").elements()[0].get("released").asBool(), true);
}

TEST_F(ProbeCommand, TellsAllThatIsWrongWithItsInputAndAsksNothing) {
  EXPECT_EQ(probe(withUser({"turn:a:b:c", "http://turn.example.net"})), "exit 104");
  EXPECT_THAT(output_, AllOf(HasSubstr("turn:a:b:c"), HasSubstr("http://turn.example.net")));
  EXPECT_EQ(probe({}), "exit 104");
  EXPECT_EQ(probe(withUser({coturn_.server(TurnTransport::kTls).url, "--ca", credential_file_})),
            "exit 104");
  EXPECT_EQ(probe({"stun:127.0.0.1", "--timeout", "0"}), "exit 2");
  EXPECT_EQ(probe({"stun:127.0.0.1", "--local-address", "here"}), "exit 2");
}

}  // namespace
}  // namespace turnout
