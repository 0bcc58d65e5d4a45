#include "tests/unit/probe/fake_server.h"

#include "pipelines/stun/socket_address.h"

namespace turnout {
namespace {

bool validate(StunAgent*, StunMessage*, uint8_t*, uint16_t, uint8_t** password, size_t* size,
              void*) {
  static std::string text = kPassword;
  *password = reinterpret_cast<uint8_t*>(text.data());
  *size = text.size();
  return true;
}

std::string text(const StunMessage& message, StunAttribute attribute) {
  uint16_t size = 0;
  const void* found = stun_message_find(&message, attribute, &size);
  return found ? std::string(static_cast<const char*>(found), size) : std::string();
}

Bytes finished(StunAgent& agent, StunMessage& message, Bytes& buffer) {
  buffer.resize(stun_agent_finish_message(&agent, &message, nullptr, 0));
  return buffer;
}

}  // namespace

sockaddr_storage address(const std::string& literal, std::uint16_t port) {
  return *socketAddress(literal, port);
}

FakeServer::FakeServer() {
  stun_agent_init(&agent_, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                  STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
}

StunMessage FakeServer::parse(const Bytes& request) {
  StunMessage message;
  stun_agent_validate(&agent_, &message, request.data(), request.size(), validate, nullptr);
  return message;
}

FakeServer::Seen FakeServer::read(const Bytes& request) {
  const StunMessage message = parse(request);
  return {stun_message_get_method(&message),
          stun_message_has_attribute(&message, STUN_ATTRIBUTE_MESSAGE_INTEGRITY),
          text(message, STUN_ATTRIBUTE_NONCE), request};
}

Bytes FakeServer::accept(const Bytes& request, const Fill& fill) {
  const StunMessage asked = parse(request);
  Bytes buffer(1500);
  StunMessage answer;
  stun_agent_init_response(&agent_, &answer, buffer.data(), buffer.size(), &asked);
  if (fill)
    fill(answer);
  return finished(agent_, answer, buffer);
}

Bytes FakeServer::refuse(const Bytes& request, int code, const std::string& realm,
                         const std::string& nonce) {
  const StunMessage asked = parse(request);
  Bytes buffer(1500);
  StunMessage answer;
  stun_agent_init_error(&agent_, &answer, buffer.data(), buffer.size(), &asked,
                        static_cast<StunError>(code));
  answer.key = nullptr;  // servers that refuse a key cannot sign
  if (!realm.empty())
    stun_message_append_bytes(&answer, STUN_ATTRIBUTE_REALM, realm.data(), realm.size());
  if (!nonce.empty())
    stun_message_append_bytes(&answer, STUN_ATTRIBUTE_NONCE, nonce.data(), nonce.size());
  return finished(agent_, answer, buffer);
}

Bytes FakeServer::dataFrom(const sockaddr_storage& peer, const std::string& data) {
  Bytes buffer(1500);
  StunMessage message;
  stun_agent_init_indication(&agent_, &message, buffer.data(), buffer.size(), STUN_IND_DATA);
  stun_message_append_xor_addr(&message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &peer,
                               sizeof(sockaddr_in));
  stun_message_append_bytes(&message, STUN_ATTRIBUTE_DATA, data.data(), data.size());
  return finished(agent_, message, buffer);
}

}  // namespace turnout
