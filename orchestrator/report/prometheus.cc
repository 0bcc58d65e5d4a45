#include "orchestrator/report/reports.h"
#include "orchestrator/report/words.h"
#include "pipelines/base/prometheus_text.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>

namespace turnout {
namespace {

using Type = PrometheusText::Type;
using Labels = PrometheusLabels;

// Upper bounds, in seconds, for everything from a connection on one machine to a deadline.
constexpr std::array kSecondsBounds{0.01, 0.025, 0.05, 0.1,  0.25, 0.5,  1.0,  2.0,
                                    3.0,  5.0,   8.0,  10.0, 15.0, 20.0, 30.0, 60.0};

class SecondsHistogram {
 public:
  void add(double ms) {
    for (std::size_t i = 0; i < kSecondsBounds.size(); i++)
      up_to_[i] += ms / 1000 <= kSecondsBounds[i] ? 1 : 0;
    addNotYet(ms);
  }
  // Had not happened when it was given up after so long: slower than every bound. So a bucket over
  // the count stays the share that had it happen by then.
  void addNotYet(double watched_ms) {
    count_++;
    sum_ += watched_ms / 1000;
  }
  PrometheusHistogram values() const { return {kSecondsBounds, up_to_, count_, sum_}; }

 private:
  std::array<std::uint64_t, kSecondsBounds.size()> up_to_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

double real(std::int64_t count) {
  return static_cast<double>(count);
}

struct IceErrorKind {
  std::string scheme, transport;
  int code = 0;
  auto operator<=>(const IceErrorKind&) const = default;
};

// "turns:example.org:443?transport=tcp". Without a transport: UDP, over TLS TCP (RFC 7065).
IceErrorKind errorKind(const std::string& url, int code) {
  constexpr std::string_view kTransport = "?transport=";
  const std::string scheme = url.substr(0, url.find(':'));
  const std::size_t at = url.find(kTransport);
  if (at != std::string::npos)
    return {scheme, url.substr(at + kTransport.size()), code};
  return {scheme, scheme.ends_with('s') ? "tcp" : "udp", code};
}

class Metrics {
 public:
  Metrics(const JudgedRun& run, RunStage stage)
      : run_(run), summary_(run.summary), is_over_(stage == RunStage::kOver) {}
  std::string write();

 private:
  Labels labelsOf(const Cell& cell, Labels more = {}) const;
  void forEachCell(const std::function<void(const Cell&)>& write) const;
  // Counts of a map of words, with the word as label `label`.
  void counters(const char* name, const char* help, const char* label,
                const std::function<std::map<std::string, int>(const Cell&)>& of);
  // One histogram per arm of what `add` takes from its calls.
  void histogram(const char* name, const char* help,
                 const std::function<void(const CallOutcome&, SecondsHistogram&)>& add);

  void writeRun();
  void writeThresholds();
  void writeAttempts();
  void writeTimes();
  void writePhases();
  void writePaths();
  void writeIceErrors();
  void writeMedia();
  void writeSessions();
  void writeRecovery();

