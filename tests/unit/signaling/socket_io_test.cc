#include "bots/signaling/wire/socket_io.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using SocketType = SocketPacketType;

// The examples of the protocol's own document.
TEST(SocketIo, PacketsReadAndWriteAsPublished) {
  struct Row {
    const char* text;
    SocketType type;
    const char* nsp;
    std::optional<std::uint64_t> id;
    const char* data;  // "null" when absent
  };
  for (const Row& row : {
           Row{"0", SocketType::kConnect, "/", {}, "null"},
           Row{R"(0{"sid":"oSO0OpakMV_3jnilAAAA"})",
               SocketType::kConnect,
               "/",
               {},
               R"({"sid":"oSO0OpakMV_3jnilAAAA"})"},
           Row{R"(0/admin,{"token":"123"})",
               SocketType::kConnect,
               "/admin",
               {},
               R"({"token":"123"})"},
           Row{"1/admin,", SocketType::kDisconnect, "/admin", {}, "null"},
           Row{R"(2["foo"])", SocketType::kEvent, "/", {}, R"(["foo"])"},
           Row{R"(2/admin,["bar"])", SocketType::kEvent, "/admin", {}, R"(["bar"])"},
           Row{R"(212["foo"])", SocketType::kEvent, "/", 12, R"(["foo"])"},
           Row{R"(3/admin,13["bar"])", SocketType::kAck, "/admin", 13, R"(["bar"])"},
           Row{"312[]", SocketType::kAck, "/", 12, "[]"},
           Row{R"(4{"message":"Not authorized"})",
               SocketType::kConnectError,
               "/",
               {},
               R"({"message":"Not authorized"})"},
       }) {
    const auto packet = decodeSocketPacket(row.text);
    ASSERT_TRUE(packet) << row.text << ": " << packet.error().what;
    EXPECT_EQ(packet->type, row.type) << row.text;
    EXPECT_EQ(packet->nsp, row.nsp) << row.text;
    EXPECT_EQ(packet->id, row.id) << row.text;
    EXPECT_EQ(packet->data.text(), row.data) << row.text;
    const std::string data = packet->data.isPresent() ? packet->data.text() : "";
    EXPECT_EQ(encodeSocketPacket(packet->type, packet->nsp, packet->id, data), row.text);
  }
}

TEST(SocketIo, EventHasANameAndArguments) {
  const auto packet = decodeSocketPacket(R"(2["signal",{"to":"x"},"two",3])");
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->eventName(), "signal");
  ASSERT_EQ(packet->arguments().size(), 3u);
  EXPECT_EQ(packet->arguments()[0].stringOr("to", ""), "x");
  EXPECT_EQ(packet->arguments()[2].asInteger(), 3);
  EXPECT_EQ(encodeSocketEvent("/", std::nullopt, "signal", {R"({"to":"x"})", "\"two\"", "3"}),
            R"(2["signal",{"to":"x"},"two",3])");
}

TEST(SocketIo, AckHasArgumentsOnly) {
  const auto packet = decodeSocketPacket(R"(30[{"ok":true}])");
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->eventName(), "");
  ASSERT_EQ(packet->arguments().size(), 1u);
  EXPECT_TRUE(packet->arguments()[0].boolOr("ok", false));
}

TEST(SocketIo, MalformedPacketsAreRefused) {
  const std::string deep = "2" + std::string(100000, '[');
  const std::string long_nsp = "0/" + std::string(kMaxNamespaceLength, 'n') + ",";
  for (const std::string& text :
       {std::string(""),
        std::string("7"),
        std::string("x"),
        std::string("2"),                         // an event needs data
        std::string("2{}"),                       // which is an array
        std::string("2[]"),                       // with a name
        std::string("2[1]"),                      // that is a string
        std::string("2[\"a\""),                   // complete
        std::string("2[\"a\"]]"),                 //
        std::string("2['a']"),                    // JSON, not what json-glib takes for it
        std::string("2[\"a\"/**/]"),              //
        std::string("2#\n[\"a\"]"),               //
        std::string("2var a = [\"a\"]"),          //
        std::string("2[\"\xff\"]"),               // UTF-8
        std::string("2[\"\\ud83ude00\"]"),        // and another
        std::string("2[\"\\ud800\"]"),            // half a character
        std::string("3[]"),                       // an ack needs its id
        std::string("31"),                        // and data
        std::string("21234567890123456[\"a\"]"),  // an id that no server gives
        std::string("0[]"),
        std::string("1{}"),
        std::string("4"),
        std::string("4[]"),
        std::string("5[\"a\"]"),  // binary needs a count
        std::string("5-[\"a\"]"),
        std::string("511-[\"a\"]"),
        std::string("51[\"a\"]"),
        deep,
        long_nsp}) {
    EXPECT_FALSE(decodeSocketPacket(text)) << text;
  }
}

TEST(SocketPacketReader, GivesABinaryEventAfterItsLastAttachment) {
  SocketPacketReader reader;
  const EnginePacket head{
      EnginePacketType::kMessage,
      R"(52-7["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])"};
  const EnginePacket attachment{EnginePacketType::kMessage, "\x01", true};
  ASSERT_FALSE(reader.take(head)->has_value());
  ASSERT_FALSE(reader.take(attachment)->has_value());
  const auto packet = reader.take(attachment);
  ASSERT_TRUE(packet && packet->has_value());
  EXPECT_TRUE((*packet)->isBinary());
  EXPECT_EQ((*packet)->id, 7u);
  EXPECT_EQ((*packet)->eventName(), "a");
  EXPECT_TRUE(reader.take({EnginePacketType::kMessage, "2[\"b\"]"})->has_value());
}

TEST(SocketPacketReader, RefusesAttachmentsOfNothingAndMissingOnes) {
  SocketPacketReader reader;
  EXPECT_FALSE(reader.take({EnginePacketType::kMessage, "\x01", true}));
  ASSERT_TRUE(reader.take({EnginePacketType::kMessage, R"(51-["a"])"}));
  EXPECT_FALSE(reader.take({EnginePacketType::kMessage, R"(2["b"])"}));
}

}  // namespace
}  // namespace turnout
