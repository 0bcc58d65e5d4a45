#include "pipelines/stun/stun_message.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"
#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <utility>

#include <stun/stunagent.h>

namespace turnout {
namespace {

// What libstun has no names for.
constexpr auto kOtherAddress = static_cast<StunAttribute>(0x802c);  // RFC 5780 7.4
constexpr std::uint32_t kChangeAddress = 0x4, kChangePort = 0x2;    // RFC 5780 7.2
constexpr std::uint32_t kUdp = 17U << 24;  // REQUESTED-TRANSPORT, RFC 8656 14.7

constexpr std::size_t kLongestNonce = 763;  // bytes, RFC 8489 14.10
// Everything but the user name and data.
constexpr std::size_t kOverhead = 2048;

constexpr std::pair<TurnMethod, ::StunMethod> kMethods[] = {
    {TurnMethod::kBinding, STUN_BINDING},
    {TurnMethod::kAllocate, STUN_ALLOCATE},
    {TurnMethod::kRefresh, STUN_REFRESH},
    {TurnMethod::kCreatePermission, STUN_CREATEPERMISSION},
    {TurnMethod::kChannelBind, STUN_CHANNELBIND},
    {TurnMethod::kSend, STUN_IND_SEND},
    {TurnMethod::kData, STUN_IND_DATA},
};

::StunMethod wireMethod(TurnMethod method) {
  return std::find_if(std::begin(kMethods), std::end(kMethods),
                      [method](const auto& pair) { return pair.first == method; })
      ->second;
}

std::optional<TurnMethod> methodOf(const StunMessage& message) {
  const auto* found = std::find_if(std::begin(kMethods), std::end(kMethods), [&](const auto& pair) {
    return pair.second == stun_message_get_method(&message);
  });
  return found == std::end(kMethods) ? std::nullopt : std::optional(found->first);
}

StunId idOf(const StunMessage& message) {
  StunId id;
  stun_message_id(&message, id.data());
  return id;
}

std::string textOf(const StunMessage& message, StunAttribute attribute, std::size_t skip = 0) {
  std::uint16_t size = 0;
  const void* found = stun_message_find(&message, attribute, &size);
  if (!found || size <= skip)
    return {};
  return {static_cast<const char*>(found) + skip, size - skip};
}

using FindAddress = decltype(stun_message_find_addr);

std::optional<sockaddr_storage> addressOf(const StunMessage& message, FindAddress* find,
                                          StunAttribute attribute) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (find(&message, attribute, &address, &size) != STUN_MESSAGE_RETURN_SUCCESS)
    return std::nullopt;
  return address;
}

void fillError(const StunMessage& message, StunAnswer& answer) {
  stun_message_find_error(&message, &answer.error_code);
  constexpr std::size_t kNumber = 4;  // bytes before the phrase, RFC 8489 14.8
  answer.reason = reasonPhrase(textOf(message, STUN_ATTRIBUTE_ERROR_CODE, kNumber));
  answer.alternate = addressOf(message, stun_message_find_addr, STUN_ATTRIBUTE_ALTERNATE_SERVER);
}

StunAnswer answerOf(const StunMessage& message, StunAnswer::Kind kind, TurnMethod method) {
  StunAnswer answer;
  answer.kind = kind;
  answer.method = method;
  answer.id = idOf(message);
  if (kind == StunAnswer::Kind::kError)
    fillError(message, answer);
  answer.realm = textOf(message, STUN_ATTRIBUTE_REALM);
  answer.nonce = textOf(message, STUN_ATTRIBUTE_NONCE);
  answer.software = textOf(message, STUN_ATTRIBUTE_SOFTWARE);
  answer.mapped = addressOf(message, stun_message_find_xor_addr, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS);
  if (!answer.mapped)  // servers older than RFC 5389
    answer.mapped = addressOf(message, stun_message_find_addr, STUN_ATTRIBUTE_MAPPED_ADDRESS);
  answer.relayed =
      addressOf(message, stun_message_find_xor_addr, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS);
  answer.other = addressOf(message, stun_message_find_addr, kOtherAddress);
  answer.peer = addressOf(message, stun_message_find_xor_addr, STUN_ATTRIBUTE_XOR_PEER_ADDRESS);
  std::uint32_t lifetime = 0;
  if (stun_message_find32(&message, STUN_ATTRIBUTE_LIFETIME, &lifetime) ==
      STUN_MESSAGE_RETURN_SUCCESS)
    answer.lifetime_s = lifetime;
  const std::string data = textOf(message, STUN_ATTRIBUTE_DATA);
  answer.data.assign(data.begin(), data.end());
  return answer;
}

std::optional<StunAnswer::Kind> kindOf(const StunMessage& message) {
  switch (stun_message_get_class(&message)) {
    case STUN_RESPONSE:
      return StunAnswer::Kind::kSuccess;
    case STUN_ERROR:
      return StunAnswer::Kind::kError;
    case STUN_INDICATION:
      return StunAnswer::Kind::kIndication;
    case STUN_REQUEST:
      break;
  }
  return std::nullopt;
}

bool isUnsigned(const StunMessage& message) {
  return !stun_message_has_attribute(&message, STUN_ATTRIBUTE_MESSAGE_INTEGRITY);
}

}  // namespace

