// A hostile server: the first byte picks a shipped dialect, each line is a message of the server's ("EVENT
// JSON...", "ACK JSON..." for the last message that asked, or a time) or a request of the bot's ("?"). Never
// a crash, and nothing grows without bound: what waits, and what is told for one message.
#include "bots/signaling/dialect/dialect_session.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace turnout;

namespace {

constexpr int kMostRequests = 16;

const std::vector<std::shared_ptr<const Dialect>>& dialects() {
  static const auto all = [] {
    std::vector<std::shared_ptr<const Dialect>> read;
    for (const std::string& name : shippedDialects()) {
      ScenarioProblems problems;
      read.push_back(std::make_shared<Dialect>(readDialect(*shippedDialect(name), problems)));
      TURNOUT_CHECK(problems.empty(), "a shipped dialect is good");
    }
    return read;
  }();
  return all;
}

// The rest of a line as values: of a list, so that their order stays.
std::vector<JsonValue> valuesOf(std::string_view text) {
  const auto list = JsonValue::parse("[" + std::string(text) + "]");
  if (list.hasValue())
    return list->elements();
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto directory = std::make_shared<DialectDirectory>();
  DialectSession session(
      dialects()[data[0] % dialects().size()],
      {.user = "ann", .room = "r", .pool = "p", .seed = 1, .directory = directory});
  Instant now = fromNs(1'000'000'000);
  session.onConnected(now, "me");
  std::uint64_t ack = 0;
  int request = 0;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, space);
    const std::string_view values = line.substr(std::min(space + 1, line.size()));
    if (word == "?" && request == kMostRequests)
      continue;  // the server is hostile, not the bot
    if (word == "?") {
      session.request(now, static_cast<SignalRequest>(1 + request++ % 8), "ben");
      session.describe(now, "b", 1, "offer", "v=0");
      session.sendCandidate(now, "b", 1, 0, "0", "candidate:1");
    } else if (word == "ACK") {
      session.onAcknowledged(now, ack, valuesOf(values));
    } else if (word == "TIME") {
      session.onTime(now += 1s);
    } else {
      session.onHeard(now, {std::string(word), valuesOf(values)});
    }
    for (const auto& emit : session.takeEmits())
      ack = emit.ack != 0 ? emit.ack : ack;
    TURNOUT_CHECK(session.takeEvents().size() <= 200'000, "events for one message");
    TURNOUT_CHECK(session.stuck().size() <= DialectSession::kMostWaiting, "a bound");
  }
  session.onGone(now, "gone");
  return 0;
}
