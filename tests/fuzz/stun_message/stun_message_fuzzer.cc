// Whatever a server answers: never a crash, and what is believed is an answer to what was asked.
// The first byte chooses the request; the id of the request is put where the answer's belongs, so
// that more than strangers' messages are looked at.
#include "pipelines/base/result.h"
#include "pipelines/ice/hooks/packet_gate.h"
#include "pipelines/stun/stun_message.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace turnout;
  if (size == 0)
    return 0;
  constexpr TurnMethod kMethods[] = {TurnMethod::kBinding, TurnMethod::kAllocate,
                                     TurnMethod::kRefresh, TurnMethod::kCreatePermission};
  const TurnMethod method = kMethods[*data % std::size(kMethods)];
  StunCodec codec("user", Secret("password"));
  const StunId id = codec.request({.method = method}).id;
  Bytes message(data + 1, data + size);
  constexpr std::size_t kIdOffset = 4;
  if (message.size() >= kIdOffset + id.size())
    std::copy(id.begin(), id.end(), message.begin() + kIdOffset);

  if (const auto seen = turnAnswer(message))
    TURNOUT_CHECK(seen->reason.size() <= message.size(), "a reason is a part of the message");
  const auto answer = codec.understand(message);
  if (!answer)
    return 0;
  if (answer->kind == StunAnswer::Kind::kIndication)
    TURNOUT_CHECK(answer->method == TurnMethod::kData, "an indication is data");
  else
    TURNOUT_CHECK(answer->id == id && answer->method == method, "an answer to what was asked");
  if (codec.answerChallenge(answer->realm, answer->nonce))
    codec.request({.method = TurnMethod::kAllocate});
  return 0;
}
