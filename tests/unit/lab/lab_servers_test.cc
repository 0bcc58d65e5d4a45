#include "pipelines/lab/lab_servers.h"

#include "pipelines/stun/socket_address.h"

namespace turnout {
namespace {

TEST(LabServersTest, ReadWhatOurOwnClientAsks) {
  StunCodec codec;
  const auto plain = codec.request({});
  const auto request = bindingRequest(plain.bytes);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, plain.id);
  EXPECT_FALSE(request->wants_other_address || request->wants_other_port);
  const auto port = bindingRequest(codec.request({.change = ChangeRequest::kPort}).bytes);
  ASSERT_TRUE(port);
  EXPECT_TRUE(!port->wants_other_address && port->wants_other_port);
  const auto both = bindingRequest(codec.request({.change = ChangeRequest::kAddressAndPort}).bytes);
  ASSERT_TRUE(both);
  EXPECT_TRUE(both->wants_other_address && both->wants_other_port);
}

TEST(LabServersTest, AnswerSoThatOurOwnClientBelievesIt) {
  StunCodec codec;
  const auto sent = codec.request({});
  const auto answer = codec.understand(bindingAnswer(sent.id, *socketAddress("198.51.100.7", 40001),
                                                     *socketAddress("203.0.113.21", 3479)));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, StunAnswer::Kind::kSuccess);
  ASSERT_TRUE(answer->mapped && answer->other);
  EXPECT_EQ(socketAddressText(*answer->mapped), "198.51.100.7:40001");
  EXPECT_EQ(socketAddressText(*answer->other), "203.0.113.21:3479");
}

TEST(LabServersTest, NothingElseIsARequest) {
  StunCodec codec;
  Bytes bytes = codec.request({.change = ChangeRequest::kPort}).bytes;
  EXPECT_FALSE(bindingRequest(std::span(bytes).first(19)));
  EXPECT_FALSE(bindingRequest(std::span(bytes).first(bytes.size() - 1)));
  bytes.push_back(0);
  EXPECT_FALSE(bindingRequest(bytes));
  EXPECT_FALSE(bindingRequest({}));
  EXPECT_FALSE(bindingRequest(codec.request({.method = TurnMethod::kAllocate}).bytes));
}

}  // namespace
}  // namespace turnout