std::string reasonPhrase(std::string_view raw) {
  const std::string_view text = raw.substr(0, raw.find('\0'));
  const Owned<char> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
  return valid.get();
}

Bytes channelData(std::uint16_t channel, std::span<const std::uint8_t> data) {
  Bytes bytes((4 + data.size() + 3) / 4 * 4);
  bytes[0] = static_cast<std::uint8_t>(channel >> 8);
  bytes[1] = static_cast<std::uint8_t>(channel);
  bytes[2] = static_cast<std::uint8_t>(data.size() >> 8);
  bytes[3] = static_cast<std::uint8_t>(data.size());
  std::copy(data.begin(), data.end(), bytes.begin() + 4);
  return bytes;
}

std::optional<ChannelData> channelDataOf(std::span<const std::uint8_t> message) {
  if (message.size() < 4 || (message[0] & 0xc0) != 0x40)
    return std::nullopt;
  const std::size_t size = std::size_t{message[2]} << 8 | message[3];
  if (message.size() - 4 < size)
    return std::nullopt;
  return ChannelData{static_cast<std::uint16_t>(message[0] << 8 | message[1]),
                     message.subspan(4, size)};
}

struct StunCodec::Agent {
  StunAgent agent;
};

StunCodec::StunCodec(std::string username, Secret password)
    : username_(std::move(username)),
      password_(std::move(password)),
      agent_(std::make_unique<Agent>()) {
  stun_agent_init(&agent_->agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                  static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS |
                                                   STUN_AGENT_USAGE_NO_INDICATION_AUTH));
}

StunCodec::~StunCodec() = default;

bool StunCodec::answerChallenge(const std::string& realm, const std::string& nonce) {
  if (realm.empty() || realm.size() > kLongestRealm || nonce.empty() ||
      nonce.size() > kLongestNonce)
    return false;
  realm_ = realm;
  nonce_ = nonce;
  return true;
}

