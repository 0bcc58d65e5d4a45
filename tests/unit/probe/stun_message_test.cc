// Messages as a server reads them, and answers as a server makes them.
#include "pipelines/stun/stun_message.h"

#include "pipelines/stun/socket_address.h"
#include "tests/unit/probe/fake_server.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

class StunCodecTest : public testing::Test {
 protected:
  // Looks into `bytes`.
  static StunMessage parsed(const Bytes&& bytes) = delete;
  static StunMessage parsed(const Bytes& bytes) {
    static StunAgent agent;
    stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_IGNORE_CREDENTIALS);
    StunMessage message;
    stun_agent_validate(&agent, &message, bytes.data(), bytes.size(), nullptr, nullptr);
    return message;
  }

  FakeServer server_;
  StunCodec codec_{kUser, Secret(kPassword)};
};

TEST_F(StunCodecTest, ABindingRequestIsPlainAndTwentyBytes) {
  const auto sent = codec_.request({.method = TurnMethod::kBinding});
  EXPECT_EQ(sent.bytes.size(), 20u);
  EXPECT_EQ(server_.read(sent.bytes).method, STUN_BINDING);
}

TEST_F(StunCodecTest, AnAllocateAsksForUdp) {
  const auto sent = codec_.request({.method = TurnMethod::kAllocate});
  const auto message = parsed(sent.bytes);
  std::uint32_t transport = 0;
  ASSERT_EQ(stun_message_find32(&message, STUN_ATTRIBUTE_REQUESTED_TRANSPORT, &transport),
            STUN_MESSAGE_RETURN_SUCCESS);
  EXPECT_EQ(transport, 17u << 24);
}

TEST_F(StunCodecTest, AnAllocateNamesTheFamilyOfTheRelay) {
  for (const auto& [family, value] :
       {std::pair(AF_INET, 0x01000000u), std::pair(AF_INET6, 0x02000000u)}) {
    const auto sent = codec_.request(
        {.method = TurnMethod::kAllocate, .relay_family = static_cast<sa_family_t>(family)});
    const auto message = parsed(sent.bytes);
    std::uint32_t told = 0;
    stun_message_find32(&message, static_cast<StunAttribute>(kRequestedAddressFamily), &told);
    EXPECT_EQ(told, value);
  }
}

TEST_F(StunCodecTest, ChangeRequestsHaveTheBitsOfRfc5780) {
  for (const auto& [change, bits] :
       {std::pair(ChangeRequest::kPort, 0x2u), std::pair(ChangeRequest::kAddressAndPort, 0x6u)}) {
    const auto sent = codec_.request({.change = change});
    const auto message = parsed(sent.bytes);
    std::uint32_t flags = 0;
    stun_message_find32(&message, STUN_ATTRIBUTE_CHANGE_REQUEST, &flags);
    EXPECT_EQ(flags, bits);
  }
}

TEST_F(StunCodecTest, AfterAChallengeRequestsAreSignedButBindingIsNot) {
  ASSERT_TRUE(codec_.answerChallenge("example.org", "n1"));
  const auto seen = server_.read(codec_.request({.method = TurnMethod::kAllocate}).bytes);
  EXPECT_TRUE(seen.is_signed);
  EXPECT_EQ(seen.nonce, "n1");
  EXPECT_FALSE(server_.read(codec_.request({.method = TurnMethod::kBinding}).bytes).is_signed);
}

TEST_F(StunCodecTest, ARealmOrNonceThatIsMissingOrTooLongIsNoChallenge) {
  EXPECT_FALSE(codec_.answerChallenge("", "n1"));
  EXPECT_FALSE(codec_.answerChallenge("example.org", ""));
  EXPECT_FALSE(codec_.answerChallenge(std::string(509, 'r'), "n1"));
  EXPECT_FALSE(codec_.answerChallenge("example.org", std::string(764, 'n')));
  EXPECT_FALSE(codec_.isSigning());
  EXPECT_TRUE(codec_.answerChallenge(std::string(508, 'r'), std::string(763, 'n')));
  EXPECT_FALSE(codec_.request({.method = TurnMethod::kAllocate}).bytes.empty());
}

TEST_F(StunCodecTest, UnderstandsAddressesAndLifetime) {
  const auto relayed = address("192.0.2.5", 50000), mapped = address("192.0.2.1", 4000);
  const auto sent = codec_.request({.method = TurnMethod::kAllocate});
  const auto answer = codec_.understand(server_.accept(sent.bytes, [&](StunMessage& message) {
    stun_message_append_xor_addr(&message, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, &relayed,
                                 sizeof(sockaddr_in));
    stun_message_append_xor_addr(&message, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &mapped,
                                 sizeof(sockaddr_in));
    stun_message_append32(&message, STUN_ATTRIBUTE_LIFETIME, 600);
  }));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->id, sent.id);
  EXPECT_EQ(answer->kind, StunAnswer::Kind::kSuccess);
  EXPECT_EQ(socketAddressText(*answer->relayed), "192.0.2.5:50000");
  EXPECT_EQ(socketAddressText(*answer->mapped), "192.0.2.1:4000");
  EXPECT_EQ(answer->lifetime_s, 600u);
}

