#include "pipelines/peer/webrtc_peer.h"

#include "pipelines/base/mailbox.h"
#include "pipelines/media/rtp_receiver.h"
#include "pipelines/peer/negotiation.h"
#include "pipelines/peer/outgoing_media.h"
#include "pipelines/peer/session_description.h"
#include "pipelines/peer/webrtcbin.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace turnout {
namespace {

constexpr std::size_t kMaxCandidateBytes = 1024;
constexpr std::array kKinds = {MediaKind::kAudio, MediaKind::kVideo};

Owned<GstSDPMessage> copyOf(const GstSDPMessage& message) {
  Owned<GstSDPMessage> copy;
  gst_sdp_message_copy(&message, copy.out());
  return copy;
}

std::string textOf(const GstSDPMessage& message) {
  return Owned<char>(gst_sdp_message_as_text(&message)).get();
}

// The instant, as RFC 8866 5.2 has it: two connections of one end are never made in the same.
std::uint64_t newSessionId() {
  return static_cast<std::uint64_t>(toNs(now()));
}

struct DescriptionText {
  SdpType type;
  std::string sdp;
  bool operator==(const DescriptionText&) const = default;
};

struct Incoming {
  SdpType type;
  RemoteDescription description;
};

// The tracks of both descriptions of an exchange that is complete.
std::vector<NegotiatedTrack> tracksOf(const std::vector<MediaSection>& local,
                                      const std::vector<MediaSection>& remote) {
  std::vector<NegotiatedTrack> tracks;
  for (std::size_t i = 0; i < std::min(local.size(), remote.size()); i++)
    if (local[i].kind)
      tracks.push_back({.mline = local[i].mline,
                        .kind = *local[i].kind,
                        .sends = local[i].sends && remote[i].receives,
                        .receives = local[i].receives && remote[i].sends,
                        .has_codec = remote[i].payload_type.has_value()});
  return tracks;
}

IceAgent::OnEvent lateListener(const SharedByPeers& shared, const PeerConfig& config) {
  if (!config.on_late_outcome)
    return nullptr;
  return [out = shared.late_outcomes.sender(), tell = config.on_late_outcome](IceEvent event) {
    if (auto* outcome = std::get_if<IceServerOutcome>(&event.body))
      out.send({tell, event.at, std::move(*outcome)});
  };
}

class WebrtcPeer final : public PeerConnection {
 public:
  WebrtcPeer(SharedByPeers& shared, const PeerConfig& config, OnEvent on_event);
  ~WebrtcPeer() override { close(Leave::kAbrupt); }
  Result<Done> start();

  void createOffer() override;
  Result<Done> setRemoteDescription(SdpType type, const std::string& sdp) override;
  void addRemoteCandidate(unsigned mline, const std::string& candidate) override;
  void endOfRemoteCandidates() override;
  void restartIce() override;
  bool isOffering() const override { return negotiation_.isOffering(); }
  void setNetwork(const NetworkCondition& condition) override;
  void changeAddress(const std::string& literal) override;
  void setIceServers(std::vector<IceServer> servers) override;
  void requestKeyFrame() override;
  MediaTotals totals() const override;
  void close(Leave leave) override;

 private:
  void onNotice(Webrtcbin::Notice notice);
  void onIce(IceEvent event);

  // The exchange of descriptions: the Negotiation says what to do, these do it.
  void perform(Instant at, const Negotiation::ToDos& todos);
  void offerTracks();
  void setLocal();
  void setRemote();
  void rollBack();
  void tellLocal(Instant at);
  void settleRole(const RemoteDescription& answer);
  Result<Done> judgeTransport(SdpType type, const RemoteDescription& description) const;
  void completeExchange(Instant at);  // both descriptions of it are set

  void giveCandidate(const char* candidate);
  void tellGathered();
  void beginSending();
  void watchMedia();  // tells silences; again when the next could be long enough
  bool receives(MediaKind kind) const;
  template <class Body>
  void tell(Instant at, Body body) {
    if (!is_closed_)
      on_event_(PeerEvent{at, std::move(body)});
  }

