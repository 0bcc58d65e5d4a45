#include "orchestrator/run/progress.h"

#include "orchestrator/results/fold/figures.h"
#include "orchestrator/statistics/proportions.h"
#include "orchestrator/statistics/quantiles.h"
#include "scenarios/plan.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace turnout {
namespace {

constexpr std::size_t kBarWidth = 16;
constexpr std::size_t kNameWidth = 20;
constexpr std::size_t kMostArms = 16;  // a terminal has some 24 lines

std::string secondsText(Duration time) {
  return std::to_string(static_cast<int>(std::ceil(toMs(time) / 1000))) + " s";
}

std::string countsText(const ProgressCounts& counts) {
  std::string text = std::to_string(counts.started) + " of " + std::to_string(counts.planned) +
                     " calls started, " + std::to_string(counts.connected) + " connected";
  if (counts.failed > 0)
    text += ", " + std::to_string(counts.failed) + " failed";
  if (counts.aborted > 0)
    text += ", " + std::to_string(counts.aborted) + " lost";
  return text;
}

std::string timeText(const Progress& progress, Instant at) {
  switch (progress.phase()) {
    case Progress::Phase::kStarting:
      return "starting servers and bot hosts";
    case Progress::Phase::kFinished:
      return "finished";
    case Progress::Phase::kRunning:
      break;
  }
  const Duration elapsed = std::max(Duration::zero(), progress.elapsed(at));
  const Duration left = progress.left(at);
  return secondsText(elapsed) +
         (left > Duration::zero() ? ", about " + secondsText(left) + " left" : ", last calls end");
}

// Calls started a second so far; nothing before there is a second to speak of.
std::string rateText(const Progress& progress, int started, Instant at) {
  const double seconds = toMs(progress.elapsed(at)) / 1000;
  if (progress.phase() != Progress::Phase::kRunning || seconds < 1)
    return "";
  char text[32];
  std::snprintf(text, sizeof text, ", %.1f calls/s", started / seconds);
  return text;
}

// '#' connected, 'x' failed, '?' lost, '-' started, '.' still to come.
std::string bar(const ProgressCounts& arm) {
  std::string text;
  int calls = 0;
  const auto fillTo = [&](int more, char mark) {
    calls += more;
    const auto end = kBarWidth * static_cast<std::size_t>(calls) /
                     static_cast<std::size_t>(std::max(1, arm.planned));
    text.resize(std::max(text.size(), end), mark);
  };
  fillTo(arm.connected, '#');
  fillTo(arm.failed, 'x');
  fillTo(arm.aborted, '?');
  fillTo(std::max(0, arm.started - calls), '-');
  text.resize(kBarWidth, '.');
  return text;
}

// ": 97.5 % (91-99 %), p50 310 ms", of the calls that have come so far.
std::string ratesText(const ProgressCounts& arm) {
  const int known = arm.connected + arm.failed;
  if (known == 0)
    return "";
  const Proportion rate{arm.connected, known};
  std::string text = ": " + percentText(rate.rate()) + " (" +
                     intervalText(wilson95(rate.successes, rate.trials)) + ")";
  const Sample times(arm.connect_ms);
  for (const auto& [percentile, name] : {std::pair{50, ", p50 "}, {95, ", p95 "}})
    if (const auto ms = times.percentile(percentile))
      text += name + millisecondsText(*ms);
  return text;
}

std::string armCountsText(const ProgressCounts& arm) {
  std::string text = std::to_string(arm.connected) + "/" + std::to_string(arm.planned);
  if (arm.failed > 0)
    text += ", " + std::to_string(arm.failed) + " failed";
  if (arm.aborted > 0)
    text += ", " + std::to_string(arm.aborted) + " lost";
  return text;
}

std::string armLine(const ProgressCounts& arm, std::size_t name_width) {
  std::string name = arm.name.substr(0, name_width);
  name.resize(name_width, ' ');
  return "  " + name + " [" + bar(arm) + "] " + armCountsText(arm) + ratesText(arm);
}

std::string lineOf(const Progress& progress, const std::vector<ProgressCounts>& arms, Instant at) {
  const std::string time = progress.name() + ": " + timeText(progress, at);
  if (progress.phase() == Progress::Phase::kStarting)
    return time;
  const ProgressCounts total = Progress::totalOf(arms);
  return time + "; " + countsText(total) + rateText(progress, total.started, at);
}

}  // namespace

