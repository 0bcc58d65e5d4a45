#include "pipelines/probe/nat_probe.h"

#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <set>
#include <utility>

namespace turnout {
namespace {

void addOnce(std::vector<std::string>& all, const std::string& text) {
  if (std::find(all.begin(), all.end(), text) == all.end())
    all.push_back(text);
}

bool isIpv4(const sockaddr_storage& address) {
  return address.ss_family == AF_INET;
}

// Whether the server can send from another address of its own (RFC 5780 7.2).
bool hasOther(const BindingRound::Question& question) {
  return question.answer && question.answer->other && isIpv4(*question.answer->other) &&
         hostText(*question.answer->other) != hostText(question.to);
}

}  // namespace

NatProbe::NatProbe(Loop& loop, const std::vector<IceServer>& servers, std::string local_address,
                   std::function<void()> on_done)
    : loop_(loop), local_address_(std::move(local_address)), on_done_(std::move(on_done)) {
  auto socket = UdpSocket::open(loop, local_address_);
  auto fresh = UdpSocket::open(loop, local_address_);
  if (!socket || !fresh) {
    finish();
    return;
  }
  socket_ = *std::move(socket);
  fresh_socket_ = *std::move(fresh);
  lookUp(servers);
}

void NatProbe::lookUp(const std::vector<IceServer>& servers) {
  std::set<std::pair<std::string, std::uint16_t>> hosts;
  for (const IceServer& server : servers)
    if (server.transport == TurnTransport::kUdp)
      hosts.emplace(server.host, server.port);
  pending_ = static_cast<int>(hosts.size());
  for (const auto& [host, port] : hosts)
    lookUpHost(
        loop_, host,
        [weak = std::weak_ptr(self_), port = port](const HostAddresses& addresses) {
          if (const auto self = weak.lock())
            (*self)->onAddresses(addresses, port);
        },
        kStepLimit);
  if (hosts.empty())
    finish();
}

void NatProbe::onAddresses(const HostAddresses& addresses, std::uint16_t port) {
  for (const std::string& literal : addresses ? *addresses : std::vector<std::string>{}) {
    const auto address = socketAddress(literal, port);
    if (!address || !isIpv4(*address))
      continue;
    servers_.push_back(*address);
    break;
  }
  if (--pending_ == 0)
    askServers();
}

void NatProbe::askServers() {
  if (servers_.empty())
    return finish();
  Questions questions;
  for (const sockaddr_storage& server : servers_)
    questions.push_back({server});
  servers_round_.emplace(loop_, *socket_, std::move(questions), kStepLimit,
                         [this](const Questions& answered) { onServersAsked(answered); });
}

void NatProbe::onServersAsked(const Questions& answered) {
  noteMappings(answered);
  const auto able = std::find_if(answered.begin(), answered.end(), hasOther);
  if (able == answered.end())
    return finish();
  pending_ = 2;
  testMapping(able->to, *able->answer->other);
  testFiltering(able->to);
}

// RFC 5780 4.3: tests II and III; test I is what the server said already.
void NatProbe::testMapping(const sockaddr_storage& server, const sockaddr_storage& other) {
  const auto other_address = socketAddress(hostText(other), portOf(server));
  mapping_round_.emplace(loop_, *socket_, Questions{{*other_address}, {other}}, kStepLimit,
                         [this](const Questions& answered) { onMappingTested(answered); });
}

// RFC 5780 4.4: tests II and III, at one time, since what comes in opens nothing.
void NatProbe::testFiltering(const sockaddr_storage& server) {
  filtering_round_.emplace(
      loop_, *fresh_socket_,
      Questions{{server, ChangeRequest::kAddressAndPort}, {server, ChangeRequest::kPort}},
      kStepLimit, [this](const Questions& answered) { onFilteringTested(answered); });
}

void NatProbe::onMappingTested(const Questions& answered) {
  noteMappings(answered);
  other_answers_ = std::any_of(answered.begin(), answered.end(),
                               [](const auto& question) { return question.answer.has_value(); });
  if (--pending_ == 0)
    finish();
}

void NatProbe::onFilteringTested(const Questions& answered) {
  report_.filtering = filteringRule(answered[0].answer.has_value(), answered[1].answer.has_value());
  if (--pending_ == 0)
    finish();
}

void NatProbe::noteMappings(const Questions& answered) {
  for (const auto& [to, change, answer] : answered) {
    if (!answer || !answer->mapped)
      continue;
    if (seen_.empty())
      noteLocalAddress(to);
    seen_.push_back({to, *answer->mapped});
    addOnce(report_.servers, socketAddressText(to));
    addOnce(report_.mapped_addresses, socketAddressText(*answer->mapped));
  }
}

// The address comes from the route to the server, the port from the socket that asked.
void NatProbe::noteLocalAddress(const sockaddr_storage& server) {
  const auto routed = UdpSocket::connectTo(loop_, server, local_address_);
  if (routed)
    report_.local_address =
        hostPort(hostText((*routed)->localAddress()), portOf(socket_->localAddress()));
}

// A server whose other address answers nobody shows nothing by its silence.
void NatProbe::finish() {
  if (report_.filtering != NatRule::kEndpointIndependent && !other_answers_)
    report_.filtering.reset();
  report_.mapping = mappingRule(seen_);
  if (!seen_.empty())
    report_.is_translated = report_.mapped_addresses != std::vector{report_.local_address};
  done_ = loop_.after(0s, [this] { on_done_(); });
}

}  // namespace turnout
