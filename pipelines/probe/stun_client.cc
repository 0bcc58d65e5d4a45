#include "pipelines/probe/stun_client.h"

#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace turnout {
namespace {

constexpr int kUnauthorized = 401, kStaleNonce = 438;  // RFC 8489 14.8
constexpr int kMostStaleNonces = 2;

// What cannot be answered: RFC 8489 9.2.4 wants both, and browsers a realm that is not too long.
bool isBrokenChallenge(const StunAnswer& answer) {
  return (answer.error_code == kUnauthorized || answer.error_code == kStaleNonce) &&
         answer.method != TurnMethod::kBinding &&
         (answer.realm.empty() || answer.realm.size() > kLongestRealm || answer.nonce.empty());
}

}  // namespace

StunClient::StunClient(Loop& loop, std::unique_ptr<ProbeTransport> transport,
                       const IceServer& server)
    : loop_(loop),
      transport_(std::move(transport)),
      codec_(server.username, server.credential),
      has_username_(!server.username.empty()) {
  transport_->listen({[this](auto message) { onMessage(message); },
                      // Not at once: it may come out of a send().
                      [this](const TransportEnd& why) {
                        why_ended_ = why;
                        end_ = loop_.after(0s, [this] { onTransportEnd(); });
                      }});
}

void StunClient::ask(const StunRequest& request, Duration limit, OnOutcome on_outcome) {
  const Instant began = now();
  send({request, std::move(on_outcome), began, began + limit});
}

void StunClient::send(Transaction transaction) {
  transaction.is_signed = codec_.isSigning();
  auto [id, bytes] = codec_.request(transaction.request);
  transaction.bytes = std::move(bytes);
  transaction.pause = kFirstPause;
  transaction.end = loop_.at(why_ended_ ? now() : transaction.deadline, [this, id = id] {
    giveUp(id, why_ended_.value_or(TransportEnd{ServerFault::kTimeout, {}}));
  });
  Transaction& kept = transactions_.insert_or_assign(id, std::move(transaction)).first->second;
  if (!transport_->isReliable())
    kept.again = loop_.after(kept.pause, [this, id = id] { sendAgain(id); });
  transport_->send(kept.bytes);
}

void StunClient::sendAgain(const StunId& id) {
  Transaction& transaction = transactions_.at(id);
  transaction.pause *= 2;
  transaction.again = loop_.after(transaction.pause, [this, id] { sendAgain(id); });
  transport_->send(transaction.bytes);
}

void StunClient::sendData(const sockaddr_storage& peer, std::span<const std::uint8_t> data) {
  for (const auto& [channel, bound] : channels_)
    if (socketAddressText(bound) == socketAddressText(peer))
      return transport_->send(channelData(channel, data));
  transport_->send(codec_.sendIndication(peer, data));
}

void StunClient::onMessage(std::span<const std::uint8_t> message) {
  const OnData on_data = on_data_;  // it may be replaced meanwhile
  if (const auto in_channel = channelDataOf(message)) {
    const auto known = channels_.find(in_channel->channel);
    if (known != channels_.end() && on_data)
      on_data(known->second, Bytes(in_channel->data.begin(), in_channel->data.end()));
    return;
  }
  auto answer = codec_.understand(message);
  if (!answer)
    return noteDoubt(message);
  if (answer->kind == StunAnswer::Kind::kIndication) {
    if (answer->peer && on_data)
      on_data(*answer->peer, answer->data);
    return;
  }
  auto node = transactions_.extract(answer->id);
  if (node)
    onAnswer(std::move(node.mapped()), *std::move(answer));
}

// Another answer may still be good: an attacker could have sent this one.
void StunClient::noteDoubt(std::span<const std::uint8_t> message) {
  StunId id;
  constexpr std::size_t kIdAt = 4;  // RFC 8489 5, with the magic cookie
  if (message.size() < kIdAt + id.size())
    return;
  std::copy_n(message.begin() + kIdAt, id.size(), id.begin());
  const auto found = transactions_.find(id);
  if (found != transactions_.end())
    found->second.doubt = codec_.disbelieved() ? ServerFault::kUnsigned : ServerFault::kMalformed;
}

void StunClient::onAnswer(Transaction transaction, StunAnswer answer) {
  const Duration took = now() - transaction.began;
  StunOutcome& outcome = transaction.outcome;
  if (outcome.first_answer == Duration::zero())
    outcome.first_answer = took;
  if (mayAskAgain(transaction, answer))
    return send(std::move(transaction));
  outcome.took = took;
  outcome.code = answer.error_code;
  outcome.text = answer.reason;
  outcome.was_signed = transaction.is_signed;
  if (outcome.code != 0)
    outcome.fault =
        isBrokenChallenge(answer) ? ServerFault::kNoChallenge : ServerFault::kErrorResponse;
  outcome.answer = std::move(answer);
  transaction.on_outcome(outcome);
}

bool StunClient::mayAskAgain(Transaction& transaction, const StunAnswer& answer) {
  if (transaction.request.method == TurnMethod::kBinding || !has_username_)
    return false;
  if (answer.error_code == kUnauthorized && !transaction.is_signed)
    return codec_.answerChallenge(answer.realm, answer.nonce);
  return answer.error_code == kStaleNonce && ++transaction.stale_nonces <= kMostStaleNonces &&
         codec_.answerChallenge(answer.realm, answer.nonce);
}

void StunClient::giveUp(const StunId& id, const TransportEnd& why) {
  auto node = transactions_.extract(id);
  codec_.forget(id);
  Transaction& transaction = node.mapped();
  transaction.outcome.took = now() - transaction.began;
  transaction.outcome.code = kNoStunAnswer;
  transaction.outcome.fault =
      transaction.doubt == ServerFault::kNone ? why.fault : transaction.doubt;
  transaction.outcome.text = why.text;
  transaction.on_outcome(transaction.outcome);
}

void StunClient::onTransportEnd() {
  std::vector<StunId> ids;
  for (const auto& [id, transaction] : transactions_)
    ids.push_back(id);
  for (const StunId& id : ids)
    if (transactions_.contains(id))
      giveUp(id, *why_ended_);
}

}  // namespace turnout
