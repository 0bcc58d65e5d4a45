#include "bots/host/bot_host.h"

#include "pipelines/base/fd.h"
#include "scenarios/load.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace turnout {
namespace {

constexpr Duration kHealthPeriod = 1s;
constexpr Duration kSettleCheck = 20ms;

SignalingClient::Server serverOf(const HostSetup& setup, const Scenario& scenario) {
  SignalingClient::Server server{.url = setup.signaling_url,
                                 .tls = {setup.signaling.tls_ca_file, setup.signaling.tls_verify},
                                 .start = scenario.signaling.start};
  for (const SignalingAccess::Value& value : setup.signaling.values)
    if (value.name == "token" && !value.values.empty())
      server.token = value.values.front();
  return server;
}

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
  std::shared_ptr<const Dialect> dialect;
  if (!setup.signaling.dialect.empty()) {
    ScenarioProblems problems;
    dialect = std::make_shared<Dialect>(readDialect(setup.signaling.dialect, problems));
    if (!problems.empty())
      return Error{ErrorCode::kBadScenario, problemsText("the dialect of a host", problems)};
  }
  if (!scenario.messages) {
    auto peers = PeerFactory::create(
        loop_, PeerFactoryOptions{.media = scenario.media,
                                  .server_requests_per_s = setup.server_requests_per_s});
    if (!peers)
      return peers.error();
    peers_ = std::move(*peers);
  }
  index_ = setup.host;
  SignalingClient::Server server = serverOf(setup, scenario);
  world_ =
      std::make_unique<BotWorld>(BotWorld{.loop = loop_,
                                          .peers = peers_.get(),
                                          .scenario = std::move(scenario),
                                          .signaling = std::move(server),
                                          .dialect = std::move(dialect),
                                          .dialect_values = setup.signaling.values,
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
  for (const RequestBudget::Second& one : pacer.requests)
    record(Event{now(), -1, -1, -1,
                 ServerRequests{index_, one.server, one.second, one.requests, one.waited,
                                one.longest_wait_ms}});
  record(Event{now(), -1, -1, -1, health});
}

namespace {

double cpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double residentMegabytes() {
  long size = 0, resident = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &size, &resident) != 2)
      resident = 0;
    std::fclose(file);
  }
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576.0;
}

bool hasLocalPort(const Fd& socket) {
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) == 0;
}

}  // namespace

std::optional<std::string> exhaustedResource() {
  const Fd udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const Fd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!udp || !tcp)
    return "open files";
  if (!hasLocalPort(udp))
    return "local UDP ports";
  if (!hasLocalPort(tcp))
    return "local TCP ports";
  return std::nullopt;
}

HostHealthMeter::HostHealthMeter(Loop& loop, std::function<void(const Stall&)> on_stall)
    : watch_(loop, "loop", std::move(on_stall)), since_(now()), cpu_s_(cpuSeconds()) {}

HostHealth HostHealthMeter::take() {
  HostHealth health;
  std::vector<Duration> late = watch_.takeLateness();
  if (!late.empty()) {
    std::ranges::sort(late);
    const std::size_t rank = (late.size() * 99 + 99) / 100;  // nearest rank: the worst of up to 100
    health.loop_lag_p99_ms = toMs(late[rank - 1]);
    health.loop_lag_max_ms = toMs(late.back());
  }
  const Instant at = now();
  const double cpu_s = cpuSeconds();
  health.cpu_cores = (cpu_s - cpu_s_) / std::chrono::duration<double>(at - since_).count();
  health.rss_mb = residentMegabytes();
  since_ = at;
  cpu_s_ = cpu_s;
  return health;
}

}  // namespace turnout
