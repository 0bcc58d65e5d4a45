#include "pipelines/probe/nat_probe.h"

#include "pipelines/probe/stun_client.h"
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

std::optional<NatRule> mappingRule(const std::vector<MappingSeen>& seen) {
  bool has_two_hosts = false, differs_by_host = false, differs_by_port = false;
  for (const MappingSeen& one : seen) {
    for (const MappingSeen& other : seen) {
      const bool is_same_host = hostText(one.server) == hostText(other.server);
      const bool differs = socketAddressText(one.mapped) != socketAddressText(other.mapped);
      has_two_hosts |= !is_same_host;
      (is_same_host ? differs_by_port : differs_by_host) |= differs;
    }
  }
  if (differs_by_port)
    return NatRule::kAddressAndPortDependent;
  if (differs_by_host)
    return NatRule::kAddressDependent;
  return has_two_hosts ? std::optional(NatRule::kEndpointIndependent) : std::nullopt;
}

NatRule filteringRule(bool came_from_other_address, bool came_from_other_port) {
  if (came_from_other_address)
    return NatRule::kEndpointIndependent;
  return came_from_other_port ? NatRule::kAddressDependent : NatRule::kAddressAndPortDependent;
}

BindingRound::BindingRound(Loop& loop, UdpSocket& socket, std::vector<Question> questions,
                           Duration limit, OnDone on_done)
    : loop_(loop),
      socket_(socket),
      questions_(std::move(questions)),
      on_done_(std::move(on_done)),
      pause_(StunClient::kFirstPause) {
  for (const Question& question : questions_)
    sent_.push_back(codec_.request({.change = question.change}));
  // Errors are of one address among several: it just does not answer.
  socket_.listen({[this](const sockaddr_storage&, auto bytes) { onDatagram(bytes); }, {}});
  limit_ = loop_.after(limit, [this] { finish(); });
  sendUnanswered();
}

void BindingRound::sendUnanswered() {
  for (std::size_t i = 0; i < questions_.size(); ++i)
    if (!questions_[i].answer)
      socket_.send(questions_[i].to, sent_[i].bytes);
  again_ = loop_.after(pause_, [this] { sendUnanswered(); });
  pause_ *= 2;
}

void BindingRound::onDatagram(std::span<const std::uint8_t> bytes) {
  auto answer = codec_.understand(bytes);
  if (!answer)
    return;
  const auto sent =
      std::ranges::find_if(sent_, [&](const auto& request) { return request.id == answer->id; });
  if (sent == sent_.end())
    return;
  questions_[static_cast<std::size_t>(sent - sent_.begin())].answer = std::move(answer);
  if (std::all_of(questions_.begin(), questions_.end(),
                  [](const Question& question) { return question.answer.has_value(); }))
    done_ = loop_.after(0s, [this] { finish(); });
}

void BindingRound::finish() {
  again_.cancel();
  limit_.cancel();
  done_.cancel();
  socket_.listen({});
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(questions_);
}

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
  for (const std::string& literal : addresses.literals) {
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
