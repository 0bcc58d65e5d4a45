// Mapping and filtering of the NAT on the way out, over IPv4 and UDP: by one server with two
// addresses (RFC 5780: coturn has that when it listens on two), else the mapping by comparing what
// two servers see.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/servers/server_connection.h"
#include "pipelines/probe/probe_report.h"
#include "pipelines/stun/stun_message.h"
#include "pipelines/stun/udp_socket.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// One and the same socket, as one address of a server saw it.
struct MappingSeen {
  sockaddr_storage server;
  sockaddr_storage mapped;
};

// Needs two server addresses that differ in more than the port.
std::optional<NatRule> mappingRule(const std::vector<MappingSeen>& seen);

// Of a socket that has sent to one address of the server alone: what came from another address, and
// from another port of the same address.
NatRule filteringRule(bool came_from_other_address, bool came_from_other_port);

// Several Binding requests at one time from one UDP socket to any addresses, each sent again until
// it is answered or the time is over (RFC 5780 4). The handler may not destroy the round.
class BindingRound {
 public:
  struct Question {
    sockaddr_storage to;
    std::optional<ChangeRequest> change = {};
    std::optional<StunAnswer> answer = {};
  };
  using OnDone = std::function<void(const std::vector<Question>&)>;

  // The socket's handlers are taken over, and given back before `on_done`.
  BindingRound(Loop& loop, UdpSocket& socket, std::vector<Question> questions, Duration limit,
               OnDone on_done);

 private:
  void sendUnanswered();
  void onDatagram(std::span<const std::uint8_t> bytes);
  void finish();

  Loop& loop_;
  UdpSocket& socket_;
  StunCodec codec_;
  std::vector<Question> questions_;
  std::vector<StunCodec::Sent> sent_;  // one for each question
  OnDone on_done_;
  Duration pause_;
  Timer again_, limit_, done_;
};

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
