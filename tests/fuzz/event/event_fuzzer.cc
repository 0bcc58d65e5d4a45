// Any bytes as an event log: never a crash; a line that is accepted is written back as one that
// says the same; and whatever the log tells, the report of it can
// be made and read.
#include "bots/timeline/event.h"
#include "orchestrator/report/reports.h"
#include "orchestrator/results/fold/fold.h"
#include "pipelines/base/json.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnout {
namespace {

Scenario twoCalls() {
  Scenario scenario;
  scenario.turn = {{"a", false, {}}, {"b", true, {}}};
  return scenario;
}

void addLine(Fold& fold, std::string_view line) {
  const auto event = parseEventLine(line);
  if (!event)
    return fold.addUnreadableLine();
  const std::string written = eventLine(*event);
  const auto again = parseEventLine(written);
  TURNOUT_CHECK(again && eventLine(*again) == written, "an accepted line is written as another");
  fold.add(*event);
}

void reportLog(std::string_view log) {
  const Scenario scenario = twoCalls();
  Fold fold(scenario,
            Plan{1, 2, {{.id = 0, .seed = 1}, {.id = 1, .arm = 1, .start = 1s, .seed = 2}}});
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    addLine(fold, log.substr(0, end));
    log.remove_prefix(std::min(end + 1, log.size()));
  }
  const Summary summary = summarise(scenario, fold.finish());
  const Verdict verdict = judge(scenario, summary);
  TURNOUT_CHECK(!consoleReport(summary, verdict, Screen{}).empty(), "an empty report");
  TURNOUT_CHECK(JsonValue::parse(summaryJson(summary, verdict)), "summary.json is not JSON");
}

}  // namespace
}  // namespace turnout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  turnout::reportLog({reinterpret_cast<const char*>(data), size});
  return 0;
}
