#include "pipelines/ice/agent/ice_generation.h"

#include "pipelines/ice/hooks/packet_gate.h"
#include "pipelines/stun/socket_address.h"

#include <array>
#include <utility>

namespace turnout {
namespace {

constexpr guint kComponent = 1;

// RFC 8489 6.2: over UDP a request is sent seven times, and given up 16 RTO after the last; over
// TCP and TLS it waits as long, and the connection is made within it.
constexpr guint kTransmissions = 7;
constexpr milliseconds kStreamAnswer{39500};

Ref<NiceAgent> newNiceAgent(const IceGeneration::Setup& setup) {
  const IceProfile& profile = setup.config.profile;
  int options = NICE_AGENT_OPTION_ICE_TRICKLE;
  if (profile.nomination == Nomination::kRegular)
    options |= NICE_AGENT_OPTION_REGULAR_NOMINATION;
  if (profile.consent_freshness)
    options |= NICE_AGENT_OPTION_CONSENT_FRESHNESS;
  auto agent = Ref<NiceAgent>::adopt(nice_agent_new_full(setup.control.loop().context(),
                                                         NICE_COMPATIBILITY_RFC5245,
                                                         static_cast<NiceAgentOption>(options)));
  // UPnP would talk to routers; ICE-TCP would double every stream connection to a TURN server.
  g_object_set(agent.get(), "upnp", FALSE, "ice-tcp", FALSE, "stun-reliable-timeout",
               static_cast<guint>(kStreamAnswer.count()), "stun-max-retransmissions",
               kTransmissions, "stun-initial-timeout", static_cast<guint>(profile.stun_rto.count()),
               "stun-pacing-timer", static_cast<guint>(profile.pacing.count()), "idle-timeout",
               static_cast<guint>(profile.idle_timeout.count()), "force-relay",
               static_cast<gboolean>(setup.config.relay_only), "controlling-mode",
               static_cast<gboolean>(setup.controlling), nullptr);
  for (const std::string& text : setup.config.local_addresses) {
    NiceAddress address;
    nice_address_init(&address);
    if (nice_address_set_from_string(&address, text.c_str()))
      nice_agent_add_local_address(agent.get(), &address);
  }
  return agent;
}

void dropPacket(NiceAgent*, guint, guint, guint, gchar*, gpointer) {}

void handPacket(NiceAgent*, guint, guint, guint size, gchar* data, gpointer way) {
  const auto& [path, generation] = *static_cast<const IceGeneration::Way*>(way);
  path->onPacket(data, size, generation);
}

// What outlives a generation until libnice is done with it.
struct Closing {
  Ref<NiceAgent> agent;
  std::shared_ptr<ServerGathering> servers;
  std::shared_ptr<LiveAgents::Token> live;
  bool is_asking = false;  // servers were asked
  Timer look_again{};
};

// A server that has not answered so long after gathering began counts as silent once the call is
// over; and an answer that is on its way would leave an allocation that nobody releases.
constexpr Duration kAnswerMayTake = 2s, kLookAgainAfter = 20ms;

// On the control thread, and nothing of ours hears of the agent any more.
void closeAgent(Closing closing, Leave leave) {
  if (leave == Leave::kAbrupt)
    return;  // the last reference goes with the argument; sockets close, nothing is sent
  NiceAgent* agent = closing.agent.get();
  // A server that is dead by now is not to keep the agent: 500 + 1000 + 500 ms, and as long on TCP.
  g_object_set(agent, "stun-max-retransmissions", 3u, "stun-initial-timeout", 500u,
               "stun-reliable-timeout", 2000u, nullptr);
  nice_agent_close_async(
      agent, [](GObject*, GAsyncResult*, gpointer data) { delete static_cast<Closing*>(data); },
      new Closing(std::move(closing)));
}

void closeOnceAnswered(Loop& control, const std::shared_ptr<Closing>& closing, Instant until) {
  if (closing->servers->isComplete() || now() >= until) {
    closing->servers->finish();
    return closeAgent(std::move(*closing), Leave::kClean);
  }
  closing->look_again = control.after(
      kLookAgainAfter, [&control, closing, until] { closeOnceAnswered(control, closing, until); });
}

void leave(Loop& control, Closing closing, Leave how) {
  if (!closing.is_asking)
    return closeAgent(std::move(closing), how);
  const Instant until = closing.servers->began().value_or(now()) + kAnswerMayTake;
  if (how == Leave::kClean)
    return closeOnceAnswered(control, std::make_shared<Closing>(std::move(closing)), until);
  if (now() >= until)
    closing.servers->finish();
  closeAgent(std::move(closing), how);
}

}  // namespace

IceGeneration::IceGeneration(const Setup& setup, Handlers handlers)
    : control_(setup.control),
      live_(setup.live),
      way_(std::make_shared<const Way>(Way{setup.receive_path, setup.number})),
      gate_(setup.gate),
      servers_(setup.servers),
      agent_(newNiceAgent(setup)),
      stream_(nice_agent_add_stream(agent_.get(), kComponent)) {
  if (setup.type_of_service >= 0)
    setTypeOfService(setup.type_of_service);
  connectSignals(std::move(handlers));
  check_timer_.emplace(localCredentials().ufrag, servers_->checkTimes());
}

void IceGeneration::connectSignals(Handlers handlers) {
  signals_.push_back(connect<void(NiceAgent*, NiceCandidate*)>(
      agent_.get(), "new-candidate-full",
      [on = std::move(handlers.on_candidate)](NiceAgent* agent, NiceCandidate* candidate) {
        const Owned<char> line(nice_agent_generate_local_candidate_sdp(agent, candidate));
        on(*candidate, line.get());
      }));
  signals_.push_back(connect<void(NiceAgent*, guint)>(
      agent_.get(), "candidate-gathering-done",
      [on = std::move(handlers.on_gathering_done)](NiceAgent*, guint) { on(); }));
  signals_.push_back(connect<void(NiceAgent*, guint, guint, guint)>(
      agent_.get(), "component-state-changed",
      [on = std::move(handlers.on_state)](NiceAgent*, guint, guint, guint state) {
        on(toConnectionState(static_cast<NiceComponentState>(state)));
      }));
  signals_.push_back(connect<void(NiceAgent*, guint, guint, NiceCandidate*, NiceCandidate*)>(
      agent_.get(), "new-selected-pair-full",
      [on = std::move(handlers.on_pair)](NiceAgent*, guint, guint, NiceCandidate* local,
                                         NiceCandidate* remote) { on(*local, *remote); }));
}

// Detaching has three steps, each on the thread where the callback could run: on control, packets
// go to a callback that drops them (with none at all nobody would read the sockets: the loop would
// spin and the answer to Refresh(0) be lost); on media, a turn, after which no callback is under
// way; on control again, the close.
IceGeneration::~IceGeneration() {
  signals_.clear();
  struct State {
    Closing closing;
    guint stream;
    std::shared_ptr<const Way> way;
    Leave leave;
  };
  auto state = std::make_shared<State>(
      State{{std::move(agent_), std::move(servers_), live_, is_asking_}, stream_, way_, leave_});
  LoopThread* const media = receives_on_;
  Loop& control = control_.loop();
  control.post([state, media, &control] {
    if (!media)
      return leave(control, std::move(state->closing), state->leave);
    nice_agent_attach_recv(state->closing.agent.get(), state->stream, kComponent, control.context(),
                           dropPacket, nullptr);
    media->loop().post([state, &control] {
      state->way.reset();
      control.post([state, &control] { leave(control, std::move(state->closing), state->leave); });
    });
  });
}

IceCredentials IceGeneration::localCredentials() const {
  Owned<char> ufrag;
  Owned<char> pwd;
  nice_agent_get_local_credentials(agent_.get(), stream_, ufrag.out(), pwd.out());
  return {ufrag.get(), pwd.get()};
}

void IceGeneration::setLocalCredentials(const IceCredentials& credentials) {
  check_timer_.emplace(credentials.ufrag, servers_->checkTimes());
  nice_agent_set_local_credentials(agent_.get(), stream_, credentials.ufrag.c_str(),
                                   credentials.pwd.c_str());
}

void IceGeneration::setRemoteCredentials(const IceCredentials& credentials) {
  nice_agent_set_remote_credentials(agent_.get(), stream_, credentials.ufrag.c_str(),
                                    credentials.pwd.c_str());
}

void IceGeneration::setControlling(bool on) {
  g_object_set(agent_.get(), "controlling-mode", static_cast<gboolean>(on), nullptr);
}

void IceGeneration::setTypeOfService(int tos) {
  nice_agent_set_stream_tos(agent_.get(), stream_, tos);
}

bool IceGeneration::gather() {
  is_asking_ = true;
  if (const auto stun = servers_->stunServer())
    g_object_set(agent_.get(), "stun-server", stun->address.c_str(), "stun-server-port",
                 static_cast<guint>(stun->port), nullptr);
  for (const ServerGathering::Relay& relay : servers_->relays())
    nice_agent_set_relay_info(
        agent_.get(), stream_, kComponent, relay.endpoint.address.c_str(), relay.endpoint.port,
        relay.username.c_str(), relay.credential.reveal().c_str(),
        relay.is_stream ? NICE_RELAY_TYPE_TURN_TCP : NICE_RELAY_TYPE_TURN_UDP);
  const GateForNewSockets gated(gate_);
  return nice_agent_gather_candidates(agent_.get(), stream_) != FALSE;
}

void IceGeneration::receiveOn(LoopThread& thread) {
  receives_on_ = &thread;
  nice_agent_attach_recv(agent_.get(), stream_, kComponent, thread.loop().context(), handPacket,
                         const_cast<Way*>(way_.get()));
}

void IceGeneration::addRemoteCandidate(const char* line) {
  if (!line || !*line) {
    nice_agent_peer_candidate_gathering_done(agent_.get(), stream_);
    return;
  }
  NiceCandidate* candidate = nice_agent_parse_remote_candidate_sdp(agent_.get(), stream_, line);
  if (!candidate)
    return;
  if (candidate->component_id == kComponent) {  // RTCP shares it (RFC 8834 4.5)
    GSList one{candidate, nullptr};
    nice_agent_set_remote_candidates(agent_.get(), stream_, kComponent, &one);
  }
  nice_candidate_free(candidate);
}

void IceGeneration::send(const void* data, std::size_t size) {
  GOutputVector bytes{data, size};
  NiceOutputMessage message{&bytes, 1};
  // A packet that cannot be sent is a lost packet.
  nice_agent_send_messages_nonblocking(agent_.get(), stream_, kComponent, &message, 1, nullptr,
                                       nullptr);
}

void IceGeneration::stopCheckingSoon() {
  g_object_set(agent_.get(), "idle-timeout", 50u, nullptr);
}

namespace {

CandidateType toCandidateType(NiceCandidateType type) {
  switch (type) {
    case NICE_CANDIDATE_TYPE_HOST:
      return CandidateType::kHost;
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
      return CandidateType::kServerReflexive;
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
      return CandidateType::kPeerReflexive;
    case NICE_CANDIDATE_TYPE_RELAYED:
      return CandidateType::kRelay;
  }
  return CandidateType::kHost;
}

}  // namespace

std::string addressText(const NiceAddress& address) {
  std::array<char, NICE_ADDRESS_STRING_LEN> text{};
  nice_address_to_string(&address, text.data());
  return hostPort(text.data(), static_cast<std::uint16_t>(nice_address_get_port(&address)));
}

IceConnectionState toConnectionState(NiceComponentState state) {
  switch (state) {
    case NICE_COMPONENT_STATE_CONNECTING:
      return IceConnectionState::kChecking;
    case NICE_COMPONENT_STATE_CONNECTED:
      return IceConnectionState::kConnected;
    case NICE_COMPONENT_STATE_READY:
      return IceConnectionState::kCompleted;
    case NICE_COMPONENT_STATE_FAILED:
      return IceConnectionState::kFailed;
    case NICE_COMPONENT_STATE_DISCONNECTED:
      return IceConnectionState::kDisconnected;
    case NICE_COMPONENT_STATE_GATHERING:
    case NICE_COMPONENT_STATE_LAST:
      return IceConnectionState::kNew;
  }
  return IceConnectionState::kNew;
}

IceCandidateInfo candidateInfo(const NiceCandidate& candidate) {
  return {.type = toCandidateType(candidate.type),
          .protocol = candidate.transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp",
          .address = addressText(candidate.addr),
          .relay_protocol = {},
          .url = {}};
}

// libnice puts the entry's position in its list into bits 14-16 of the priority (candidate.c,
// nice_candidate_ice_local_preference_full). nice_candidate_relay_address() would say it too, but
// crashes on the copies that signals carry.
std::size_t relayIndex(const NiceCandidate& candidate) {
  return (candidate.priority >> 14) & 7;
}

}  // namespace turnout
