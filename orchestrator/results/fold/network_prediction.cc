#include "orchestrator/results/fold/network_prediction.h"

#include "pipelines/ice/ice_server.h"
#include "scenarios/server_source.h"

namespace turnout {
namespace {

bool letsOut(const SiteSpec& site, WayOut way) {
  return passageOf(site.firewall, site.action, way) == Passage::kOpen;
}

WayOut wayTo(const IceServer& server) {
  if (server.scheme == IceScheme::kStun || server.transport == TurnTransport::kUdp)
    return WayOut::kUdp;
  return server.transport == TurnTransport::kTls ? WayOut::kTls443 : WayOut::kTcpOther;
}

// One end of a call: what it can send, and what the other end is told of it.
struct CallEnd {
  const SiteSpec& site;
  bool sends_udp = false;
  bool has_own = true;    // candidates that are no relay
  bool is_known = false;  // an address of it that the internet can send to is told to the other end
  bool has_relay = false;

  CallEnd(const SiteSpec& at, const TurnArm& arm, bool is_relay_only, bool has_servers)
      : site(at), sends_udp(letsOut(at, WayOut::kUdp)), has_own(!is_relay_only) {
    is_known = site.nat == NatKind::kPublic;
    if (has_servers)
      for (const ScenarioServer& server : arm.ice_servers)
        for (const std::string& url : server.urls)
          addServer(url);
  }

  void addServer(const std::string& url) {
    const auto server = parseIceServerUrl(withAddress(url, "192.0.2.1"));
    if (!server || !letsOut(site, wayTo(*server)))
      return;
    has_relay |= server->scheme == IceScheme::kTurn;
    is_known |= wayTo(*server) == WayOut::kUdp;  // both STUN and TURN tell the mapped address
  }

  bool isOpenToAll() const { return site.nat == NatKind::kPublic; }
  // To what came in it answers; a firewall that looks into packets lets no other packets out at all.
  bool answersUdp() const {
    return sends_udp || (isOpenToAll() && site.firewall != FirewallKind::kTls443Dpi);
  }
};

// A check of `from` gets in at `to`, at the address that it was told (RFC 4787 5; RFC 5128 3.3). The filter
// has to know `from` already, by its address or its port too, and so `to` has to have sent there.
bool checkArrives(const CallEnd& from, const CallEnd& to) {
  if (!from.sends_udp || !to.is_known)
    return false;
  if (to.isOpenToAll())
    return to.answersUdp();
  if (mappingOf(to.site.nat) != NatRule::kEndpointIndependent)
    return false;  // the mapping towards `from` is another one
  switch (filteringOf(to.site.nat)) {
    case NatRule::kEndpointIndependent:
      return true;
    case NatRule::kAddressDependent:
      return from.is_known;
    case NatRule::kAddressAndPortDependent:
      return from.is_known && mappingOf(from.site.nat) == NatRule::kEndpointIndependent;
  }
  return false;
}

bool meetDirectly(const CallEnd& one, const CallEnd& other) {
  return one.has_own && other.has_own && (checkArrives(one, other) || checkArrives(other, one));
}

// Over the relay of `end`: the other end sends to it, and the relay lets in addresses that it was told.
bool meetAtRelay(const CallEnd& end, const CallEnd& other) {
  if (!end.has_relay)
    return false;
  return other.has_relay || (other.has_own && other.is_known && other.answersUdp());
}

}  // namespace

const char* toString(PathPrediction path) {
  switch (path) {
    case PathPrediction::kNone:
      return "none";
    case PathPrediction::kDirect:
      return "direct";
    case PathPrediction::kRelayed:
      return "relayed";
    case PathPrediction::kEither:
      return "either";
  }
  return "";
}

PathPrediction predictedPath(const TurnArm& arm, const SiteSpec& one, const SiteSpec& other) {
  const CalleeEnd callee = arm.callee.value_or(CalleeEnd{arm.relay_only, true});
  const CallEnd first(one, arm, arm.relay_only, true);
  const CallEnd second(other, arm, callee.relay_only, callee.has_servers);
  const bool direct = meetDirectly(first, second);
  const bool relayed = meetAtRelay(first, second) || meetAtRelay(second, first);
  if (direct)
    return relayed ? PathPrediction::kEither : PathPrediction::kDirect;
  return relayed ? PathPrediction::kRelayed : PathPrediction::kNone;
}

}  // namespace turnout
