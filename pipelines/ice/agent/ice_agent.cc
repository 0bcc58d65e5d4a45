#include "pipelines/ice/agent/ice_agent.h"

#include "pipelines/ice/agent/ice_credentials.h"
#include "pipelines/ice/agent/ice_generation.h"
#include "pipelines/ice/agent/receive_path.h"
#include "pipelines/ice/agent/webrtc_side.h"
#include "pipelines/ice/ice_candidate.h"

#include <iterator>
#include <utility>

#include <gst/webrtc/rtcsessiondescription.h>

namespace turnout {
namespace {

// How long a superseded generation is kept for packets that are still on their way.
constexpr Duration kOverlap = 500ms;

// libnice forgets to say that gathering is done when a TURN server closes its TCP connection
// without an answer. Longer than any request takes (RFC 8489 6.2.1: 39.5 s).
constexpr Duration kGatheringLimit = 40s;

}  // namespace

IceAgent::IceAgent(IceThreads& threads, IceConfig config, std::shared_ptr<Owner> owner)
    : control_(threads.control()),
      media_(threads.nextMedia()),
      budget_(threads.budget()),
      owner_(std::move(owner)),
      webrtc_(std::make_unique<WebrtcSide>(control_)),
      live_(threads.live().add()),
      config_(std::move(config)) {}

IceAgent::~IceAgent() = default;

std::shared_ptr<IceAgent> IceAgent::create(IceThreads& threads, IceConfig config, OnEvent on_event,
                                           OnEvent on_late) {
  std::shared_ptr<IceAgent> agent(
      new IceAgent(threads, std::move(config),
                   std::make_shared<Owner>(std::move(on_event), std::move(on_late))));
  agent->receive_path_ =
      std::make_shared<ReceivePath>(agent->control_, agent->media_, [weak = std::weak_ptr(agent)] {
        if (const auto alive = weak.lock())
          alive->moveToMedia();
      });
  return agent;
}

unsigned IceAgent::liveCount() {
  return LiveAgents::count();
}

template <class Body>
void IceAgent::emit(unsigned generation, Body body) {
  if (!owner_->has_left)
    owner_->on_event({now(), generation, std::move(body)});
}

template <class Method>
auto IceAgent::handler(unsigned number, Method method) {
  return [weak = weak_from_this(), number, method](const auto&... args) {
    if (const auto agent = weak.lock())
      ((*agent).*method)(number, args...);
  };
}

IceAgent::Engine IceAgent::addGeneration() {
  const unsigned number = next_number_++;
  const auto gate = std::make_shared<PacketGate>(
      number,
      [refuse = handler(number, &IceAgent::onRefusal)](const TurnAnswer& answer) {
        refuse(answer);
      },
      budget_);
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
  added.ice = std::make_shared<IceGeneration>(
      setup,
      IceGeneration::Handlers{.on_candidate = handler(number, &IceAgent::onCandidate),
                              .on_gathering_done = handler(number, &IceAgent::onGatheringDone),
                              .on_state = handler(number, &IceAgent::onState),
                              .on_pair = handler(number, &IceAgent::onPair)});
  added.local = added.ice->localCredentials();
  return added.ice;
}

// Outcomes reach the owner also when the agent is no more.
std::function<void(Instant, const IceServerOutcome&)> IceAgent::outcomeHandler(unsigned number) {
  return [weak = weak_from_this(), owner = owner_, number](Instant at,
                                                           const IceServerOutcome& outcome) {
    const auto& tell = owner->has_left ? owner->on_late : owner->on_event;
    if (tell)
      tell({at, number, outcome});
    if (const auto agent = weak.lock())
      agent->onOutcome(number);
  };
}

void IceAgent::onRefusal(unsigned number, const TurnAnswer& answer) {
  emit(number, IcePermissionRefused{answer.error_code, answer.reason, answer.stage});
}

GstWebRTCICEStream* IceAgent::addStream(unsigned session) {
  {
    const std::lock_guard lock(mutex_);
    if (generations_.empty() && !owner_->has_left)
      sender_ = addGeneration();
  }
  return webrtc_->stream(shared_from_this(), session);
}

GstWebRTCICETransport* IceAgent::findTransport() {
  return webrtc_->transport(shared_from_this());
}

bool IceAgent::gather() {
  Engine engine;
  {
    const std::lock_guard lock(mutex_);
    if (generations_.empty() || newest().gathering)
      return true;
    newest().gathering = true;
    engine = newest().ice;
  }
  if (engine->number() == 0)
    webrtc_->tellGathering(GST_WEBRTC_ICE_GATHERING_STATE_GATHERING);
  engine->servers().begin([weak = weak_from_this(), number = engine->number()] {
    if (const auto agent = weak.lock())
      agent->startGathering(agent->engineOf(number));
  });
  return true;
}

void IceAgent::startGathering(const Engine& engine) {
  if (!engine)
    return;
  const bool has_sockets = engine->gather();
  control_.loop().post([weak = weak_from_this(), number = engine->number(), has_sockets] {
    const auto agent = weak.lock();
    const Engine gathering = agent ? agent->engineOf(number) : nullptr;
    if (!gathering)
      return;
    gathering->receiveOn(agent->control_);
    if (!has_sockets || gathering->servers().isComplete())
      agent->onGatheringDone(number);
  });
  callLater(kGatheringLimit, [weak = weak_from_this(), number = engine->number()] {
    if (const auto agent = weak.lock())
      agent->onGatheringDone(number);
  });
}

// On the control thread. The timer keeps itself until it has run.
void IceAgent::callLater(Duration delay, Loop::Task task) {
  control_.loop().post([&loop = control_.loop(), delay, task = std::move(task)] {
    const auto timer = std::make_shared<Timer>();
    *timer = loop.after(delay, [timer, task] { task(); });
  });
}

void IceAgent::moveToMedia() {
  for (const Engine& engine : engines())
    engine->receiveOn(media_);
}

std::vector<IceAgent::Engine> IceAgent::engines() {
  const std::lock_guard lock(mutex_);
  std::vector<Engine> all;
  for (const auto& [number, generation] : generations_)
    all.push_back(generation.ice);
  return all;
}

// A candidate that names its generation goes there; others to the newest that knows its peer.
IceAgent::Engine IceAgent::engineFor(const std::string& ufrag) {
  Engine found;
  for (const auto& [number, generation] : generations_)
    if (!generation.remote.empty() && (ufrag.empty() || generation.remote.ufrag == ufrag))
      found = generation.ice;
  return found;
}

// One of a generation that is not known waits for its description; if that generation is over, for
// ever.
void IceAgent::addRemoteCandidate(const char* line) {
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

void IceAgent::setLocalCredentials(const IceCredentials& credentials) {
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

void IceAgent::setRemoteCredentials(const IceCredentials& credentials) {
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

void IceAgent::setControlling(bool on) {
  controlling_ = on;
  for (const Engine& engine : engines())
    engine->setControlling(on);
}

void IceAgent::setTypeOfService(int tos) {
  {
    const std::lock_guard lock(mutex_);
    type_of_service_ = tos;
  }
  for (const Engine& engine : engines())
    engine->setTypeOfService(tos);
}

IceAgent::Engine IceAgent::engineOf(unsigned number) {
  const std::lock_guard lock(mutex_);
  const auto found = generations_.find(number);
  return found == generations_.end() ? nullptr : found->second.ice;
}

IceCandidateInfo IceAgent::describe(IceGeneration& generation, const NiceCandidate& local) {
  IceCandidateInfo info = candidateInfo(local);
  generation.servers().describe(info, relayIndex(local));
  return info;
}

void IceAgent::onCandidate(unsigned number, const NiceCandidate& candidate,
                           const std::string& line) {
  const Engine engine = engineOf(number);
  if (!engine)
    return;
  engine->servers().onCandidate(candidateInfo(candidate));
  // As W3C's usernameFragment, so that the far end knows its generation.
  const std::string text = line + " ufrag " + localUfrag(number);
  const bool is_sdp_line = text.starts_with("a=");
  emit(number,
       IceLocalCandidate{describe(*engine, candidate), is_sdp_line ? text.substr(2) : text});
  webrtc_->tellCandidate(text);
}

std::string IceAgent::localUfrag(unsigned number) {
  const std::lock_guard lock(mutex_);
  const auto found = generations_.find(number);
  return found == generations_.end() ? std::string() : found->second.local.ufrag;
}

void IceAgent::onGatheringDone(unsigned number) {
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
    webrtc_->tellGathering(GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
}

// With the last outcome gathering is done, whether libnice notices or not; not before the candidate
// that this answer brings, which libnice tells after it.
void IceAgent::onOutcome(unsigned number) {
  control_.loop().post([weak = weak_from_this(), number] {
    const auto agent = weak.lock();
    const Engine engine = agent ? agent->engineOf(number) : nullptr;
    if (engine && engine->isReceiving() && engine->servers().isComplete())
      agent->onGatheringDone(number);
  });
}

// libnice emits a state on whichever thread leaves its lock, so that webrtcbin's thread may bring
// "checking" after the control thread brought "completed". webrtcbin starts DTLS only while the
// state it was told last is connected or completed: told in the wrong order, it would wait for
// ever. So all states pass the control thread, and checking does not follow upon connected unless
// it failed since.
void IceAgent::onState(unsigned number, IceConnectionState state) {
  control_.loop().post([weak = weak_from_this(), number, state] {
    if (const auto agent = weak.lock())
      agent->takeState(number, state);
  });
}

void IceAgent::takeState(unsigned number, IceConnectionState state) {
  const bool is_up =
      state == IceConnectionState::kConnected || state == IceConnectionState::kCompleted;
  const bool is_beginning =
      state == IceConnectionState::kNew || state == IceConnectionState::kChecking;
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
    if (generation.is_up && is_beginning)
      return;  // overtaken
    generation.is_up = is_up;
    generation.connected |= is_up;
    const bool is_newest = number == newest().ice->number();
    if (!is_newest && !is_up)
      is_told = false;  // superseded
    if (is_newest && number > 0 && !generation.connected)
      is_told = state == IceConnectionState::kFailed;  // the old generation still carries media
    if (is_up && is_newest && sender_ != engine) {
      sender_ = engine;
      is_switched = true;
    }
  }
  if (is_switched)
    callLater(kOverlap, [weak = weak_from_this(), number] {
      if (const auto agent = weak.lock())
        agent->retireBefore(number);
    });
  if (state == IceConnectionState::kCompleted) {
    if (number > 0 && receive_path_->isMoved())
      engine->receiveOn(media_);
    engine->stopCheckingSoon();
  }
  if (!is_told)
    return;
  emit(number, IceStateChanged{state});
  webrtc_->tellState(state);
}

// Drops older generations after the overlap, but not while the peer did not restart (its remote
// credentials are the same): then it still sends to the old sockets.
void IceAgent::retireBefore(unsigned number) {
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

void IceAgent::onPair(unsigned number, const NiceCandidate& local, const NiceCandidate& remote) {
  const Engine engine = engineOf(number);
  if (!engine)
    return;
  emit(number, IcePairSelected{describe(*engine, local), candidateInfo(remote)});
  webrtc_->tellPair();
}

void IceAgent::send(const void* data, std::size_t size) {
  Engine engine;
  {
    const std::lock_guard lock(mutex_);
    engine = sender_;
  }
  if (engine)
    engine->send(data, size);
}

void IceAgent::startSource(GstElement* source, GstPad* pad) {
  webrtc_->attach();
  receive_path_->attach(source, pad);
}

void IceAgent::stopSource() {
  webrtc_->detach();
  receive_path_->detach();
}

GstWebRTCICE* IceAgent::takeObject() {
  return webrtc_->makeObject(shared_from_this());
}

void IceAgent::restart() {
  const std::lock_guard lock(mutex_);
  if (generations_.empty() || !newest().gathering)
    return;  // what comes is fresh anyway
  addGeneration();
}

void IceAgent::withdrawRestart() {
  Engine gone;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  if (generations_.size() < 2 || !newest().remote.empty())
    return;
  gone = std::move(newest().ice);
  generations_.erase(std::prev(generations_.end()));
}

unsigned IceAgent::generation() {
  const std::lock_guard lock(mutex_);
  return generations_.empty() ? 0 : generations_.rbegin()->first;
}

unsigned IceAgent::rtpGeneration() const {
  return receive_path_->rtpGeneration();
}

void IceAgent::applyCredentials(GstWebRTCSessionDescription* local) {
  IceCredentials current;
  {
    const std::lock_guard lock(mutex_);
    if (generations_.empty() || next_number_ == 1)
      return;  // the first generation takes webrtcbin's
    current = newest().local;
  }
  setSdpCredentials(local, current);
}

void IceAgent::setNetwork(const NetworkCondition& condition) {
  const std::lock_guard lock(mutex_);
  network_ = condition;
  for (const auto& [number, generation] : generations_)
    generation.ice->gate().set(condition);
}

void IceAgent::moveTo(std::vector<std::string> local_addresses) {
  const std::lock_guard lock(mutex_);
  config_.local_addresses = std::move(local_addresses);
  for (const auto& [number, generation] : generations_)
    generation.ice->gate().closeForEver();
}

void IceAgent::setServers(std::vector<IceServer> servers) {
  const std::lock_guard lock(mutex_);
  config_.servers = std::move(servers);
}

void IceAgent::close(Leave leave) {
  owner_->has_left = true;
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