  SharedByPeers& shared_;
  const PeerConfig config_;
  const OnEvent on_event_;
  Mailbox<Webrtcbin::Notice> notices_;
  Mailbox<IceEvent> ice_events_;
  const std::shared_ptr<IceAgent> agent_;
  std::unique_ptr<Webrtcbin> webrtcbin_;
  std::shared_ptr<RtpReceiver> receiver_;
  OutgoingMedia outgoing_;
  // Local candidates, and the end of gathering, that the owner does not know of yet.
  std::deque<std::pair<Instant, std::optional<IceLocalCandidate>>> gathered_;
  std::vector<std::string>
      early_candidates_;  // before a remote description; an empty one ends them

  // Of what the far end is told (JSEP, RFC 9429 5.2.1 and 5.3.1): webrtcbin 1.22 answers with the id of
  // the other end's offer.
  const std::uint64_t session_id_;
  unsigned session_version_ = 0;
  Negotiation negotiation_;
  std::optional<DtlsRole> role_;                // of this end, from the first answer on
  std::optional<Webrtcbin::Created> created_;   // by webrtcbin, to be set
  std::optional<LocalDescription> local_;       // being set, as the far end will be told
  std::optional<Incoming> incoming_;            // of the far end, until webrtcbin may get it
  std::optional<DescriptionText> last_remote_;  // the same as it was delivered
  Owned<GstSDPMessage> remote_;                 // last given to webrtcbin
  std::vector<std::string> remote_bundle_;      // of `remote_`
  std::vector<MediaSection> local_sections_, remote_sections_;  // as last set
  std::optional<unsigned> transport_mline_;                     // once a remote description is set

