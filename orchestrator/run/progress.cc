#include "orchestrator/run/progress.h"

#include "orchestrator/results/fold/figures.h"
#include "orchestrator/statistics/proportions.h"
#include "orchestrator/statistics/quantiles.h"
#include "pipelines/base/log.h"
#include "scenarios/plan.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <unistd.h>

namespace turnout {
namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t kBarWidth = 16;
constexpr std::size_t kNameWidth = 20;
constexpr std::size_t kMostArms = 16;  // a terminal has some 24 lines

std::string secondsText(Duration time) {
  return std::to_string(static_cast<int>(std::ceil(toMs(time) / 1000))) + " s";
}

Texts countsOf(const ProgressCounts& counts) {
  Texts texts{
      std::to_string(counts.started) + " of " + std::to_string(counts.planned) + " calls started",
      std::to_string(counts.connected) + " connected"};
  if (counts.failed > 0)
    texts.push_back(std::to_string(counts.failed) + " failed");
  if (counts.aborted > 0)
    texts.push_back(std::to_string(counts.aborted) + " lost");
  return texts;
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
  std::snprintf(text, sizeof text, "%.1f calls/s", started / seconds);
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

// "97.5 % (91-99 %)", "p50 310 ms", of the calls that have come so far.
Texts ratesOf(const ProgressCounts& arm) {
  const int known = arm.connected + arm.failed;
  if (known == 0)
    return {};
  const Proportion rate{arm.connected, known};
  Texts texts{percentText(rate.rate()) + " (" +
              intervalText(wilson95(rate.successes, rate.trials)) + ")"};
  const Sample times(arm.connect_ms);
  for (const auto& [percentile, name] : {std::pair{50, "p50 "}, {95, "p95 "}})
    if (const auto ms = times.percentile(percentile))
      texts.push_back(name + millisecondsText(*ms));
  return texts;
}

std::string armCountsText(const ProgressCounts& arm) {
  std::string text = std::to_string(arm.connected) + "/" + std::to_string(arm.planned);
  if (arm.failed > 0)
    text += ", " + std::to_string(arm.failed) + " failed";
  if (arm.aborted > 0)
    text += ", " + std::to_string(arm.aborted) + " lost";
  return text;
}

// What there is no room for is left out, the least important first: a figure is whole or not there.
std::string armLine(const ProgressCounts& arm, std::size_t name_width, std::size_t columns) {
  std::string name = arm.name.substr(0, name_width);
  name.resize(name_width, ' ');
  const std::string counts = armCountsText(arm);
  std::string line = "  " + name + " [" + bar(arm) + "] " + counts;
  if (line.size() > columns)
    line = arm.name + " " + counts;
  const char* before = ": ";
  for (const std::string& figure : ratesOf(arm)) {
    if (line.size() + 2 + figure.size() > columns)
      break;
    line += before + figure;
    before = ", ";
  }
  return line;
}

// The parts of a line in as many lines as it takes; a part is never broken.
Texts packed(const Texts& parts, std::size_t columns) {
  Texts lines{parts.front()};
  const char* after = ";";
  for (auto part = parts.begin() + 1; part != parts.end(); ++part) {
    const bool has_room = lines.back().size() + 3 + part->size() <= columns;  // with what is after
    lines.back() += after;
    if (has_room)
      lines.back() += " " + *part;
    else
      lines.push_back("  " + *part);
    after = ",";
  }
  return lines;
}

Texts partsOf(const Progress& progress, const std::vector<ProgressCounts>& arms, Instant at) {
  Texts parts{progress.name() + ": " + timeText(progress, at)};
  if (progress.phase() == Progress::Phase::kStarting)
    return parts;
  const ProgressCounts total = Progress::totalOf(arms);
  for (std::string& count : countsOf(total))
    parts.push_back(std::move(count));
  if (std::string rate = rateText(progress, total.started, at); !rate.empty())
    parts.push_back(std::move(rate));
  return parts;
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
  const std::vector<int> untold = fold_.untold();
  for (const TurnArm& arm : scenario_.turn)
    arms.push_back({.name = arm.name, .planned = untold.at(arms.size())});
  fold_.eachCall([&arms](const CallOutcome& call) {
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
  });
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
  fold_.eachCall([&last](const CallOutcome& call) {
    if (call.failure && (!last || call.failure->at >= last->failure->at))
      last = &call;
  });
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
  Texts lines = packed(partsOf(progress, arms, at), columns);
  for (const ProgressCounts& arm : arms) {
    if (lines.size() == kMostArms)
      break;
    lines.push_back(armLine(arm, name_width, columns));
  }
  if (const std::string failure = progress.lastFailure(); !failure.empty())
    lines.push_back("  last failure: " + failure);
  for (std::string& line : lines)  // names can be long
    line.resize(std::min(line.size(), columns));
  return lines;
}

std::string progressLine(const Progress& progress, Instant at) {
  return packed(partsOf(progress, progress.arms(), at), std::string::npos).front();
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

namespace {

constexpr auto kTerminalPeriod = 200ms;
constexpr auto kLinePeriod = 5s;

}  // namespace

ProgressDisplay::Style ProgressDisplay::styleFor(std::FILE* out) {
  return ::isatty(::fileno(out)) ? Style::kTerminal : Style::kLines;
}

ProgressDisplay::ProgressDisplay(Loop& loop, const Progress& progress, Style style, std::FILE* out)
    : progress_(progress), style_(style), out_(out) {
  if (style_ == Style::kSilent)
    return;
  const Duration period = style_ == Style::kTerminal ? Duration(kTerminalPeriod) : kLinePeriod;
  redraw_ = loop.every(period, [this] { draw(); });
  draw();
}

ProgressDisplay::~ProgressDisplay() {
  erase();
}

void ProgressDisplay::onEvent(const Event& event) {
  if (const auto note_text = noteOf(event))
    note(*note_text);
  const bool phase_changed = std::holds_alternative<RunStarted>(event.body) ||
                             std::holds_alternative<RunFinished>(event.body);
  if (phase_changed && style_ == Style::kLines)
    draw();
}

void ProgressDisplay::note(const std::string& sentence) {
  erase();
  std::fputs(("turnout: " + sentence + "\n").c_str(), out_);
  if (style_ == Style::kTerminal)
    draw();
}

void ProgressDisplay::draw() {
  if (style_ == Style::kLines) {
    std::fputs((progressLine(progress_, now()) + "\n").c_str(), out_);
    return;
  }
  erase();
  std::string text;
  const auto lines = progressBlock(progress_, now(), screenOf(out_).columns);
  for (const std::string& line : lines)
    text += line + "\n";
  std::fputs(text.c_str(), out_);
  drawn_lines_ = lines.size();
}

// Cursor to the first column, where it is not after a Ctrl-C that the terminal shows as "^C"; up by the
// block's lines, then clear to the end of the screen (ECMA-48 CUU, ED).
void ProgressDisplay::erase() {
  if (drawn_lines_ > 0)
    std::fprintf(out_, "\r\x1b[%zuA\x1b[J", drawn_lines_);
  drawn_lines_ = 0;
}

}  // namespace turnout