Progress::Progress(const Scenario& scenario, const Fold& fold) : scenario_(scenario), fold_(fold) {}

Progress::Phase Progress::phase() const {
  if (fold_.isOver())
    return Phase::kFinished;
  return fold_.epoch() ? Phase::kRunning : Phase::kStarting;
}

std::vector<ProgressCounts> Progress::arms() const {
  std::vector<ProgressCounts> arms;
  for (const TurnArm& arm : scenario_.turn)
    arms.push_back({.name = arm.name});
  for (const CallOutcome& call : fold_.calls()) {
    ProgressCounts& arm = arms.at(static_cast<std::size_t>(call.arm));
    arm.planned++;
    arm.started += call.started ? 1 : 0;
    if (call.state == CallState::kFailed)
      arm.failed++;
    else if (call.state == CallState::kAborted)
      arm.aborted++;
    else if (call.connect_time) {
      arm.connected++;
      arm.connect_ms.push_back(toMs(*call.connect_time));
    }
  }
  return arms;
}

ProgressCounts Progress::totalOf(const std::vector<ProgressCounts>& arms) {
  ProgressCounts sum;
  for (const ProgressCounts& arm : arms) {
    sum.planned += arm.planned;
    sum.started += arm.started;
    sum.connected += arm.connected;
    sum.failed += arm.failed;
    sum.aborted += arm.aborted;
  }
  return sum;
}

std::string Progress::lastFailure() const {
  const CallOutcome* last = nullptr;
  for (const CallOutcome& call : fold_.calls()) {
    if (call.failure && (!last || call.failure->at >= last->failure->at))
      last = &call;
  }
  if (!last)
    return "";
  return "call " + std::to_string(last->call) + " of " +
         scenario_.turn.at(static_cast<std::size_t>(last->arm)).name + ": " +
         std::string(toString(last->failure->cause));
}

Duration Progress::elapsed(Instant at) const {
  return fold_.epoch() ? at - *fold_.epoch() : Duration::zero();
}

Duration Progress::left(Instant at) const {
  return std::max(Duration::zero(), fold_.lastStart() + usualLength(scenario_) - elapsed(at));
}

std::vector<std::string> progressBlock(const Progress& progress, Instant at, std::size_t columns) {
  const std::vector<ProgressCounts> arms = progress.arms();
  std::size_t name_width = 0;
  for (const ProgressCounts& arm : arms)
    name_width = std::max(name_width, std::min(arm.name.size(), kNameWidth));
  std::vector<std::string> lines{lineOf(progress, arms, at)};
  for (const ProgressCounts& arm : arms) {
    if (lines.size() == kMostArms)
      break;
    lines.push_back(armLine(arm, name_width));
  }
  if (const std::string failure = progress.lastFailure(); !failure.empty())
    lines.push_back("  last failure: " + failure);
  for (std::string& line : lines)
    line.resize(std::min(line.size(), columns));
  return lines;
}

std::string progressLine(const Progress& progress, Instant at) {
  return lineOf(progress, progress.arms(), at);
}

std::optional<std::string> noteOf(const Event& event) {
  if (const auto* host = std::get_if<HostExited>(&event.body); host && !host->expected)
    return "bot host " + std::to_string(host->host) + " died (" + host->how +
           "); its calls are lost";
  if (const auto* service = std::get_if<ServiceExited>(&event.body); service && !service->expected)
    return "the " + service->service + " service died (" + service->how + "); the run goes on";
  if (const auto* look = std::get_if<SampleJudged>(&event.body))
    return look->why + (look->outcome == "extended"
                            ? " The run grows to " + std::to_string(look->planned) + " calls."
                            : "");
  return std::nullopt;
}

}  // namespace turnout
