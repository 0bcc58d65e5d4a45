#include "pipelines/ice/agent/ice_core.h"

#include "pipelines/ice/agent/candidate_info.h"
#include "pipelines/ice/agent/sdp_credentials.h"

#include <iterator>
#include <utility>

namespace turnout {
namespace {

// How long a superseded generation is kept for packets that are still on their way.
constexpr Duration kOverlap = 500ms;

// libnice forgets to say that gathering is done when a TURN server closes its TCP connection
// without an answer. Longer than any request takes.
constexpr Duration kGatheringLimit = 8s;

}  // namespace

IceCore::IceCore(LoopThread& control, LoopThread& media, std::shared_ptr<LiveAgents::Token> live,
                 IceConfig config, IceAgent::OnEvent on_event)
    : control_(control),
      media_(media),
      on_event_(std::move(on_event)),
      webrtc_(control),
      live_(std::move(live)),
      config_(std::move(config)) {}

std::shared_ptr<IceCore> IceCore::create(LoopThread& control, LoopThread& media,
                                         std::shared_ptr<LiveAgents::Token> live, IceConfig config,
                                         IceAgent::OnEvent on_event, IceAgent::OnMedia on_media) {
  std::shared_ptr<IceCore> core(
      new IceCore(control, media, std::move(live), std::move(config), std::move(on_event)));
  core->receive_path_ = std::make_shared<ReceivePath>(
      control, media,
      [weak = std::weak_ptr(core)] {
        if (const auto alive = weak.lock())
          alive->moveToMedia();
      },
      std::move(on_media));
  return core;
}

template <class Body>
void IceCore::emit(unsigned generation, Body body) {
  if (!closed_)
    on_event_({now(), generation, std::move(body)});
}

IceCore::Engine IceCore::addGeneration() {
  const unsigned number = next_number_++;
  const auto gate = std::make_shared<PacketGate>(number, refusalHandler(number));
  gate->set(network_);
  const IceGeneration::Setup setup{
      .number = number,
      .config = config_,
      .controlling = controlling_,
      .type_of_service = type_of_service_,
      .control = control_,
      .live = live_,
      .receive_path = receive_path_,
      .gate = gate,
      .servers = ServerGathering::create(control_, config_, gate, outcomeHandler(number))};
  Generation& added = generations_[number];
  added.ice = std::make_shared<IceGeneration>(setup, handlersOf(number));
  added.local = added.ice->localCredentials();
  return added.ice;
}

IceGeneration::Handlers IceCore::handlersOf(unsigned number) {
  const auto call = [weak = weak_from_this(), number](auto method) {
    return [weak, number, method](const auto&... args) {
      if (const auto core = weak.lock())
        ((*core).*method)(number, args...);
    };
  };
  return {.on_candidate = call(&IceCore::onCandidate),
          .on_gathering_done = call(&IceCore::onGatheringDone),
          .on_state = call(&IceCore::onState),
          .on_pair = call(&IceCore::onPair)};
}

ServerOutcomes::OnOutcome IceCore::outcomeHandler(unsigned number) {
  return [weak = weak_from_this(), number](Instant at, const IceServerOutcome& outcome) {
    if (const auto core = weak.lock())
      core->onOutcome(number, at, outcome);
  };
}

PacketGate::OnRefusal IceCore::refusalHandler(unsigned number) {
  return [weak = weak_from_this(), number](const PermissionRefusal& refusal) {
    if (const auto core = weak.lock())
      core->emit(number, IcePermissionRefused{refusal.error_code, refusal.reason});
  };
}

GstWebRTCICEStream* IceCore::addStream(guint session) {
  {
    const std::lock_guard lock(mutex_);
    if (generations_.empty() && !closed_)
      sender_ = addGeneration();
  }
  return webrtc_.stream(shared_from_this(), session);
}

GstWebRTCICETransport* IceCore::findTransport() {
  return webrtc_.transport(shared_from_this());
}

bool IceCore::gather() {
  Engine engine;
  {
    const std::lock_guard lock(mutex_);
    if (generations_.empty() || newest().gathering)
      return true;
    newest().gathering = true;
    engine = newest().ice;
  }
  if (engine->number() == 0)
    webrtc_.tellGathering(GST_WEBRTC_ICE_GATHERING_STATE_GATHERING);
  engine->servers().begin([weak = weak_from_this(), number = engine->number()] {
    if (const auto core = weak.lock())
      core->startGathering(core->engineOf(number));
  });
  return true;
}

void IceCore::startGathering(const Engine& engine) {
  if (!engine)
    return;
  const bool has_sockets = engine->gather();
  control_.loop().post([weak = weak_from_this(), number = engine->number(), has_sockets] {
    const auto core = weak.lock();
    const Engine gathering = core ? core->engineOf(number) : nullptr;
    if (!gathering)
      return;
    gathering->receiveOn(core->control_);
    if (!has_sockets || gathering->servers().isComplete())
      core->onGatheringDone(number);
  });
  callLater(kGatheringLimit, [weak = weak_from_this(), number = engine->number()] {
    if (const auto core = weak.lock())
      core->onGatheringDone(number);
  });
}

// On the control thread. The timer keeps itself until it has run.
void IceCore::callLater(Duration delay, Loop::Task task) {
  control_.loop().post([&loop = control_.loop(), delay, task = std::move(task)] {
    const auto timer = std::make_shared<Timer>();
    *timer = loop.after(delay, [timer, task] { task(); });
  });
}

void IceCore::moveToMedia() {
  for (const Engine& engine : engines())
    engine->receiveOn(media_);
}

std::vector<IceCore::Engine> IceCore::engines() {
  const std::lock_guard lock(mutex_);
  std::vector<Engine> all;
  for (const auto& [number, generation] : generations_)
    all.push_back(generation.ice);
  return all;
}

// A candidate that names its generation goes there; others to the newest that knows its peer.
IceCore::Engine IceCore::engineFor(const std::string& ufrag) {
  Engine found;
  for (const auto& [number, generation] : generations_)
    if (!generation.remote.empty() && (ufrag.empty() || generation.remote.ufrag == ufrag))
      found = generation.ice;
  return found;
}

// One of a generation that is not known waits for its description; if that generation is over, for
// ever.
void IceCore::addRemoteCandidate(const char* line) {
  const std::string ufrag = candidateUfrag(line ? line : "");
  Engine engine;
  {
    const std::lock_guard lock(mutex_);
    engine = engineFor(ufrag);
    if (!engine && !ufrag.empty())
      early_candidates_.keep(ufrag, line);
  }
  if (engine)
    engine->addRemoteCandidate(line);
}

void IceCore::setLocalCredentials(const IceCredentials& credentials) {
  Engine engine;
  {
    const std::lock_guard lock(mutex_);
    if (generations_.empty() || newest().local == credentials)
      return;
    if (newest().gathering)  // the owner changed them: a restart
      addGeneration();
    newest().local = credentials;
    engine = newest().ice;
  }
  engine->setLocalCredentials(credentials);
}

void IceCore::setRemoteCredentials(const IceCredentials& credentials) {
  Engine engine;
  std::vector<std::string> early;
  {
    const std::lock_guard lock(mutex_);
    if (generations_.empty() || newest().remote == credentials)
      return;
    if (!newest().remote.empty())  // the peer restarts
      addGeneration();
    newest().remote = credentials;
    engine = newest().ice;
    early = early_candidates_.take(credentials.ufrag);
  }
  engine->setRemoteCredentials(credentials);
  for (const std::string& line : early)
    engine->addRemoteCandidate(line.c_str());
}

void IceCore::setControlling(bool on) {
  controlling_ = on;
  for (const Engine& engine : engines())
    engine->setControlling(on);
}

void IceCore::setTypeOfService(int tos) {
  {
    const std::lock_guard lock(mutex_);
    type_of_service_ = tos;
  }
  for (const Engine& engine : engines())
    engine->setTypeOfService(tos);
}

IceCore::Engine IceCore::engineOf(unsigned number) {
  const std::lock_guard lock(mutex_);
  const auto found = generations_.find(number);
  return found == generations_.end() ? nullptr : found->second.ice;
}

IceCandidateInfo IceCore::describe(IceGeneration& generation, const NiceCandidate& local) {
  IceCandidateInfo info = candidateInfo(local);
  generation.servers().describe(info, relayIndex(local));
  return info;
}

void IceCore::onCandidate(unsigned number, const NiceCandidate& candidate,
                          const std::string& line) {
  const Engine engine = engineOf(number);
  if (!engine)
    return;
  engine->servers().onCandidate(candidateInfo(candidate));
  emit(number, IceLocalCandidate{describe(*engine, candidate)});
  // As W3C's usernameFragment, so that the far end knows its generation.
  webrtc_.tellCandidate(line + " ufrag " + localUfrag(number));
}

std::string IceCore::localUfrag(unsigned number) {
  const std::lock_guard lock(mutex_);
  const auto found = generations_.find(number);
  return found == generations_.end() ? std::string() : found->second.local.ufrag;
}

void IceCore::onGatheringDone(unsigned number) {
  Engine engine;
  {
    const std::lock_guard lock(mutex_);
    const auto found = generations_.find(number);
    if (found == generations_.end() || std::exchange(found->second.gathered, true))
      return;
    engine = found->second.ice;
  }
  engine->servers().finish();
  emit(number, IceGatheringDone{});
  if (number == 0)
    webrtc_.tellGathering(GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
}

// With the last outcome gathering is done, whether libnice notices or not; not before the candidate
// that this answer brings, which libnice tells after it.
void IceCore::onOutcome(unsigned number, Instant at, const IceServerOutcome& outcome) {
  if (closed_)
    return;
  on_event_({at, number, outcome});
  control_.loop().post([weak = weak_from_this(), number] {
    const auto core = weak.lock();
    const Engine engine = core ? core->engineOf(number) : nullptr;
    if (engine && engine->isReceiving() && engine->servers().isComplete())
      core->onGatheringDone(number);
  });
}

// libnice emits a state on whichever thread leaves its lock, so that webrtcbin's thread may bring
// "checking" after the control thread brought "completed". webrtcbin starts DTLS only while the
// state it was told last is connected or completed: told in the wrong order, it would wait for
// ever. So all states pass the control thread, and checking does not follow upon connected unless
// it failed since.
void IceCore::onState(unsigned number, NiceComponentState state) {
  control_.loop().post([weak = weak_from_this(), number, state] {
    if (const auto core = weak.lock())
      core->takeState(number, state);
  });
}

void IceCore::takeState(unsigned number, NiceComponentState state) {
  const bool is_up = state == NICE_COMPONENT_STATE_CONNECTED || state == NICE_COMPONENT_STATE_READY;
  bool is_told = true;
  bool is_switched = false;
  Engine engine;
  {
    const std::lock_guard lock(mutex_);
    const auto found = generations_.find(number);
    if (found == generations_.end())
      return;
    Generation& generation = found->second;
    engine = generation.ice;
    if (generation.is_up && state < NICE_COMPONENT_STATE_CONNECTED &&
        state != NICE_COMPONENT_STATE_DISCONNECTED)
      return;  // overtaken
    generation.is_up = is_up;
    generation.connected |= is_up;
    const bool is_newest = number == newest().ice->number();
    if (!is_newest && !is_up)
      is_told = false;  // superseded
    if (is_newest && number > 0 && !generation.connected)
      is_told = state == NICE_COMPONENT_STATE_FAILED;  // the old generation still carries media
    if (is_up && is_newest && sender_ != engine) {
      sender_ = engine;
      is_switched = true;
    }
  }
  if (is_switched)
    callLater(kOverlap, [weak = weak_from_this(), number] {
      if (const auto core = weak.lock())
        core->retireBefore(number);
    });
  if (state == NICE_COMPONENT_STATE_READY) {
    if (number > 0 && receive_path_->isMoved())
      engine->receiveOn(media_);
    engine->stopCheckingSoon();
  }
  if (!is_told)
    return;
  emit(number, IceStateChanged{toConnectionState(state)});
  webrtc_.tellState(toConnectionState(state));
}

// Drops older generations after the overlap, but not while the peer did not restart (its remote
// credentials are the same): then it still sends to the old sockets.
void IceCore::retireBefore(unsigned number) {
  std::vector<Engine> old;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  const auto kept = generations_.find(number);
  if (kept == generations_.end())
    return;
  for (auto it = generations_.begin(); it != kept;) {
    if (it->second.remote == kept->second.remote) {
      ++it;
      continue;
    }
    old.push_back(std::move(it->second.ice));
    it = generations_.erase(it);
  }
}

void IceCore::onPair(unsigned number, const NiceCandidate& local, const NiceCandidate& remote) {
  const Engine engine = engineOf(number);
  if (!engine)
    return;
  emit(number, IcePairSelected{describe(*engine, local), candidateInfo(remote)});
  webrtc_.tellPair();
}

void IceCore::send(const void* data, std::size_t size) {
  Engine engine;
  {
    const std::lock_guard lock(mutex_);
    engine = sender_;
  }
  if (engine)
    engine->send(data, size);
}

void IceCore::startSource(GstElement* source, GstPad* pad) {
  webrtc_.attach();
  receive_path_->attach(source, pad);
}

void IceCore::stopSource() {
  webrtc_.detach();
  receive_path_->detach();
}

GstWebRTCICE* IceCore::takeObject() {
  return webrtc_.makeObject(shared_from_this());
}

void IceCore::restart() {
  const std::lock_guard lock(mutex_);
  if (generations_.empty() || !newest().gathering)
    return;  // what comes is fresh anyway
  addGeneration();
}

void IceCore::withdrawRestart() {
  Engine gone;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  if (generations_.size() < 2 || !newest().remote.empty())
    return;
  gone = std::move(newest().ice);
  generations_.erase(std::prev(generations_.end()));
}

unsigned IceCore::newestNumber() {
  const std::lock_guard lock(mutex_);
  return generations_.empty() ? 0 : generations_.rbegin()->first;
}

void IceCore::applyCredentials(GstSDPMessage* sdp) {
  IceCredentials current;
  {
    const std::lock_guard lock(mutex_);
    if (generations_.empty() || next_number_ == 1)
      return;  // the first generation takes webrtcbin's
    current = newest().local;
  }
  setSdpCredentials(sdp, current);
}

void IceCore::setNetwork(const NetworkCondition& condition) {
  const std::lock_guard lock(mutex_);
  network_ = condition;
  for (const auto& [number, generation] : generations_)
    generation.ice->gate().set(condition);
}

void IceCore::moveTo(std::vector<std::string> local_addresses) {
  const std::lock_guard lock(mutex_);
  config_.local_addresses = std::move(local_addresses);
  for (const auto& [number, generation] : generations_)
    generation.ice->gate().closeForEver();
}

void IceCore::setServers(std::vector<IceServer> servers) {
  const std::lock_guard lock(mutex_);
  config_.servers = std::move(servers);
}

void IceCore::close(Leave leave) {
  closed_ = true;
  std::map<unsigned, Generation> gone;
  Engine sender;
  {
    const std::lock_guard lock(mutex_);
    gone.swap(generations_);
    sender.swap(sender_);
    live_.reset();
  }
  for (const auto& [number, generation] : gone)
    generation.ice->setLeave(leave);
}

}  // namespace turnout