  const JudgedRun& run_;
  const Summary& summary_;
  const bool is_over_;
  PrometheusText out_;
};

Labels Metrics::labelsOf(const Cell& cell, Labels more) const {
  Labels labels{{"scenario", summary_.run.scenario}, {"arm", cell.arm}};
  labels.insert(labels.end(), more.begin(), more.end());
  return labels;
}

void Metrics::forEachCell(const std::function<void(const Cell&)>& write) const {
  for (const Cell& cell : summary_.cells)
    write(cell);
}

void Metrics::counters(const char* name, const char* help, const char* label,
                       const std::function<std::map<std::string, int>(const Cell&)>& of) {
  out_.family(name, Type::kCounter, help);
  forEachCell([&](const Cell& cell) {
    for (const auto& [word, times] : of(cell))
      out_.sample(labelsOf(cell, {{label, word}}), times);
  });
}

void Metrics::histogram(const char* name, const char* help,
                        const std::function<void(const CallOutcome&, SecondsHistogram&)>& add) {
  std::vector<SecondsHistogram> of_arm(summary_.cells.size());
  for (const CallOutcome& call : run_.outcomes.calls)
    add(call, of_arm[static_cast<std::size_t>(call.arm)]);
  out_.family(name, Type::kHistogram, help);
  for (std::size_t arm = 0; arm < of_arm.size(); arm++)
    out_.sample(labelsOf(summary_.cells[arm]), of_arm[arm].values());
}

void Metrics::writeRun() {
  const RunFacts& facts = summary_.run;
  out_.family("turnout_run_info", Type::kGauge, "Which run this is; always 1.");
  out_.sample({{"scenario", facts.scenario},
               {"run", facts.id},
               {"profile", facts.profile},
               {"seed", std::to_string(facts.seed)}},
              1);
  out_.family("turnout_run_verdict", Type::kGauge, "1 for the verdict of the run, else 0.");
  for (const Ruling ruling : {Ruling::kPass, Ruling::kFail, Ruling::kInconclusive})
    out_.sample({{"scenario", facts.scenario}, {"verdict", toString(ruling)}},
                is_over_ && run_.verdict.ruling == ruling ? 1 : 0);
  out_.family("turnout_run_duration_seconds", Type::kGauge, "From the epoch to the last event.");
  out_.sample({{"scenario", facts.scenario}}, toMs(facts.length) / 1000);
}

// Times in seconds, bitrates in bit/s, rates from 0 to 1, counts as they are. What is not known, or not bounded, is
// not there.
void Metrics::writeThresholds() {
  const auto labels = [&](const Judgement& judgement, Labels more) {
    Labels all{{"scenario", summary_.run.scenario},
               {"arm", judgement.arm},
               {"measure", judgement.threshold.key},
               {"wanted", judgement.threshold.expression}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto inBaseUnits = [](const Judgement& judgement, double value) {
    const Quantity quantity = quantityOf(judgement.threshold.measure);
    return quantity == Quantity::kTime      ? value / 1000
           : quantity == Quantity::kBitrate ? value * 1000
                                            : value;
  };
  const auto value = [&](const Judgement& judgement, const char* what, double of) {
    if (std::isfinite(of))
      out_.sample(labels(judgement, {{"value", what}}), inBaseUnits(judgement, of));
  };
  out_.family("turnout_threshold_result", Type::kGauge,
              "1 for what came of the threshold, else 0.");
  for (const Judgement& judgement : run_.verdict.judgements)
    for (const Ruling ruling : {Ruling::kPass, Ruling::kFail, Ruling::kInconclusive})
      out_.sample(labels(judgement, {{"result", toString(ruling)}}),
                  judgement.ruling == ruling ? 1 : 0);
  out_.family("turnout_threshold_value", Type::kGauge,
              "What a threshold judges: the limit, what was observed, the ends of its interval.");
  for (const Judgement& judgement : run_.verdict.judgements) {
    value(judgement, "limit", judgement.threshold.limit);
    if (judgement.observed)
      value(judgement, "observed", *judgement.observed);
    if (judgement.evidence.interval) {
      value(judgement, "low", judgement.evidence.interval->low);
      value(judgement, "high", judgement.evidence.interval->high);
    }
  }
  out_.family("turnout_threshold_calls", Type::kGauge, "How many calls the judgement rests on.");
  for (const Judgement& judgement : run_.verdict.judgements)
    out_.sample(labels(judgement, {}), real(static_cast<std::int64_t>(judgement.evidence.n)));
}

void Metrics::writeAttempts() {
  counters("turnout_connect_attempts_total", "Planned calls by what became of them.", "result",
           [this](const Cell& cell) {
             return std::map<std::string, int>{{"succeeded", cell.succeeded},
                                               {"failed", cell.failed},
                                               {"aborted", cell.aborted},
                                               {"not_started", is_over_ ? cell.not_started : 0}};
           });
  counters("turnout_connect_failures_total", "Failed calls by their one cause.", "cause",
           [](const Cell& cell) {
             std::map<std::string, int> causes;
             for (const auto& [cause, tally] : cell.failures)
               causes[std::string(toString(cause))] = tally.calls;
             return causes;
           });
  counters("turnout_diagnoses_total", "Failed calls by what was wrong.", "diagnosis",
           [](const Cell& cell) {
             std::map<std::string, int> causes;
             for (const auto& [cause, tally] : cell.diagnoses)
               causes[toString(cause)] = tally.calls;
             return causes;
           });
}

void Metrics::writeTimes() {
  const Scenario::Deadlines& deadlines = run_.scenario.deadlines;
  const auto finished = [](const CallOutcome& call, std::optional<Duration> time, Duration deadline,
                           SecondsHistogram& histogram) {
    if (time)
      histogram.add(toMs(*time));
    else if (call.state == CallState::kFailed)
      histogram.addNotYet(toMs(deadline));
  };
  histogram("turnout_connect_duration_seconds",
            "Scheduled start until all link ends are connected. Failed calls are in +Inf only.",
            [&](const CallOutcome& call, SecondsHistogram& histogram) {
              finished(call, call.connect_time, deadlines.connect, histogram);
            });
  if (!summary_.media.empty()) {
    histogram("turnout_first_media_duration_seconds",
              "Scheduled start until all media came to all ends. Failed calls are in +Inf only.",
              [&](const CallOutcome& call, SecondsHistogram& histogram) {
                finished(call, call.first_media, deadlines.connect + deadlines.first_media,
                         histogram);
              });
  }
  histogram("turnout_schedule_lag_seconds", "How late bots started, by turnout's own doing.",
            [](const CallOutcome& call, SecondsHistogram& histogram) {
              for (const Duration lag : call.schedule_lags)
                histogram.add(toMs(lag));
            });
}

void Metrics::writePhases() {
  constexpr std::array<std::pair<const char*, Duration Phases::*>, 4> kPhases{
      {{"signaling", &Phases::signaling},
       {"negotiation", &Phases::negotiation},
       {"ice", &Phases::ice},
       {"dtls", &Phases::dtls}}};
  std::vector<std::array<SecondsHistogram, kPhases.size()>> of_arm(summary_.cells.size());
  for (const CallOutcome& call : run_.outcomes.calls) {
    for (std::size_t i = 0; call.phases && i < kPhases.size(); i++)
      of_arm[static_cast<std::size_t>(call.arm)][i].add(toMs((*call.phases).*kPhases[i].second));
  }
  out_.family("turnout_phase_duration_seconds", Type::kHistogram,
              "The connect time of connected calls, split along the end connected last.");
  for (std::size_t arm = 0; arm < of_arm.size(); arm++) {
    for (std::size_t i = 0; i < kPhases.size(); i++)
      out_.sample(labelsOf(summary_.cells[arm], {{"phase", kPhases[i].first}}),
                  of_arm[arm][i].values());
  }
}

void Metrics::writePaths() {
  out_.family("turnout_selected_pairs_total", Type::kCounter,
              "Links of connected calls by candidate types; local is the offerer.");
  forEachCell([&](const Cell& cell) {
    for (const auto& [path, links] : cell.paths) {
      const std::size_t dash = path.find('-');
      out_.sample(labelsOf(cell, {{"local_type", path.substr(0, dash)},
                                  {"remote_type", path.substr(dash + 1)}}),
                  links);
    }
  });
  counters("turnout_relayed_link_ends_total",
           "Link ends of connected calls on their own relay, by how they speak to it.",
           "relay_protocol", [](const Cell& cell) { return cell.relay_protocols; });
  counters("turnout_calls_on_relay_total",
           "Connected calls with an end on its own relay, by how it speaks to it.",
           "relay_protocol", [](const Cell& cell) { return cell.turn_cost.on_relay_by_transport; });
  out_.family("turnout_relayed_bytes_total", Type::kCounter,
              "RTP through TURN servers, both directions, at each end on its own relay.");
  forEachCell(
      [&](const Cell& cell) { out_.sample(labelsOf(cell), real(cell.turn_cost.relayed_bytes)); });
}

void Metrics::writeIceErrors() {
  out_.family("turnout_ice_candidate_errors_total", Type::kCounter,
              "STUN and TURN servers that gave no address, by STUN error code; 701 is no answer.");
  forEachCell([&](const Cell& cell) {
    std::map<IceErrorKind, int> kinds;
    for (const auto& [url, server] : cell.servers) {
      for (const auto& [code, error] : server.errors)
        kinds[errorKind(url, code)] += error.times;
    }
    for (const auto& [kind, times] : kinds)
      out_.sample(labelsOf(cell, {{"code", std::to_string(kind.code)},
                                  {"scheme", kind.scheme},
                                  {"transport", kind.transport}}),
                  times);
  });
}

void Metrics::writeMedia() {
  if (summary_.media.empty())
    return;
  counters("turnout_call_fates_total", "Connected calls by what became of their media.", "fate",
           [](const Cell& cell) {
             return std::map<std::string, int>{{"kept", cell.fates.kept},
                                               {"degraded", cell.fates.degraded},
                                               {"dropped", cell.fates.dropped}};
           });
  out_.family("turnout_media_loss_ratio", Type::kGauge,
              "Lost of what was sent from one participant to another, mean of the calls.");
  forEachCell([&](const Cell& cell) {
    for (const auto& [key, flow] : cell.flows) {
      if (const auto mean = flow.loss.mean())
        out_.sample(
            labelsOf(cell, {{"kind", toString(key.kind)}, {"direction", directionText(key)}}),
            *mean);
    }
  });
  out_.family("turnout_media_packets_total", Type::kCounter, "RTP packets at all link ends.");
  forEachCell([&](const Cell& cell) {
    for (const MediaKind kind : summary_.media) {
      const MediaSums& sums = cell.media[static_cast<std::size_t>(kind)];
      const auto sample = [&](const char* fate, std::int64_t packets) {
        out_.sample(labelsOf(cell, {{"kind", toString(kind)}, {"fate", fate}}), real(packets));
      };
      sample("sent", sums.sent_packets);
      sample("received", sums.received_packets);
      sample("lost", sums.lost_packets);
    }
  });
}

void Metrics::writeSessions() {
  counters("turnout_session_errors_total", "What the signaling server refused, by its word.",
           "kind", [](const Cell& cell) { return cell.session.session_errors; });
  counters("turnout_app_faults_total", "What the app did that a good one does not.", "fault",
           [](const Cell& cell) {
             std::map<std::string, int> faults;
             for (const auto& [fault, tally] : cell.session.app_faults)
               faults[std::string(toString(fault))] = tally.times;
             return faults;
           });
}

void Metrics::writeRecovery() {
  std::map<std::pair<std::size_t, std::string>, SecondsHistogram> outages;
  for (const CallOutcome& call : run_.outcomes.calls) {
    for (const StepOutcome& step : call.steps) {
      const auto key = std::pair(static_cast<std::size_t>(call.arm), step.action);
      if (step.outage_ms)
        outages[key].add(*step.outage_ms);
      else if (step.end == StepOutcome::End::kMissed && step.goal != StepGoal::kPartnersTold)
        outages[key].addNotYet(summary_.total.session.outage_time.horizon_ms);
    }
  }
  out_.family("turnout_recovery_duration_seconds", Type::kHistogram,
              "Outage of links that a step ended. Those that were not back are in +Inf only.");
  for (const auto& [key, histogram] : outages)
    out_.sample(labelsOf(summary_.cells[key.first], {{"fault", key.second}}), histogram.values());
}

std::string Metrics::write() {
  writeRun();
  if (is_over_)
    writeThresholds();
  writeAttempts();
  writeTimes();
  writePhases();
  writePaths();
  writeIceErrors();
  writeMedia();
  writeSessions();
  writeRecovery();
  return out_.take();
}

}  // namespace

std::string prometheusMetrics(const JudgedRun& run, RunStage stage) {
  return Metrics(run, stage).write();
}

}  // namespace turnout
