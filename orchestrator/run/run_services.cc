#include "orchestrator/run/run_services.h"

namespace turnout {
namespace {

constexpr const char* kSignaling = "signaling";

const char* serviceName(Placeholder kind) {
  return kind == Placeholder::kCoturnRest ? "coturn-rest" : "coturn";
}

std::string hostAndPort(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? url : url.substr(scheme + 3);
}

}  // namespace

RunServices::RunServices(Loop& loop, Config config, EventSink& events, Listener& listener)
    : loop_(loop), config_(std::move(config)), events_(events), listener_(listener) {}

Result<Done> RunServices::start() {
  const bool own_signaling = config_.signaling_url.empty();
  starting_ = config_.turn_servers.size() + (own_signaling ? 1 : 0);
  if (starting_ == 0) {
    starting_ = 1;
    told_ = loop_.after(0ms, [this] { onStarted(); });
  }
  for (const Placeholder kind : config_.turn_servers)
    if (const auto started = startCoturn(kind); !started)
      return started;
  return own_signaling ? startSignaling() : Done{};
}

Result<Done> RunServices::startSignaling() {
  auto process = SignalingProcess::start(
      loop_, {.program = config_.turnout_program,
              .session = config_.session,
              .on_started =
                  [this](Result<std::string> url) {
                    if (!url)
                      return listener_.onServicesFailed(url.error());
                    running_++;
                    config_.signaling_url = *url;
                    events_.tell(ServiceStarted{kSignaling, hostAndPort(*url), signaling_->pid()});
                    onStarted();
                  },
              .on_exit = [this](const std::string& how) { onExit(kSignaling, how); }});
  if (!process)
    return process.error();
  signaling_ = std::move(*process);
  return Done{};
}

Result<Done> RunServices::startCoturn(Placeholder kind) {
  const std::string name = serviceName(kind);
  auto process = CoturnProcess::start(
      loop_, {.kind = kind,
              .log_file = config_.directory + "/" + name + ".log",
              .on_started =
                  [this, kind](Result<Done> up) {
                    if (!up)
                      return listener_.onServicesFailed(up.error());
                    onCoturnUp(kind);
                  },
              .on_exit = [this, name](const std::string& how) { onExit(name, how); }});
  if (!process)
    return process.error();
  coturns_[kind] = std::move(*process);
  return Done{};
}

void RunServices::onCoturnUp(Placeholder kind) {
  running_++;
  const CoturnProcess& coturn = *coturns_.at(kind);
  const TurnService& service = coturn.service();
  turn_services_[kind] = service;
  events_.tell(ServiceStarted{serviceName(kind), service.host + ":" + std::to_string(service.port),
                              coturn.pid()});
  onStarted();
}

void RunServices::onStarted() {
  if (--starting_ > 0 || state_ != State::kStarting)
    return;
  state_ = State::kUp;
  listener_.onServicesUp();
}

void RunServices::onExit(const std::string& service, const std::string& how) {
  running_--;
  const bool expected = state_ == State::kStopping;
  events_.tell(ServiceExited{service, how, expected});
  if (expected && running_ == 0)
    told_ = loop_.after(0ms, [this] { listener_.onServicesGone(); });
}

void RunServices::stop() {
  state_ = State::kStopping;
  if (signaling_)
    signaling_->stop();
  for (const auto& [kind, coturn] : coturns_)
    coturn->stop();
  if (running_ == 0)
    told_ = loop_.after(0ms, [this] { listener_.onServicesGone(); });
}

}  // namespace turnout
