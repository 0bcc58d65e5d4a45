#include "bots/signaling/wire/engine_io.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Type = EnginePacketType;

// The examples of the protocol's own document.
TEST(EngineIo, PacketsReadAndWriteAsPublished) {
  struct Row {
    const char* text;
    EnginePacket packet;
  };
  for (const Row& row : {
           Row{"0{\"sid\":\"x\"}", {Type::kOpen, "{\"sid\":\"x\"}"}},
           Row{"1", {Type::kClose, ""}},
           Row{"2", {Type::kPing, ""}},
           Row{"2probe", {Type::kPing, "probe"}},
           Row{"3", {Type::kPong, ""}},
           Row{"3probe", {Type::kPong, "probe"}},
           Row{"4hello", {Type::kMessage, "hello"}},
           Row{"5", {Type::kUpgrade, ""}},
           Row{"6", {Type::kNoop, ""}},
           Row{"bAQIDBA==", {Type::kMessage, "\x01\x02\x03\x04", true}},
       }) {
    const auto packet = decodeEnginePacket(row.text);
    ASSERT_TRUE(packet) << row.text;
    EXPECT_EQ(*packet, row.packet) << row.text;
    EXPECT_EQ(encodeEnginePacket(row.packet), row.text);
  }
}

TEST(EngineIo, AUrlNamesAServerAndNothingMore) {
  EXPECT_EQ(*engineOrigin("http://127.0.0.1:9000"), "http://127.0.0.1:9000");
  EXPECT_EQ(*engineOrigin("wss://app.example.net/"), "https://app.example.net");
  EXPECT_EQ(*engineOrigin("ws://[::1]:80"), "http://[::1]:80");
  for (const char* url :
       {"", "app.example.net", "app.example.net:80", "ftp://a", "http://", "http:///x",
        "http://a:x", "http://a/app", "http://a?x=1", "http://a#x", "http://me@a", "/tmp/x"}) {
    const auto origin = engineOrigin(url);
    ASSERT_FALSE(origin) << url;
    EXPECT_EQ(origin.error().code, ErrorCode::kUsage);
  }
}

TEST(EngineIo, AUrlOfAnAppMayHaveAPathAndAQuery) {
  const auto server = serverUrl("wss://app.example.net:8443/ws/chat?v=2&x=%20");
  ASSERT_TRUE(server) << server.error().what;
  EXPECT_EQ(server->origin, "https://app.example.net:8443");
  EXPECT_EQ(server->path, "/ws/chat");
  EXPECT_EQ(server->query, "v=2&x=%20") << "as it was written";
  EXPECT_TRUE(server->is_tls);
  EXPECT_FALSE(server->namesServerAlone());
  EXPECT_TRUE(serverUrl("http://a/")->namesServerAlone());
  for (const char* url : {"", "app", "http://", "http://a:0", "http://a:70000", "http://a b/",
                          "http://me@a/ws", "http://a/ws#top", "file:///tmp/x"})
    EXPECT_FALSE(serverUrl(url)) << url;
}

// Of protocol 3: lengths in UTF-16 units, as its clients count them.
TEST(EngineIo, APayloadOfProtocolThreeCountsItsPackets) {
  constexpr auto kThree = EngineProtocol::kThree;
  const std::vector<EnginePacket> packets{
      {Type::kMessage, "hello"},
      {Type::kPing, ""},
      {Type::kMessage, "\xc3\xa9\xe2\x82\xac"},  // e acute, euro
      {Type::kMessage, "\xf0\x9f\x98\x80"}};     // two units
  const std::string body =
      "6:4hello1:23:4\xc3\xa9\xe2\x82\xac"
      "3:4\xf0\x9f\x98\x80";
  EXPECT_EQ(encodeEnginePayload(packets, kThree), body);
  const auto read = decodeEnginePayload(body, kThree);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, packets);
  for (const char* bad : {"4hello", "9:4hello", ":4", "x:4", "-1:4", "0:", "99999999999:4", "2:4"})
    EXPECT_FALSE(decodeEnginePayload(bad, kThree)) << bad;
}

TEST(EngineIo, UnknownPacketsAreRefused) {
  for (const char* text : {"", "7", "9x", "a", " 4", "\x1e"})
    EXPECT_FALSE(decodeEnginePacket(text)) << text;
}

TEST(EngineIo, PayloadIsPacketsWithSeparators) {
  const std::string body =
      "4hello\x1e"
      "2\x1e"
      "4world";
  const auto packets = decodeEnginePayload(body);
  ASSERT_TRUE(packets);
  EXPECT_EQ(*packets,
            (std::vector<EnginePacket>{
                {Type::kMessage, "hello"}, {Type::kPing, ""}, {Type::kMessage, "world"}}));
  EXPECT_EQ(encodeEnginePayload(*packets), body);
}

TEST(EngineIo, PayloadWithAHoleIsRefused) {
  for (const char* body : {"", "\x1e", "4a\x1e",
                           "\x1e"
                           "4a",
                           "4a\x1e\x1e"
                           "4b"})
    EXPECT_FALSE(decodeEnginePayload(body)) << body;
}

TEST(EngineIo, PayloadOfTooManyPacketsIsRefused) {
  std::string body = "2";
  for (std::size_t i = 1; i < kMaxPacketsInPayload; i++)
    body +=
        "\x1e"
        "2";
  EXPECT_TRUE(decodeEnginePayload(body));
  EXPECT_FALSE(decodeEnginePayload(body + "\x1e"
                                          "2"));
}

TEST(EngineIo, HandshakeReadsAndWritesAsPublished) {
  const char* text =
      R"({"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})";
  const auto handshake = decodeEngineHandshake(text);
  ASSERT_TRUE(handshake);
  EXPECT_EQ(handshake->sid, "lv_VI97HAXpY6yYWAAAC");
  EXPECT_TRUE(handshake->offersWebSocket());
  EXPECT_EQ(handshake->ping_interval, 25s);
  EXPECT_EQ(handshake->ping_timeout, 20s);
  EXPECT_EQ(handshake->max_payload, 1'000'000u);
  EXPECT_EQ(encodeEngineHandshake(*handshake), text);
}

TEST(EngineIo, HandshakeOfAnOlderServerHasNoMaxPayload) {
  const auto handshake =
      decodeEngineHandshake(R"({"sid":"a","upgrades":[],"pingInterval":1,"pingTimeout":2})");
  ASSERT_TRUE(handshake);
  EXPECT_FALSE(handshake->offersWebSocket());
  EXPECT_EQ(handshake->max_payload, 1'000'000u);
}

TEST(EngineIo, HandshakeThatCannotBeIsRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"sid":""})", R"({"sid":1})", R"({"sid":"a","pingInterval":0})",
        R"({"sid":"a","pingTimeout":-1})", R"({"sid":"a","pingInterval":99999999999999})",
        R"({"sid":"a","maxPayload":0})"})
    EXPECT_FALSE(decodeEngineHandshake(text)) << text;
}

}  // namespace
}  // namespace turnout