  std::vector<NegotiatedTrack> tracks_;
  std::vector<TrackTotals> ever_negotiated_;  // kinds and directions; without figures
  std::set<MediaKind> silent_;                // of which TrackSilent was told
  LinkWatch link_watch_;
  unsigned silent_generation_ = 0;  // of ICE, over which came what was last before a MediaSilent
  bool is_connected_ = false;       // once
  Timer media_timer_;
  bool is_closed_ = false;
  MediaTotals last_totals_;  // of a closed peer
};

WebrtcPeer::WebrtcPeer(SharedByPeers& shared, const PeerConfig& config, OnEvent on_event)
    : shared_(shared),
      config_(config),
      on_event_(std::move(on_event)),
      notices_(shared.loop, [this](Webrtcbin::Notice notice) { onNotice(std::move(notice)); }),
      ice_events_(shared.loop, [this](IceEvent event) { onIce(std::move(event)); }),
      agent_(IceAgent::create(
          shared.ice, config.ice,
          [out = ice_events_.sender()](IceEvent event) { out.send(std::move(event)); },
          lateListener(shared, config))),
      webrtcbin_(std::make_unique<Webrtcbin>(notices_.sender())),
      receiver_(std::make_shared<RtpReceiver>(
          config.media_silence,
          RtpReceiver::Listener{.first =
                                    [out = notices_.sender()](MediaKind kind, Instant at) {
                                      out.send({at, FirstMedia{kind}});
                                    },
                                .back =
                                    [out = notices_.sender(), agent = agent_](
                                        MediaKind kind, Instant at, Duration gap) {
                                      out.send({at, TrackBack{kind, gap, agent->rtpGeneration()}});
                                    },
                                .tap = config.rtp_tap})),
      outgoing_(shared.clip, config.ssrc_base),
      session_id_(newSessionId()) {}

Result<Done> WebrtcPeer::start() {
  if (config_.media_silence > Duration::zero())
    watchMedia();
  return webrtcbin_->start({.name = config_.name,
                            .ice_agent = agent_->takeObject(),
                            .jitter_buffer = config_.ice.profile.jitter_buffer,
                            .certificate_pem = shared_.certificate.pem},
                           receiver_);
}

void WebrtcPeer::onNotice(Webrtcbin::Notice notice) {
  const Instant at = notice.at;
  std::visit(Overloaded{[&](Webrtcbin::Created& created) {
                          const SdpType type = created.type;
                          created_ = std::move(created);
                          perform(at, negotiation_.onCreated(at, type));
                        },
                        [&](Webrtcbin::LocalSet& set) {
                          if (set.type == SdpType::kAnswer)
                            completeExchange(at);
                          perform(at, negotiation_.onLocalSet(at, set.type, agent_->generation()));
                        },
                        [&](RemoteDescriptionSet& set) {
                          if (set.type == SdpType::kAnswer)
                            completeExchange(at);
                          perform(at, negotiation_.onRemoteSet(at, set.type, agent_->generation()));
                          tell(at, set);
                        },
                        [&](ConnectionStateChanged& changed) {
                          if (changed.state == "connected")
                            beginSending();
                          tell(at, std::move(changed));
                        },
                        [&](FirstMedia& first) {
                          link_watch_.began(first.kind);
                          tell(at, first);
                        },
                        [&](TrackBack& back) {
                          if (silent_.erase(back.kind) == 0)
                            return;
                          tell(at, back);
                          if (const auto gap = link_watch_.back(back.kind, at))
                            tell(at, MediaBack{*gap, back.ice_generation != silent_generation_});
                        },
                        [&](auto& other) { tell(at, std::move(other)); }},
             notice.body);
}

void WebrtcPeer::onIce(IceEvent event) {
  const Instant at = event.at;
  std::visit(Overloaded{[&](IceLocalCandidate& candidate) {
                          gathered_.push_back({at, candidate});
                        },
                        [&](IceGatheringDone&) {
                          gathered_.push_back({at, std::nullopt});
                        },
                        [&](auto& other) { tell(at, std::move(other)); }},
             event.body);
  tellGathered();
}

// --- descriptions ---

void WebrtcPeer::perform(Instant at, const Negotiation::ToDos& todos) {
  for (const Negotiation::ToDo todo : todos) {
    if (is_closed_)  // by a handler of what was told
      return;
    switch (todo) {
      case Negotiation::ToDo::kRestartIce:
        agent_->restart();
        break;
      case Negotiation::ToDo::kWithdrawRestart:
        agent_->withdrawRestart();
        break;
      case Negotiation::ToDo::kRollBack:
        rollBack();
        break;
      case Negotiation::ToDo::kCreateOffer:
        offerTracks();
        webrtcbin_->create(SdpType::kOffer);
        break;
      case Negotiation::ToDo::kCreateAnswer:
        webrtcbin_->create(SdpType::kAnswer);
        break;
      case Negotiation::ToDo::kSetLocal:
        setLocal();
        break;
      case Negotiation::ToDo::kSetRemote:
        setRemote();
        break;
      case Negotiation::ToDo::kTell:
        tellLocal(at);
        break;
    }
  }
}

void WebrtcPeer::createOffer() {
  const Instant at = now();
  if (!is_closed_)
    perform(at, negotiation_.offer(at));
}

void WebrtcPeer::restartIce() {
  const Instant at = now();
  if (!is_closed_)
    perform(at, negotiation_.restart(at, agent_->generation()));
}

void WebrtcPeer::offerTracks() {
  if (outgoing_.isEmpty())
    outgoing_.addOffered(webrtcbin_->element());
  if (outgoing_.isEmpty())
    webrtcbin_->openDataChannel();
}

void WebrtcPeer::setLocal() {
  const SdpType type = created_->type;
  GstSDPMessage& sdp = created_->sdp();
  agent_->applyCredentials(created_->description->get());
  setFingerprint(sdp, shared_.certificate.fingerprint);
  webrtcbin_->watchDtls();
  if (type == SdpType::kOffer) {
    leaveDtlsRole(sdp);
  } else {
    // An answer that refuses that section would move the transport: webrtcbin makes a second one.
    if (transportMline(mediaSections(sdp)) != transport_mline_)
      return tell(now(),
                  PeerFailed{"answer: m-line " + std::to_string(*transport_mline_) +
                             " of the offer, which has the transport, is refused by this end"});
    if (!role_)
      role_ = dtlsRoleOf(sdp, *transport_mline_);
    if (role_)
      setDtlsRole(sdp, *role_);
  }
  auto told = copyOf(sdp);
  setOrigin(*told.get(), session_id_, session_version_++);
  if (type == SdpType::kAnswer) {
    setDirections(*told.get(), remote_sections_);
    setBundleOrder(*told.get(), remote_bundle_);
  } else {
    offerEverySection(*told.get());
  }
  local_sections_ = mediaSections(*told.get());
  local_ = LocalDescription{type, textOf(*told.get())};
  webrtcbin_->setLocal(*created_);
  created_.reset();
}

void WebrtcPeer::tellLocal(Instant at) {
  if (local_)
    tell(at, *std::exchange(local_, std::nullopt));
  tellGathered();
}

Result<Done> WebrtcPeer::judgeTransport(SdpType type, const RemoteDescription& description) const {
  const auto refused = [type](const std::string& why) {
    return Error{ErrorCode::kIo, std::string("remote ") + toString(type) + ": " + why};
  };
  const auto transport = type == SdpType::kAnswer
                             ? transportMline(local_sections_)
                             : transport_mline_.value_or(description.transport_mline);
  if (transport && transport != description.transport_mline)
    return refused("m-line " + std::to_string(*transport) +
                   ", which has the transport, is rejected");
  if (type == SdpType::kOffer && negotiation_.isOffering() && !remote_)
    return refused("ours is the first, which cannot be given up");
  if (type == SdpType::kOffer && role_ && description.role == role_)
    return refused(
        "its a=setup asks for other DTLS roles than those of the association (RFC 8842)");
  return Done{};
}

Result<Done> WebrtcPeer::setRemoteDescription(SdpType type, const std::string& sdp) {
  auto description = readRemoteDescription(sdp, type);
  if (!description)
    return description.error();
  DescriptionText text{type, sdp};
  if (is_closed_ || text == last_remote_)
    return Done{};
  if (auto judged = judgeTransport(type, *description); !judged)
    return judged.error();
  last_remote_ = std::move(text);
  auto waiting = std::exchange(incoming_, Incoming{type, *std::move(description)});
  const Instant at = now();
  perform(at, negotiation_.onRemote(at, type));
  if (!incoming_ && type == SdpType::kAnswer)  // an offer that waited waits still
    incoming_ = std::move(waiting);
  return Done{};
}

// An answer to a later offer may claim other roles than the association has; it means the same.
void WebrtcPeer::settleRole(const RemoteDescription& answer) {
  if (!role_ && answer.role)
    role_ = opposite(*answer.role);
  if (role_)
    setDtlsRole(*answer.message.get(), opposite(*role_));
}

void WebrtcPeer::setRemote() {
  auto [type, description] = *std::exchange(incoming_, std::nullopt);
  remote_sections_ = std::move(description.sections);
  remote_bundle_ = std::move(description.bundle);
  transport_mline_ = description.transport_mline;
  if (type == SdpType::kAnswer)
    settleRole(description);
  else if (outgoing_.isEmpty())
    outgoing_.addAnswered(webrtcbin_->element(), remote_sections_);
  remote_ = copyOf(*description.message.get());
  webrtcbin_->setRemote(type, std::move(description.message));
  for (const std::string& candidate : std::exchange(early_candidates_, {}))
    giveCandidate(candidate.empty() ? nullptr : candidate.c_str());
}

void WebrtcPeer::rollBack() {
  auto unchanged = copyOf(*remote_.get());
  if (role_)
    setDtlsRole(*unchanged.get(), opposite(*role_));
  webrtcbin_->rollBack(std::move(unchanged));
}

void WebrtcPeer::completeExchange(Instant at) {
  auto tracks = tracksOf(local_sections_, remote_sections_);
  for (const NegotiatedTrack& track : tracks) {
    auto known =
        std::find_if(ever_negotiated_.begin(), ever_negotiated_.end(),
                     [&track](const TrackTotals& each) { return each.kind == track.kind; });
    if (known == ever_negotiated_.end())
      known = ever_negotiated_.insert(known,
                                      TrackTotals{.kind = track.kind, .sent = {}, .received = {}});
    known->sends |= track.sends;
    known->receives |= track.receives;
  }
  if (is_connected_)
    beginSending();
  if (tracks == tracks_)
    return;
  tracks_ = tracks;
  std::set<MediaKind> to_come;
  for (const NegotiatedTrack& track : tracks_)
    if (track.receives)
      to_come.insert(track.kind);
  link_watch_.expect(std::move(to_come));
  tell(at, TracksNegotiated{std::move(tracks)});
}

// --- candidates ---

// All candidates are of the one transport, whatever m-line a far end names.
void WebrtcPeer::addRemoteCandidate(unsigned, const std::string& candidate) {
  const bool is_text =
      candidate.size() <= kMaxCandidateBytes &&
      g_utf8_validate(candidate.data(), static_cast<gssize>(candidate.size()), nullptr) &&
      candidate.find_first_of("\r\n") == std::string::npos;
  if (is_closed_ || !is_text)
    return;
  if (!transport_mline_)
    early_candidates_.push_back(candidate);
  else
    giveCandidate(candidate.empty() ? nullptr : candidate.c_str());
}

void WebrtcPeer::endOfRemoteCandidates() {
  addRemoteCandidate(0, "");
}

void WebrtcPeer::giveCandidate(const char* candidate) {
  webrtcbin_->addRemoteCandidate(*transport_mline_, candidate);
}

// Not before the description that they belong to.
void WebrtcPeer::tellGathered() {
  const unsigned mline = transportMline(local_sections_).value_or(0);
  const std::string mid = mline < local_sections_.size() ? local_sections_[mline].mid : "";
  while (!local_ && !gathered_.empty() && !is_closed_) {
    auto [at, candidate] = std::move(gathered_.front());
    gathered_.pop_front();
    if (candidate)
      tell(at, LocalCandidate{mline, std::move(candidate->text), std::move(candidate->info), mid});
    else
      tell(at, GatheringDone{});
  }
}

void WebrtcPeer::setNetwork(const NetworkCondition& condition) {
  if (!is_closed_)
    agent_->setNetwork(condition);
}

void WebrtcPeer::changeAddress(const std::string& literal) {
  if (!is_closed_)
    agent_->moveTo({literal});
}

void WebrtcPeer::setIceServers(std::vector<IceServer> servers) {
  if (!is_closed_)
    agent_->setServers(std::move(servers));
}

// --- media ---

void WebrtcPeer::beginSending() {
  if (!std::exchange(is_connected_, true))
    webrtcbin_->tellNoLatency(*transport_mline_);
  outgoing_.follow(local_sections_, remote_sections_, webrtcbin_->baseTime(),
                   [this]() -> Pacer& { return shared_.nextPacer(); });
}

bool WebrtcPeer::receives(MediaKind kind) const {
  return std::any_of(tracks_.begin(), tracks_.end(), [kind](const NegotiatedTrack& track) {
    return track.kind == kind && track.receives;
  });
}

void WebrtcPeer::watchMedia() {
  const Instant at = now();
  Instant next = at + config_.media_silence;
  for (const MediaKind kind : kKinds) {
    if (is_closed_)
      return;
    const MediaWatch::Verdict verdict = receiver_->checkSilence(kind, at);
    next = std::min(next, verdict.next);
    if (!verdict.silent_since || !receives(kind))
      continue;
    silent_.insert(kind);
    tell(at, TrackSilent{kind, *verdict.silent_since});
    if (const auto since = link_watch_.silent(kind, *verdict.silent_since); since && !is_closed_) {
      silent_generation_ = agent_->rtpGeneration();
      tell(at, MediaSilent{*since});
    }
  }
  if (!is_closed_)
    media_timer_ = shared_.loop.at(next, [this] { watchMedia(); });
}

void WebrtcPeer::requestKeyFrame() {
  if (!is_closed_)
    receiver_->requestKeyFrame();
}

MediaTotals WebrtcPeer::totals() const {
  if (is_closed_)
    return last_totals_;
  MediaTotals totals;
  for (const MediaKind kind : kKinds) {
    const auto known = std::find_if(ever_negotiated_.begin(), ever_negotiated_.end(),
                                    [kind](const TrackTotals& each) { return each.kind == kind; });
    if (known == ever_negotiated_.end())
      continue;
    totals.tracks.push_back(*known);
    totals.tracks.back().sent = outgoing_.totals(kind);
    totals.tracks.back().received = receiver_->totals(kind);
  }
  totals.last_received = receiver_->lastReceived().value_or(Instant());
  return totals;
}

// The order matters: first nothing may reach this object any more, then webrtcbin stops (which also
// frees a pacer that is blocked in one of its pads), then what used it goes.
void WebrtcPeer::close(Leave leave) {
  if (is_closed_)
    return;
  last_totals_ = totals();
  is_closed_ = true;
  media_timer_.cancel();
  notices_.close();
  ice_events_.close();
  webrtcbin_->stop();
  outgoing_.end();
  for (TrackTotals& track : last_totals_.tracks)  // with what went out while it stopped
    track.sent = outgoing_.totals(track.kind);
  receiver_.reset();
  webrtcbin_.reset();
  agent_->close(leave);
}

}  // namespace

Result<std::unique_ptr<PeerConnection>> makeWebrtcPeer(SharedByPeers& shared,
                                                       const PeerConfig& config,
                                                       PeerConnection::OnEvent on_event) {
  auto peer = std::make_unique<WebrtcPeer>(shared, config, std::move(on_event));
  if (auto started = peer->start(); !started)
    return started.error();
  return std::unique_ptr<PeerConnection>(std::move(peer));
}

}  // namespace turnout
