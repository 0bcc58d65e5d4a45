#include "orchestrator/run/run_services.h"

#include "pipelines/base/subprocess.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr auto kHung = 5s;          // without a sign of life: killed
constexpr auto kHungAtTheEnd = 2s;  // the same of one that is to end now

// In a lab, where firewalls let out web traffic alone: as web apps have them.
constexpr std::uint16_t kTurnPort = 3478, kTlsPort = 443;

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
  if (own_signaling) {  // first: coturn finds other ports when its own are taken
    const auto address = signalingAddress();
    if (!address)
      return address.error();
    if (const auto started = startSignaling(*address); !started)
      return started;
  }
  for (const Placeholder kind : config_.turn_servers)
    if (const auto started = startCoturn(kind); !started)
      return started;
  return Done{};
}

// In a lab with TLS at port 443, or a firewall that looks into packets would keep people from the app.
Result<std::string> RunServices::signalingAddress() {
  if (config_.lab) {
    if (const auto certified = certifySignaling(); !certified)
      return certified.error();
    return std::string(kSignalingAddress) + ":" + std::to_string(kTlsPort);
  }
  const auto port = freePorts(1);
  if (!port)
    return port.error();
  return "127.0.0.1:" + std::to_string(port->front());
}

Result<Done> RunServices::certifySignaling() {
  auto directory = TempDir::create("signaling");
  if (!directory)
    return directory.error();
  auto certificate = makeLoopbackCertificate(directory->path(), kSignalingAddress);
  if (!certificate)
    return certificate.error();
  certificates_ = *std::move(directory);
  signaling_certificate_ = *std::move(certificate);
  return Done{};
}

Result<Done> RunServices::startSignaling(const std::string& address) {
  auto process = SignalingProcess::start(
      loop_, {.program = config_.turnout_program,
              .address = address,
              .tls_certificate_file = signaling_certificate_.certificate_file,
              .tls_key_file = signaling_certificate_.key_file,
              .network = config_.lab ? config_.lab->services().fd() : -1,
              .session = config_.session,
              .on_started =
                  [this](Result<std::string> url) {
                    if (!url)
                      return onNotUp(kSignalingService, url.error());
                    config_.signaling_url = *url;
                    onUp(kSignalingService, hostAndPort(*url), signaling_->pid());
                  },
              .on_exit = [this](const std::string& how) { onExit(kSignalingService, how); },
              .on_stall = [this](const Stall& stall) { tellStall(kSignalingService, stall); }});
  if (!process)
    return process.error();
  signaling_ = std::move(*process);
  return Done{};
}

Result<Done> RunServices::startCoturn(Placeholder kind) {
  const std::string name = nameOf(kind);
  std::optional<CoturnProcess::Config::Place> place;
  if (config_.lab) {
    const auto number =
        std::ranges::find(config_.turn_servers, kind) - config_.turn_servers.begin();
    place = {.address = turnAddress(static_cast<std::size_t>(number)),
             .port = kTurnPort,
             .tls_port = kTlsPort,
             .network = &config_.lab->services()};
  }
  auto process = CoturnProcess::start(
      loop_, {.kind = kind.kind,
              .place = place,
              .log_file = config_.directory + "/" + name + ".log",
              .on_started =
                  [this, kind](Result<Done> up) {
                    if (!up)
                      return onNotUp(nameOf(kind), up.error());
                    onCoturnUp(kind);
                  },
              .on_exit = [this, name](const std::string& how) { onExit(name, how); },
              .on_stall = [this, name](const Stall& stall) { tellStall(name, stall); }});
  if (!process)
    return process.error();
  coturns_[kind] = std::move(*process);
  return Done{};
}

void RunServices::onCoturnUp(Placeholder kind) {
  const CoturnProcess& coturn = *coturns_.at(kind);
  const TurnService& service = coturn.service();
  turn_services_[kind] = service;
  onUp(nameOf(kind), service.host + ":" + std::to_string(service.port), coturn.pid());
}

void RunServices::onUp(const std::string& service, const std::string& address, pid_t pid) {
  running_.insert(service);
  events_.tell(ServiceStarted{service, address, pid});
  if (auto outage = outages_.extract(service))
    return outage.mapped().on_back();
  onStarted();
}

void RunServices::onNotUp(const std::string& service, const Error& error) {
  if (state_ == State::kStarting)
    return listener_.onServicesFailed(error);
  if (state_ == State::kUp)
    events_.tell(ServiceExited{service, error.what, false});
}

void RunServices::onStarted() {
  if (--starting_ > 0 || state_ != State::kStarting)
    return;
  state_ = State::kUp;
  looks_ = loop_.every(500ms, [this] { lookForTheHung(); });
  listener_.onServicesUp();
}

void RunServices::kill(const std::string& service) {
  if (!running_.contains(service))
    return;
  outages_[service];
  if (service == kSignalingService)
    signaling_->kill();
  else
    coturns_.at(*placeholderNamed(service))->kill();
}

void RunServices::revive(const std::string& service, std::function<void()> on_back) {
  const auto outage = outages_.find(service);
  if (outage == outages_.end())
    return;
  outage->second.on_back = std::move(on_back);
  if (!running_.contains(service))
    startAgain(service);
}

void RunServices::startAgain(const std::string& service) {
  const auto started = service == kSignalingService
                           ? startSignaling(hostAndPort(config_.signaling_url))
                           : coturns_.at(*placeholderNamed(service))->restart();
  if (!started)
    onNotUp(service, started.error());
}

void RunServices::onExit(const std::string& service, const std::string& how) {
  running_.erase(service);
  const auto outage = outages_.find(service);
  const bool is_killed = outage != outages_.end();
  if (const auto hung = hung_.extract(service))
    events_.tell(ServiceExited{service, how + ", " + hung.mapped(), false});
  else
    events_.tell(ServiceExited{service, how, is_killed || state_ == State::kStopping});
  if (state_ == State::kStopping && running_.empty())
    tellGone();
  else if (is_killed && outage->second.on_back)
    outage->second.again = loop_.after(0ms, [this, service] { startAgain(service); });
}

void RunServices::tellStall(const std::string& service, const Stall& stall) {
  events_.record(
      Event{stall.began, -1, -1, -1, Stalled{service, stall.thread, toMs(stall.length)}});
}

Duration RunServices::silenceOf(const std::string& service) const {
  return service == kSignalingService ? signaling_->silence()
                                      : coturns_.at(*placeholderNamed(service))->silence();
}

void RunServices::lookForTheHung() {
  const Duration limit = state_ == State::kStopping ? kHungAtTheEnd : kHung;
  for (const std::string& service : running_) {
    const Duration silence = silenceOf(service);
    if (silence < limit || outages_.contains(service) || hung_.contains(service))
      continue;
    hung_[service] = "no sign of life for " + std::to_string(silence / 1s) + " s";
    if (service == kSignalingService)
      signaling_->kill();
    else
      coturns_.at(*placeholderNamed(service))->kill();
  }
}

void RunServices::stop() {
  state_ = State::kStopping;
  lookForTheHung();
  looks_.cancel();
  outages_.clear();
  if (signaling_)
    signaling_->stop();
  for (const auto& [kind, coturn] : coturns_)
    coturn->stop();
  if (running_.empty())
    tellGone();
}

void RunServices::tellGone() {
  told_ = loop_.after(0ms, [this] { listener_.onServicesGone(); });
}

}  // namespace turnout
