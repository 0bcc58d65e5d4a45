// Several Binding requests at one time from one UDP socket to any addresses, each sent again until
// it is answered or the time is over (RFC 5780 4).
//
// Threads: the loop's. The handler may not destroy the round.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/probe/udp_socket.h"
#include "pipelines/stun/stun_message.h"

#include <functional>
#include <optional>
#include <vector>

namespace turnout {

class BindingRound {
 public:
  struct Question {
    sockaddr_storage to;
    std::optional<ChangeRequest> change = {};
    std::optional<StunAnswer> answer = {};
  };
  using OnDone = std::function<void(const std::vector<Question>&)>;

  // The socket's handlers are taken over, and given back before `on_done`.
  BindingRound(Loop& loop, UdpSocket& socket, std::vector<Question> questions, Duration limit,
               OnDone on_done);

 private:
  void sendUnanswered();
  void onDatagram(std::span<const std::uint8_t> bytes);
  void finish();

  Loop& loop_;
  UdpSocket& socket_;
  StunCodec codec_;
  std::vector<Question> questions_;
  std::vector<StunCodec::Sent> sent_;  // one for each question
  OnDone on_done_;
  Duration pause_;
  Timer again_, limit_, done_;
};

}  // namespace turnout