StunCodec::Sent StunCodec::request(const StunRequest& request) {
  Sent sent;
  sent.bytes.resize(kOverhead + username_.size());
  StunMessage message;
  stun_agent_init_request(&agent_->agent, &message, sent.bytes.data(), sent.bytes.size(),
                          wireMethod(request.method));
  if (request.method == TurnMethod::kAllocate)
    stun_message_append32(&message, STUN_ATTRIBUTE_REQUESTED_TRANSPORT, kUdp);
  if (request.relay_family)
    stun_message_append32(&message, static_cast<StunAttribute>(kRequestedAddressFamily),
                          requestedFamily(*request.relay_family));
  if (request.lifetime_s)
    stun_message_append32(&message, STUN_ATTRIBUTE_LIFETIME, *request.lifetime_s);
  if (request.channel)
    stun_message_append32(&message, STUN_ATTRIBUTE_CHANNEL_NUMBER,
                          std::uint32_t{*request.channel} << 16);
  if (request.peer)
    stun_message_append_xor_addr(&message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &*request.peer,
                                 sizeOf(*request.peer));
  if (request.change)
    stun_message_append32(
        &message, STUN_ATTRIBUTE_CHANGE_REQUEST,
        *request.change == ChangeRequest::kPort ? kChangePort : kChangeAddress | kChangePort);

  // libstun keeps the pointer to the key until the answer is there: password_ never changes.
  const std::uint8_t* key = nullptr;
  if (isSigning() && request.method != TurnMethod::kBinding) {
    const auto append = [&message](StunAttribute attribute, const std::string& text) {
      stun_message_append_bytes(&message, attribute, text.data(), text.size());
    };
    append(STUN_ATTRIBUTE_USERNAME, username_);
    append(STUN_ATTRIBUTE_REALM, realm_);
    append(STUN_ATTRIBUTE_NONCE, nonce_);
    key = reinterpret_cast<const std::uint8_t*>(password_.reveal().data());
  }
  sent.id = idOf(message);
  const std::size_t size =
      stun_agent_finish_message(&agent_->agent, &message, key, key ? password_.reveal().size() : 0);
  TURNOUT_CHECK(size > 0, "a STUN request that does not fit, or 200 without an answer");
  sent.bytes.resize(size);
  return sent;
}

Bytes StunCodec::sendIndication(const sockaddr_storage& peer, std::span<const std::uint8_t> data) {
  Bytes bytes(kOverhead + data.size());
  StunMessage message;
  stun_agent_init_indication(&agent_->agent, &message, bytes.data(), bytes.size(), STUN_IND_SEND);
  stun_message_append_xor_addr(&message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &peer, sizeOf(peer));
  stun_message_append_bytes(&message, STUN_ATTRIBUTE_DATA, data.data(), data.size());
  bytes.resize(stun_agent_finish_message(&agent_->agent, &message, nullptr, 0));
  return bytes;
}

void StunCodec::forget(const StunId& id) {
  StunTransactionId raw;
  std::copy(id.begin(), id.end(), raw);
  stun_agent_forget_transaction(&agent_->agent, raw);
}

std::optional<StunAnswer> StunCodec::understand(std::span<const std::uint8_t> bytes) {
  disbelieved_.reset();
  StunMessage message;
  const StunValidationStatus status =
      stun_agent_validate(&agent_->agent, &message, bytes.data(), bytes.size(), nullptr, nullptr);
  if (status == STUN_VALIDATION_NOT_STUN || status == STUN_VALIDATION_INCOMPLETE_STUN)
    return std::nullopt;
  const auto kind = kindOf(message);
  const auto method = methodOf(message);
  if (!kind || !method || (*kind == StunAnswer::Kind::kIndication && *method != TurnMethod::kData))
    return std::nullopt;
  const bool is_unsigned_error = status == STUN_VALIDATION_UNAUTHORIZED &&
                                 *kind == StunAnswer::Kind::kError && isUnsigned(message);
  if (status == STUN_VALIDATION_UNAUTHORIZED && *kind == StunAnswer::Kind::kSuccess)
    disbelieved_ = idOf(message);
  if (status != STUN_VALIDATION_SUCCESS && !is_unsigned_error)
    return std::nullopt;
  const StunAnswer answer = answerOf(message, *kind, *method);
  forget(answer.id);
  return answer;
}

namespace {

constexpr std::size_t kStunHeader = 20;
constexpr std::size_t kChannelHeader = 4;

}  // namespace

std::optional<std::size_t> turnMessageSize(std::span<const std::uint8_t> stream) {
  if (stream.size() < 4)
    return std::nullopt;
  const std::size_t length = static_cast<std::size_t>(stream[2]) << 8 | stream[3];
  switch (stream[0] >> 6) {
    case 0:
      return kStunHeader + length;
    case 1:
      return kChannelHeader + (length + 3) / 4 * 4;
    default:
      return stream.size();
  }
}

}  // namespace turnout
