// A dialect is read whatever it is; one without problems is explained, and performed against itself: what
// it sends is heard as if the app sent it back.

#include "bots/signaling/dialect/dialect.h"
#include "bots/signaling/dialect/dialect_session.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace turnout;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ScenarioProblems problems;
  const auto dialect = std::make_shared<Dialect>(readDialect(text, problems));
  if (!problems.empty())
    return 0;
  TURNOUT_CHECK(!explained(*dialect).empty(), "an explanation");
  DialectSession session(dialect, {.user = "ann", .room = "r", .pool = "p", .seed = 1});
  Instant now = fromNs(1'000'000'000);
  session.onConnected(now, "me");
  for (int request = 0; request < static_cast<int>(SignalRequest::kSignal); request++)
    session.request(now, static_cast<SignalRequest>(request), "ben");
  session.describe(now, "ben", 1, "offer", "v=0");
  session.sendCandidate(now, "ben", 1, 0, "0", "candidate:1");
  session.sendCandidate(now, "ben", 1, 0, "", "");
  for (int round = 0; round < 20; round++) {
    for (const auto& emit : session.takeEmits()) {
      std::vector<JsonValue> arguments;
      for (const std::string& argument : emit.arguments)
        arguments.push_back(*JsonValue::parse(argument));
      session.onHeard(now, {emit.event, arguments});
      if (emit.ack != 0)
        session.onAcknowledged(now, emit.ack, arguments);
    }
    session.onTime(now += 1s);
  }
  TURNOUT_CHECK(session.stuck().size() <= DialectSession::kMostWaiting, "a bound");
  return 0;
}
