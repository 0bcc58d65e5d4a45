// Mailbox<T>: the only way from a foreign thread (webrtcbin's, libnice's, a streaming thread) to
// ours. The owner keeps the Mailbox; foreign callbacks keep Senders, which are values. A sent value
// is delivered to the receiver on the loop's thread, in order of sending; after close() it is
// dropped, so a late callback of a peer that was torn down is harmless.
#pragma once

#include "pipelines/base/loop.h"

#include <functional>
#include <memory>
#include <utility>

namespace turnout {

template <class T>
class Mailbox {
  struct State {
    Loop* loop;
    std::function<void(T)> receive;
    bool open = true;  // loop thread only
  };

 public:
  class Sender {
   public:
    void send(T value) const {  // any thread
      state_->loop->post([state = state_, value = std::move(value)]() mutable {
        if (state->open)
          state->receive(std::move(value));
      });
    }

   private:
    friend class Mailbox;
    explicit Sender(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
  };

  // The loop must outlive every Sender.
  Mailbox(Loop& loop, std::function<void(T)> receive)
      : state_(std::make_shared<State>(State{&loop, std::move(receive), true})) {}
  ~Mailbox() { close(); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  Sender sender() const { return Sender(state_); }
  void close() { state_->open = false; }  // loop thread

 private:
  std::shared_ptr<State> state_;
};

}  // namespace turnout
