#include "bots/host/bot_host.h"

#include <utility>

namespace turnout {
namespace {

constexpr Duration kHealthPeriod = 1s;

}  // namespace

BotHost::BotHost(Loop& loop, Ports ports) : loop_(loop), ports_(std::move(ports)) {}

BotHost::~BotHost() = default;

void BotHost::onCommandLine(const std::string& line) {
  auto command = parseCommand(line);
  if (!command) {
    ports_.tell(reportLine(HostFailed{command.error()}));
    return;
  }
  std::visit(Overloaded{[this](const HostSetup& setup) { onSetup(setup); },
                        [this](CallOrder& order) { onCall(std::move(order)); },
                        [this](const ServersForCall& renewed) { onServers(renewed); },
                        [this](const HostStop& stop) { onStop(stop); }},
             *command);
}

void BotHost::onSetup(const HostSetup& setup) {
  const auto profile = iceProfile(setup.profile);
  if (!profile) {
    ports_.tell(
        reportLine(HostFailed{{ErrorCode::kBadScenario, "unknown profile " + setup.profile}}));
    return;
  }
  if (!setup.messages) {
    auto peers = PeerFactory::create(loop_, setup.media);
    if (!peers) {
      ports_.tell(reportLine(HostFailed{peers.error()}));
      return;
    }
    peers_ = std::move(*peers);
  }
  world_ = std::make_unique<BotWorld>(BotWorld{loop_, peers_.get(), setup, *profile,
                                               [this](const Event& event) { record(event); },
                                               ports_.crash});
  health_ = std::make_unique<HostHealthMeter>(loop_);
  health_timer_ = loop_.every(kHealthPeriod, [this] { tellHealth(); });
  ports_.tell(reportLine(HostIsReady{}));
}

void BotHost::onCall(CallOrder order) {
  if (!world_ || stopping_)
    return;
  const int call = order.call;
  // Ended is told from inside the call: let it unwind before it is destroyed.
  calls_[call] = std::make_unique<Call>(
      *world_, std::move(order), [this, call] { loop_.post([this, call] { onCallEnded(call); }); });
}

void BotHost::onServers(const ServersForCall& renewed) {
  if (const auto call = calls_.find(renewed.call); call != calls_.end())
    call->second->renewServers(renewed.servers, renewed.reason);
}

void BotHost::onCallEnded(int call) {
  calls_.erase(call);
  ports_.tell(reportLine(CallEnded{call}));
  finishWhenIdle();
}

void BotHost::onStop(const HostStop& stop) {
  stopping_ = true;
  stop_timer_ = loop_.after(stop.grace, [this] { finish(); });
  for (const auto& [id, call] : calls_)
    call->interrupt();
  finishWhenIdle();
}

void BotHost::finishWhenIdle() {
  if (stopping_ && calls_.empty())
    finish();
}

void BotHost::finish() {
  if (std::exchange(is_finished_, true))
    return;
  stop_timer_.cancel();
  if (health_)
    tellHealth();
  ports_.tell(reportLine(HostIsDone{}));
  ports_.on_finished();
}

void BotHost::tellHealth() {
  HostHealth health = health_->take();
  const PeerFactory::Health pacer = peers_ ? peers_->takeHealth() : PeerFactory::Health{};
  health.host = world_->setup.host;
  for (const auto& [id, call] : calls_)
    health.bots += call->bots();
  health.pacer_late_p99_ms = pacer.pacer_late_p99_ms;
  health.pacer_late_max_ms = pacer.pacer_late_max_ms;
  record(Event{now(), -1, -1, -1, health});
}

void BotHost::record(const Event& event) {
  ports_.tell(eventLine(event));
}

}  // namespace turnout
