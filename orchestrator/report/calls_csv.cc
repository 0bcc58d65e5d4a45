#include "orchestrator/report/reports.h"
#include "orchestrator/report/words.h"
#include "pipelines/base/log.h"
#include "scenarios/plan.h"

#include <algorithm>
#include <string_view>

#include <glib.h>

namespace turnout {
namespace {

constexpr std::string_view kHeader =
    "call,arm,repetition,block,scheduled_ms,state,cause,detail,dropped,signaling_ms,connect_ms,"
    "first_media_ms,phase_signaling_ms,phase_negotiation_ms,phase_ice_ms,phase_dtls_ms,wait_ms,"
    "schedule_lag_ms,paths,relay_protocols,servers_asked,servers_failed,session_errors,app_faults,"
    "steps,steps_missed,outage_ms,messages_sent,messages_answered,diagnosis,evidence,fate,trouble,"
    "loss_max,gap_max_ms\r\n";

const char* stateWord(CallState state) {
  switch (state) {
    case CallState::kSucceeded:
      return "succeeded";
    case CallState::kFailed:
      return "failed";
    case CallState::kAborted:
    case CallState::kRunning:
      return "aborted";
    case CallState::kNotStarted:
      break;
  }
  return "not_started";
}

class CsvRow {
 public:
  explicit CsvRow(std::string& out) : out_(out) {}
  ~CsvRow() { out_ += "\r\n"; }
  CsvRow(const CsvRow&) = delete;
  CsvRow& operator=(const CsvRow&) = delete;

  CsvRow& word(std::string_view text);
  CsvRow& text(std::string_view text);  // from outside
  CsvRow& number(std::int64_t value) { return word(std::to_string(value)); }
  CsvRow& ms(std::optional<double> value) { return decimal(value, "%.3f"); }
  CsvRow& share(std::optional<double> value) { return decimal(value, "%.6f"); }
  CsvRow& ms(std::optional<Duration> value) {
    return ms(value ? std::optional(toMs(*value)) : std::nullopt);
  }

 private:
  CsvRow& decimal(std::optional<double> value, const char* format);

  std::string& out_;
  bool first_ = true;
};

CsvRow& CsvRow::word(std::string_view text) {
  if (!first_)
    out_ += ',';
  first_ = false;
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out_ += text;
    return *this;
  }
  out_ += '"';
  for (const char c : text)
    out_.append(c == '"' ? 2 : 1, c);
  out_ += '"';
  return *this;
}

// A spreadsheet would take such a cell for a formula, and the network must not write formulas.
CsvRow& CsvRow::text(std::string_view text) {
  const std::string safe = printable(text);
  const bool is_formula =
      !safe.empty() && std::string_view("=+-@").find(safe.front()) != std::string_view::npos;
  return word(is_formula ? "'" + safe : safe);
}

CsvRow& CsvRow::decimal(std::optional<double> value, const char* format) {
  if (!value)
    return word("");
  char digits[64];
  g_snprintf(digits, sizeof digits, format, *value);
  return word(digits);
}

std::string joined(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  std::string all;
  for (const std::string& word : words)
    all += (all.empty() ? "" : " ") + word;
  return all;
}

int sumOf(const std::map<std::string, int>& counts) {
  int sum = 0;
  for (const auto& [word, times] : counts)
    sum += times;
  return sum;
}

void writeTimes(CsvRow& row, const CallOutcome& call) {
  const auto phase = [&](Duration Phases::*part) {
    row.ms(call.phases ? std::optional((*call.phases).*part) : std::nullopt);
  };
  row.ms(call.signaling_time).ms(call.connect_time).ms(call.first_media);
  phase(&Phases::signaling);
  phase(&Phases::negotiation);
  phase(&Phases::ice);
  phase(&Phases::dtls);
  row.ms(call.wait ? std::optional(call.wait->time) : std::nullopt);
  const auto worst = std::max_element(call.schedule_lags.begin(), call.schedule_lags.end());
  row.ms(worst == call.schedule_lags.end() ? std::nullopt : std::optional(*worst));
}

void writeSession(CsvRow& row, const CallOutcome& call) {
  std::vector<std::string> faults;
  for (const auto& [fault, seen] : call.app_faults)
    faults.emplace_back(toString(fault));
  row.number(sumOf(call.session_errors)).word(joined(std::move(faults)));
  int missed = 0;
  std::optional<double> outage;
  for (const StepOutcome& step : call.steps) {
    missed += step.end == StepOutcome::End::kMissed ? 1 : 0;
    if (step.outage_ms)
      outage = std::max(outage.value_or(0), *step.outage_ms);
  }
  row.number(static_cast<std::int64_t>(call.steps.size())).number(missed).ms(outage);
  row.number(call.messages.sent).number(call.messages.answered);
}

void writeMedia(CsvRow& row, const CallOutcome& call) {
  row.word(call.fate ? toString(*call.fate) : "");
  row.word(call.trouble ? troubleText(*call.trouble) : "");
  std::optional<double> loss, gap;
  for (const MediaFlow& flow : call.flows) {
    if (flow.loss())
      loss = std::max(loss.value_or(0), *flow.loss());
    gap = std::max(gap.value_or(0), flow.longest_gap_ms);
  }
  row.share(loss).ms(call.fate ? gap : std::nullopt);
}

void writeRow(std::string& out, const Scenario& scenario, const PlannedCall& planned,
              const CallOutcome& call) {
  CsvRow row(out);
  row.number(call.call).text(scenario.turn[static_cast<std::size_t>(call.arm)].name);
  row.number(planned.repetition).number(planned.block).ms(std::optional(planned.start));
  row.word(stateWord(call.state)).word(call.cause ? toString(*call.cause) : "");
  row.text(call.detail).word(call.dropped ? "1" : "0");
  writeTimes(row, call);
  row.word(joined(call.paths)).text(joined(call.relay_protocols));
  const auto failed =
      std::count_if(call.servers.begin(), call.servers.end(),
                    [](const IceServerOutcome& server) { return server.error_code != 0; });
  row.number(static_cast<std::int64_t>(call.servers.size())).number(failed);
  writeSession(row, call);
  row.word(call.diagnosis ? toString(call.diagnosis->cause) : "");
  row.text(call.diagnosis ? call.diagnosis->evidence : "");
  writeMedia(row, call);
}

}  // namespace

std::string callsCsv(const JudgedRun& run) {
  const Plan plan = makeLargestPlan(run.scenario);
  std::string out(kHeader);
  for (const CallOutcome& call : run.outcomes.calls)
    writeRow(out, run.scenario, plan.calls[static_cast<std::size_t>(call.call)], call);
  return out;
}

}  // namespace turnout
