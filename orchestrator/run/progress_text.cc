// The words and bars of progress.h.
#include "orchestrator/results/fold/figures.h"
#include "orchestrator/run/progress.h"
#include "orchestrator/statistics/quantiles.h"

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
std::string rateText(const Progress& progress, Instant at) {
  const double seconds = toMs(progress.elapsed(at)) / 1000;
  if (progress.phase() != Progress::Phase::kRunning || seconds < 1)
    return "";
  char text[32];
  std::snprintf(text, sizeof text, ", %.1f calls/s", progress.total().started / seconds);
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

}  // namespace

std::vector<std::string> progressBlock(const Progress& progress, Instant at, std::size_t columns) {
  std::size_t name_width = 0;
  for (const ProgressCounts& arm : progress.arms())
    name_width = std::max(name_width, std::min(arm.name.size(), kNameWidth));
  std::vector<std::string> lines{progressLine(progress, at)};
  for (const ProgressCounts& arm : progress.arms()) {
    if (lines.size() == kMostArms)
      break;
    lines.push_back(armLine(arm, name_width));
  }
  if (!progress.lastFailure().empty())
    lines.push_back("  last failure: " + progress.lastFailure());
  for (std::string& line : lines)
    line.resize(std::min(line.size(), columns));
  return lines;
}

std::string progressLine(const Progress& progress, Instant at) {
  const std::string time = progress.total().name + ": " + timeText(progress, at);
  if (progress.phase() == Progress::Phase::kStarting)
    return time;
  return time + "; " + countsText(progress.total()) + rateText(progress, at);
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
