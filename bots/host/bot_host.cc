#include "bots/host/bot_host.h"

#include "scenarios/load.h"

#include <utility>

namespace turnout {
namespace {

constexpr Duration kHealthPeriod = 1s;
constexpr Duration kSettleCheck = 20ms;

}  // namespace

BotHost::BotHost(Loop& loop, Ports ports) : loop_(loop), ports_(std::move(ports)) {}

BotHost::~BotHost() = default;

void BotHost::onCommandLine(const std::string& line) {
  const auto command = parseCommand(line);
  if (!command)
    return tell(HostFailed{command.error()});
  std::visit(Overloaded{[this](const HostSetup& setup) { onSetup(setup); },
                        [this](const BotOrder& order) { onOrder(order); },
                        [this](const ServersForCall& renewed) {
                          for (Bot* bot : botsOf(renewed.call))
                            bot->setIceServers(renewed.servers, renewed.reason);
                        },
                        [this](const CallLeaves& leaves) {
                          for (Bot* bot : botsOf(leaves.call))
                            bot->leaveAt(leaves.at);
                        },
                        [this](const CallStays& stays) {
                          for (Bot* bot : botsOf(stays.call))
                            bot->stay();
                        },
                        [this](const CallInterrupted& interrupted) {
                          for (Bot* bot : botsOf(interrupted.call))
                            bot->interrupt();
                        },
                        [this](const PeerVanished& vanished) {
                          for (Bot* bot : botsOf(vanished.call))
                            bot->onVanished(vanished.bot);
                        },
                        [this](const HostStop& stop) { onStop(stop); }},
             *command);
}

void BotHost::onSetup(const HostSetup& setup) {
  if (const auto up = setUp(setup); !up)
    return tell(HostFailed{up.error()});
  health_ = std::make_unique<HostHealthMeter>(loop_, [this](const Stall& stall) { tell(stall); });
  health_timer_ = loop_.every(kHealthPeriod, [this] { tellHealth(); });
  tell(HostIsReady{});
}

Result<Done> BotHost::setUp(const HostSetup& setup) {
  ScenarioLoad load = parseScenario(setup.scenario);
  if (const auto* problems = std::get_if<ScenarioProblems>(&load))
    return Error{ErrorCode::kBadScenario, problemsText("the scenario of a host", *problems)};
  Scenario& scenario = std::get<LoadedScenario>(load).scenario;
  const auto profile = iceProfile(scenario.profile);
  if (!profile)
    return Error{ErrorCode::kBadScenario, "unknown profile " + scenario.profile};
  if (!scenario.messages) {
    auto peers = PeerFactory::create(loop_, scenario.media);
    if (!peers)
      return peers.error();
    peers_ = std::move(*peers);
  }
  index_ = setup.host;
  world_ =
      std::make_unique<BotWorld>(BotWorld{.loop = loop_,
                                          .peers = peers_.get(),
                                          .scenario = std::move(scenario),
                                          .signaling_url = setup.signaling_url,
                                          .local_addresses = setup.local_addresses,
                                          .profile = *profile,
                                          .record = [this](const Event& event) { record(event); },
                                          .crash = ports_.crash});
  return Done{};
}

void BotHost::onOrder(const BotOrder& order) {
  if (!world_ || stopping_)
    return;
  bots_[{order.call, order.bot}] = std::make_unique<Bot>(
      *world_, order, [this, call = order.call, bot = order.bot](BotReport::State state) {
        onState(call, bot, state);
      });
}

void BotHost::onState(int call, int bot, BotReport::State state) {
  const BotReport report{.call = call, .bot = bot, .state = state, .at = now()};
  if (state != BotReport::State::kLeft && state != BotReport::State::kVanished)
    return tell(report);
  loop_.post([this, report] {  // it says so itself: let it unwind before it is destroyed
    bots_.erase({report.call, report.bot});
    tell(report);
    finishWhenIdle();
  });
}

std::vector<Bot*> BotHost::botsOf(int call) const {
  std::vector<Bot*> bots;
  for (auto at = bots_.lower_bound({call, 0}); at != bots_.end() && at->first.first == call; ++at)
    bots.push_back(at->second.get());
  return bots;
}

void BotHost::onStop(const HostStop& stop) {
  stopping_ = true;
  stop_timer_ = loop_.after(stop.grace, [this] { finish(); });
  for (const auto& [key, bot] : bots_)
    bot->interrupt();
  finishWhenIdle();
}

// The results of servers that calls asked come up to 2 s after a short one.
void BotHost::finishWhenIdle() {
  if (!stopping_ || !bots_.empty())
    return;
  if (peers_ && peers_->isSettling())
    settle_timer_ = loop_.after(kSettleCheck, [this] { finishWhenIdle(); });
  else
    finish();
}

void BotHost::finish() {
  if (std::exchange(is_finished_, true))
    return;
  stop_timer_.cancel();
  settle_timer_.cancel();
  if (health_)
    tellHealth();
  tell(HostIsDone{});
  ports_.on_finished();
}

void BotHost::record(const Event& event) {
  ports_.tell(eventLine(event));
  if (std::holds_alternative<BotFailed>(event.body) ||
      std::holds_alternative<LinkFailed>(event.body))
    lookForShortage();
}

void BotHost::lookForShortage() {
  const auto resource = exhaustedResource();
  if (resource && exhausted_.insert(*resource).second)
    record(Event{now(), -1, -1, -1, ResourceExhausted{hostProcess(index_), *resource}});
}

void BotHost::tell(const Stall& stall) {
  record(Event{stall.began, -1, -1, -1,
               Stalled{hostProcess(index_), stall.thread, toMs(stall.length)}});
}

void BotHost::tellHealth() {
  lookForShortage();
  HostHealth health = health_->take();
  const PeerFactory::Health pacer = peers_ ? peers_->takeHealth() : PeerFactory::Health{};
  health.host = index_;
  health.bots = static_cast<int>(bots_.size());
  health.pacer_late_p99_ms = pacer.pacer_late_p99_ms;
  health.pacer_late_max_ms = pacer.pacer_late_max_ms;
  for (const Stall& stall : pacer.stalls)
    tell(stall);
  record(Event{now(), -1, -1, -1, health});
}

}  // namespace turnout
