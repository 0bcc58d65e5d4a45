// Mapping and filtering of the NAT on the way out, over IPv4 and UDP: by one server with two
// addresses (RFC 5780: coturn has that when it listens on two), else the mapping by comparing what
// two servers see.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/servers/host_lookup.h"
#include "pipelines/probe/binding_round.h"
#include "pipelines/probe/nat_judgement.h"
#include "pipelines/probe/probe_report.h"
#include "pipelines/probe/udp_socket.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

class NatProbe {
 public:
  // Of names, of servers, of tests: each at the most. Negative results need all of it.
  static constexpr Duration kStepLimit = 1200ms;

  // Those of `servers` that are asked over UDP. `on_done` comes once, from the loop; it may destroy
  // the probe. Call from the loop.
  NatProbe(Loop& loop, const std::vector<IceServer>& servers, std::string local_address,
           std::function<void()> on_done);

  const NatReport& report() const { return report_; }

 private:
  using Questions = std::vector<BindingRound::Question>;

  void lookUp(const std::vector<IceServer>& servers);
  void onAddresses(const HostAddresses& addresses, std::uint16_t port);
  void askServers();
  void onServersAsked(const Questions& answered);
  void testMapping(const sockaddr_storage& server, const sockaddr_storage& other);
  void testFiltering(const sockaddr_storage& server);
  void onMappingTested(const Questions& answered);
  void onFilteringTested(const Questions& answered);
  void noteMappings(const Questions& answered);
  void noteLocalAddress(const sockaddr_storage& server);
  void finish();

  Loop& loop_;
  const std::string local_address_;
  std::function<void()> on_done_;
  NatReport report_;
  std::vector<sockaddr_storage> servers_;
  std::vector<MappingSeen> seen_;
  std::unique_ptr<UdpSocket> socket_, fresh_socket_;  // fresh: has sent to one address only
  std::optional<BindingRound> servers_round_, mapping_round_, filtering_round_;
  int pending_ = 0;
  bool other_answers_ = false;  // the server's other address
  Timer done_;
  std::shared_ptr<NatProbe*> self_ = std::make_shared<NatProbe*>(this);  // for look-ups
};

}  // namespace turnout
