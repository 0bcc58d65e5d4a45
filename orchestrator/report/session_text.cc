#include "orchestrator/report/words.h"
#include "orchestrator/report/writers.h"

#include <algorithm>
#include <functional>

namespace turnout {
namespace {

using Align = Table::Align;

constexpr std::size_t kSessionIndent = 4;
constexpr std::size_t kListedSessionFaults = 4;
constexpr std::size_t kListedRefusals = 6;

std::string section(const char* title, const Table& table, std::size_t columns) {
  return table.rows() == 0
             ? ""
             : "\n  " + std::string(title) + "\n" + table.text(kSessionIndent, columns);
}

template <class Times>
std::string middleAndTail(const Times& times) {
  return "p50 " + percentileText(times, 50) + ", p95 " + percentileText(times, 95);
}

template <class Times>
std::string wordsText(const Times& times) {
  std::string text;
  for (const auto& [word, n] : times)
    text += (text.empty() ? "" : ", ") + std::to_string(n) + " x " + word;
  return text;
}

std::string comingsText(const SessionTally& session) {
  std::string text = countText(session.joins, "join");
  if (session.rings > 0)
    text += ", " + countText(session.rings, "ring");
  if (session.answered > 0)
    text += ", " + std::to_string(session.answered) + " answered";
  if (session.matches > 0)
    text += ", " + std::to_string(session.matches) + " matched";
  return text;
}

std::string stepText(const StepTally& step) {
  const std::string of_due = std::to_string(step.good) + " of " + std::to_string(step.due);
  if (step.due == 0)
    return std::to_string(step.taken) + " taken, nothing to judge";
  if (step.goal == StepGoal::kPartnersTold)
    return of_due + ": the partners were told";
  std::string text = of_due + " back, outage " + middleAndTail(step.outage);
  if (const int came_back = step.resumed + step.anew; came_back > 0)
    text += ", session kept " + std::to_string(step.resumed) + " of " + std::to_string(came_back);
  return text;
}

// When the loss was noticed, from the onset; when all was up again, from the end.
std::string recoveryText(const StepTally& step) {
  std::string text = "up " + middleAndTail(step.recovery) + " after its end";
  if (step.detect_ms.size() > 0)
    text = "noticed after p50 " + percentileText(step.detect_ms, 50) + ", " + text;
  return text;
}

std::string messagesText(const MessageTally& messages) {
  return std::to_string(messages.sent) + " sent, " + std::to_string(messages.answered) +
         " answered, " + std::to_string(messages.lost()) + " lost, round trip " +
         middleAndTail(messages.round_trip_ms);
}

}  // namespace

std::string percentileText(const WaitingTimes& times, double p) {
  if (times.curve.size() == 0)
    return "-";
  if (const auto value = times.curve.percentile(p))
    return millisecondsText(*value);
  return "> " + millisecondsText(times.curve.watchedFor());
}

std::string percentileText(const Sample& sample, double p) {
  const auto value = sample.percentile(p);
  return value ? millisecondsText(*value) : "-";
}

std::string faultsText(const SessionTally& session, std::size_t columns) {
  Table table({{Align::kRight}, {Align::kLeft}, {Align::kLeft, 62, 24}});
  const auto faults = faultsWorstFirst(session);
  int folded = 0;
  for (const auto& [fault, tally] : faults) {
    if (table.rows() < kListedSessionFaults)
      table.add(
          {std::to_string(tally.times) + " x", std::string(toString(fault)), explanationOf(fault)});
    else
      folded += tally.times;
  }
  if (folded > 0)
    table.add({std::to_string(folded) + " x", "other mistakes", ""});
  std::string text = section("what the app did wrong", table, columns);
  std::vector<std::pair<std::string, int>> refusals(session.session_errors.begin(),
                                                    session.session_errors.end());
  std::ranges::stable_sort(refusals, std::ranges::greater(), &std::pair<std::string, int>::second);
  const std::size_t more = refusals.size() - std::min(refusals.size(), kListedRefusals);
  refusals.resize(refusals.size() - more);
  if (!session.session_errors.empty())  // not all of them are its fault: who asked may be late
    text += "\n" + wrapped("refused by the signaling server, in " +
                               countText(session.calls_with_session_errors, "call") + ": " +
                               wordsText(refusals) +
                               (more > 0 ? " and " + std::to_string(more) + " other words" : ""),
                           columns, kIndent, kIndent);
  return text;
}

std::string sessionsText(const SessionTally& session, std::size_t columns) {
  if (!session.wait_time && session.steps.empty() && !session.messages)
    return "";
  Table table({{Align::kLeft, 20}, {Align::kLeft, 80, 24}});
  table.add({"came", comingsText(session)});
  if (session.wait_time)
    table.add({"waited", middleAndTail(*session.wait_time) +
                             (session.matches > 0 ? " until matched" : " until answered")});
  for (const auto& [action, step] : session.steps) {
    table.add({action, stepText(step)});
    if (step.due > 0 && step.goal != StepGoal::kPartnersTold)
      table.add({"", recoveryText(step)});
  }
  if (!session.recovered_by.empty())
    table.add({"media back", wordsText(session.recovered_by) + " (link ends)"});
  if (session.messages)
    table.add({"messages", messagesText(*session.messages)});
  return section("sessions", table, columns);
}

}  // namespace turnout