TEST_F(StunCodecTest, UnderstandsTheOtherAddressAndAMappedAddressOfOldServers) {
  const auto other = address("192.0.2.9", 3479), mapped = address("192.0.2.1", 4000);
  const auto sent = codec_.request({});
  const auto answer = codec_.understand(server_.accept(sent.bytes, [&](StunMessage& message) {
    const auto* plain = reinterpret_cast<const sockaddr*>(&mapped);
    stun_message_append_addr(&message, STUN_ATTRIBUTE_MAPPED_ADDRESS, plain, sizeof(sockaddr_in));
    stun_message_append_addr(&message, static_cast<StunAttribute>(0x802c),
                             reinterpret_cast<const sockaddr*>(&other), sizeof(sockaddr_in));
  }));
  ASSERT_TRUE(answer && answer->other && answer->mapped);
  EXPECT_EQ(socketAddressText(*answer->other), "192.0.2.9:3479");
  EXPECT_EQ(socketAddressText(*answer->mapped), "192.0.2.1:4000");
}

TEST_F(StunCodecTest, UnderstandsARefusalWithItsWords) {
  const auto sent = codec_.request({.method = TurnMethod::kAllocate});
  const auto answer = codec_.understand(server_.refuse(sent.bytes, 486));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, StunAnswer::Kind::kError);
  EXPECT_EQ(answer->error_code, 486);
  EXPECT_FALSE(answer->reason.empty());
}

TEST_F(StunCodecTest, BelievesSuccessOnlyWithTheRightIntegrity) {
  ASSERT_TRUE(codec_.answerChallenge("example.org", "n1"));
  const auto sent = codec_.request({.method = TurnMethod::kAllocate});
  Bytes forged = server_.accept(sent.bytes);
  ASSERT_GE(forged.size(), 24u) << "signed";
  forged.back() ^= 1;
  EXPECT_FALSE(codec_.understand(forged));
  EXPECT_TRUE(codec_.understand(server_.accept(sent.bytes)));
}

TEST_F(StunCodecTest, BelievesAnAnswerOnceAndNoneThatItDidNotAskFor) {
  const auto sent = codec_.request({});
  const Bytes answer = server_.accept(sent.bytes);
  EXPECT_FALSE(StunCodec().understand(answer));
  EXPECT_TRUE(codec_.understand(answer));
  EXPECT_FALSE(codec_.understand(answer));
  const auto given_up = codec_.request({});
  codec_.forget(given_up.id);
  EXPECT_FALSE(codec_.understand(server_.accept(given_up.bytes)));
}

TEST_F(StunCodecTest, UnderstandsDataOfAPeerAndWritesItForOne) {
  const auto data = codec_.understand(server_.dataFrom(address("192.0.2.5", 50001), "hello"));
  ASSERT_TRUE(data && data->peer);
  EXPECT_EQ(data->kind, StunAnswer::Kind::kIndication);
  EXPECT_EQ(socketAddressText(*data->peer), "192.0.2.5:50001");
  EXPECT_EQ(std::string(data->data.begin(), data->data.end()), "hello");

  const Bytes hello = {'h', 'i'};
  const Bytes bytes = codec_.sendIndication(address("192.0.2.5", 50001), hello);
  const auto sent = parsed(bytes);
  EXPECT_EQ(stun_message_get_class(&sent), STUN_INDICATION);
  EXPECT_EQ(stun_message_get_method(&sent), STUN_IND_SEND);
}

TEST_F(StunCodecTest, TakesNothingThatIsNotStun) {
  EXPECT_FALSE(codec_.understand({}));
  const std::string http = "HTTP/1.1 400 Bad Request\r\n\r\n";
  EXPECT_FALSE(
      codec_.understand({reinterpret_cast<const std::uint8_t*>(http.data()), http.size()}));
}

TEST(ReasonPhrase, IsTextWhateverServersWrite) {
  EXPECT_EQ(reasonPhrase("Unauthorized"), "Unauthorized");
  EXPECT_EQ(reasonPhrase(std::string_view("Server Error\0\0\0", 15)), "Server Error");
  EXPECT_EQ(reasonPhrase("\xff\xfe"), "\uFFFD\uFFFD");
  EXPECT_EQ(reasonPhrase(""), "");
}

TEST(SocketAddress, KnowsWhatNoOtherNetworkReaches) {
  for (const char* inside :
       {"127.0.0.1", "10.53.34.156", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.1.1",
        "100.64.0.1", "::1", "fe80::1", "fd00::1"})
    EXPECT_TRUE(isPrivate(inside)) << inside;
  for (const char* outside : {"192.0.2.1", "172.32.0.1", "100.128.0.1", "11.0.0.1", "2001:db8::1",
                              "turn.example.net", ""})
    EXPECT_FALSE(isPrivate(outside)) << outside;
}

}  // namespace
}  // namespace turnout
