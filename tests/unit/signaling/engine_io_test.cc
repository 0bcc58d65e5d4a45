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
