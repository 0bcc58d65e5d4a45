#include "orchestrator/results/fold/summary.h"

#include "orchestrator/results/diagnosis/server_diagnosis.h"

#include <algorithm>
#include <set>
#include <utility>

namespace turnout {
namespace {

// Collects the samples of one cell; the statistics are made once, at the end.
class CellBuilder {
 public:
  CellBuilder(std::string arm, const Scenario& scenario, bool has_media)
      : deadlines_(scenario.deadlines), has_media_(has_media), session_(scenario) {
    cell_.arm = std::move(arm);
  }

  void add(const CallOutcome& call);
  void addPrediction(bool is_as_predicted) {
    cell_.as_predicted.trials++;
    cell_.as_predicted.successes += is_as_predicted ? 1 : 0;
  }
  void addUntold(int calls) {
    cell_.planned += calls;
    cell_.not_started += calls;
  }
  Cell take();

 private:
  void count(const CallOutcome& call);
  void addTimes(const CallOutcome& call);
  void addServers(const CallOutcome& call);
  void addMedia(const CallOutcome& call);
  double firstMediaHorizonMs() const {
    return toMs(deadlines_.connect) + toMs(deadlines_.first_media);
  }

  Scenario::Deadlines deadlines_;
  bool has_media_;
  Cell cell_;
  SessionTallyBuilder session_;
  std::vector<Observation> connect_, signaling_, first_media_;
  std::vector<double> signaling_phase_, negotiation_, ice_, dtls_, lags_;
  std::map<std::string, std::vector<double>> answered_in_;
  struct FlowLists {
    std::vector<double> losses, jitters, gaps, bitrates;
  };
  std::map<FlowKey, FlowLists> flows_;
};

// Silence is worse than loss, and that is worse than a gap.
bool isWorse(const MediaTrouble& trouble, const std::optional<WorstTrouble>& than) {
  if (!than || trouble.sign != than->trouble.sign)
    return !than || trouble.sign < than->trouble.sign;
  return trouble.figure > than->trouble.figure;
}

void CellBuilder::add(const CallOutcome& call) {
  count(call);
  addTimes(call);
  addServers(call);
  session_.add(call);
  for (const std::string& path : call.paths)
    cell_.paths[path]++;
  for (const std::string& protocol : call.relay_protocols)
    cell_.relay_protocols[protocol]++;
  cell_.turn_cost.add(call);
  cell_.duplicate_candidates += call.duplicate_candidates;
  cell_.sockets_lost += call.sockets_lost;
  cell_.calls_with_sockets_lost += call.sockets_lost > 0 ? 1 : 0;
  addMedia(call);
}

// RFC 3550's jitter keeps a sixteenth of each step: longer standstills show for a second.
constexpr double kStallOfJitterMs = 50;

void CellBuilder::addMedia(const CallOutcome& call) {
  for (std::size_t kind = 0; kind < kMediaKinds.size(); kind++)
    cell_.media[kind] += call.media[kind];
  if (call.connect_time)
    for (const OneWayMedia& media : call.one_way)
      cell_.one_way[media]++;
  if (call.fate) {
    FateTally& fates = cell_.fates;
    (*call.fate == MediaFate::kKept       ? fates.kept
     : *call.fate == MediaFate::kDegraded ? fates.degraded
                                          : fates.dropped)++;
  }
  if (call.trouble && isWorse(*call.trouble, cell_.worst_trouble))
    cell_.worst_trouble = WorstTrouble{call.call, *call.trouble};
  if (!call.fate)
    return;
  for (const MediaFlow& flow : call.flows) {
    FlowLists& lists = flows_[flow.key];
    if (flow.loss())
      lists.losses.push_back(*flow.loss());
    // What turnout's own standing still makes the most of is no figure of the network.
    if (call.stood_still_ms < flow.longest_gap_ms / 2)
      lists.gaps.push_back(flow.longest_gap_ms);
    if (flow.jitter_ms && call.stood_still_ms < kStallOfJitterMs)
      lists.jitters.push_back(*flow.jitter_ms);
    if (flow.bitrate_kbps)
      lists.bitrates.push_back(*flow.bitrate_kbps);
  }
}

void CellBuilder::count(const CallOutcome& call) {
  const auto tally = [&](std::map<FailureCause, CauseTally>& causes) {
    CauseTally& cause = causes[call.cause.value_or(FailureCause::kInternal)];
    if (cause.calls++ == 0)
      cause.example = call.detail;
  };
  const auto tallyDiagnosis = [&](const Diagnosis& diagnosis) {
    CauseTally& cause = cell_.diagnoses[diagnosis.cause];
    if (cause.calls++ == 0)
      cause.example = diagnosis.evidence;
  };
  cell_.planned++;
  cell_.started += call.started ? 1 : 0;
  cell_.connected += call.connect_time ? 1 : 0;
  cell_.dropped += call.dropped ? 1 : 0;
  switch (call.state) {
    case CallState::kNotStarted:
      cell_.not_started++;
      break;
    case CallState::kSucceeded:
      cell_.succeeded++;
      break;
    case CallState::kFailed:
      cell_.failed++;
      tally(cell_.failures);
      tallyDiagnosis(call.diagnosis.value_or(Diagnosis{}));
      break;
    case CallState::kRunning:
      cell_.running++;
      break;
    case CallState::kAborted:
      cell_.aborted++;
      tally(cell_.abortions);
      break;
  }
}

void CellBuilder::addTimes(const CallOutcome& call) {
  if (!call.started)
    return;
  const auto observe = [&](std::optional<Duration> time, double horizon_ms) {
    if (time)
      return Observation{toMs(*time), Observation::End::kHappened};
    const bool given_up = call.state == CallState::kFailed;
    return Observation{given_up ? horizon_ms : std::min(toMs(call.watched), horizon_ms),
                       Observation::End::kCensored};
  };
  connect_.push_back(observe(call.connect_time, toMs(deadlines_.connect)));
  signaling_.push_back(observe(call.signaling_time, toMs(deadlines_.join)));
  if (has_media_)
    first_media_.push_back(observe(call.first_media, firstMediaHorizonMs()));
  if (call.phases) {
    signaling_phase_.push_back(toMs(call.phases->signaling));
    negotiation_.push_back(toMs(call.phases->negotiation));
    ice_.push_back(toMs(call.phases->ice));
    dtls_.push_back(toMs(call.phases->dtls));
  }
  for (const Duration lag : call.schedule_lags)
    lags_.push_back(toMs(lag));
}

void CellBuilder::addServers(const CallOutcome& call) {
  for (const IceServerOutcome& result : call.servers) {
    ServerTally& tally = cell_.servers[result.url];
    if (result.error_code == 0) {
      tally.answered++;
      if (isTurn(result.url) && result.fault == ServerFault::kNone && !result.address.empty())
        tally.relays.insert(result.address.substr(0, result.address.rfind(':')));
      answered_in_[result.url].push_back(result.elapsed_ms);
      continue;
    }
    ServerErrorTally& error = tally.errors[result.error_code];
    if (error.times++ == 0)
      error.text = serverFaultText(result);
  }
}

Cell CellBuilder::take() {
  cell_.connect_time = {SurvivalCurve(std::move(connect_)), toMs(deadlines_.connect)};
  cell_.signaling_time = {SurvivalCurve(std::move(signaling_)), toMs(deadlines_.join)};
  if (has_media_)
    cell_.first_media_time = {SurvivalCurve(std::move(first_media_)), firstMediaHorizonMs()};
  cell_.signaling_phase_ms = Sample(std::move(signaling_phase_));
  cell_.negotiation_ms = Sample(std::move(negotiation_));
  cell_.ice_ms = Sample(std::move(ice_));
  cell_.dtls_ms = Sample(std::move(dtls_));
  cell_.schedule_lag_ms = Sample(std::move(lags_));
  for (auto& [url, times] : answered_in_)
    cell_.servers[url].elapsed_ms = Sample(std::move(times));
  for (auto& [key, lists] : flows_)
    cell_.flows[key] = {Sample(std::move(lists.losses)), Sample(std::move(lists.jitters)),
                        Sample(std::move(lists.gaps)), Sample(std::move(lists.bitrates))};
  cell_.session = session_.take();
  return std::move(cell_);
}

// Absent: no networks, or the call did not finish.
std::optional<bool> foreseenOf(const std::optional<NetworkGrid>& grid, const CallOutcome& call) {
  if (!grid)
    return std::nullopt;
  return isAsPredicted(
      call,
      grid->at(static_cast<std::size_t>(call.arm), static_cast<std::size_t>(call.pair)).predicted);
}

}  // namespace

void TurnCost::add(const CallOutcome& call) {
  connected += call.connect_time ? 1 : 0;
  on_relay += call.relay_protocols.empty() ? 0 : 1;
  relayed_bytes += call.relayed_bytes;
  for (const std::string& transport :
       std::set(call.relay_protocols.begin(), call.relay_protocols.end()))
    on_relay_by_transport[transport]++;
}

std::optional<double> TurnCost::relayShare() const {
  if (connected == 0)
    return std::nullopt;
  return static_cast<double>(on_relay) / connected;
}

std::optional<double> TurnCost::bytesPerCall() const {
  if (on_relay == 0)
    return std::nullopt;
  return static_cast<double>(relayed_bytes) / on_relay;
}

int ServerTally::asked() const {
  int all = answered;
  for (const auto& [code, error] : errors)
    all += error.times;
  return all;
}

std::optional<double> Cell::successRate() const {
  if (finished() == 0)
    return std::nullopt;
  return static_cast<double>(succeeded) / finished();
}

Proportion Cell::turnErrorRate() const {
  Proportion errors;
  for (const auto& [url, server] : servers) {
    if (!url.starts_with("turn:") && !url.starts_with("turns:"))
      continue;
    errors.trials += server.asked();
    errors.successes += server.asked() - server.answered;
  }
  return errors;
}

std::map<int, int> Cell::serverErrors() const {
  std::map<int, int> by_code;
  for (const auto& [url, server] : servers) {
    for (const auto& [code, error] : server.errors)
      by_code[code] += error.times;
  }
  return by_code;
}

const Cell& Summary::cellOf(const std::string& arm) const {
  const auto cell = std::ranges::find(cells, arm, &Cell::arm);
  return cell == cells.end() ? pooled : *cell;
}

Summary summarise(const Scenario& scenario, const Outcomes& outcomes) {
  Summary summary;
  summary.run = outcomes.run;
  summary.media = configuredKinds(scenario.media);
  const bool has_media = !summary.media.empty();
  const bool are_all_to_fail = std::ranges::all_of(scenario.turn, &TurnArm::is_to_fail);
  CellBuilder total("", scenario, has_media), pooled("", scenario, has_media);
  std::vector<CellBuilder> arms;
  for (const TurnArm& arm : scenario.turn)
    arms.emplace_back(arm.name, scenario, has_media);
  if (scenario.networks)
    summary.grid = gridOf(scenario, outcomes.calls);
  for (const CallOutcome& call : outcomes.calls) {
    const auto arm = static_cast<std::size_t>(call.arm);
    std::vector<CellBuilder*> cells{&total, &arms.at(arm)};
    if (are_all_to_fail || !scenario.turn[arm].is_to_fail)
      cells.push_back(&pooled);
    const auto foreseen = foreseenOf(summary.grid, call);
    for (CellBuilder* cell : cells) {
      cell->add(call);
      if (foreseen)
        cell->addPrediction(*foreseen);
    }
  }
  total.addUntold(outcomes.allUntold());
  summary.total = total.take();
  summary.pooled = pooled.take();
  for (std::size_t arm = 0; arm < arms.size(); arm++) {
    arms[arm].addUntold(outcomes.untoldOf(arm));
    summary.cells.push_back(arms[arm].take());
    summary.cells.back().is_to_fail = scenario.turn[arm].is_to_fail;
  }
  return summary;
}

}  // namespace turnout
