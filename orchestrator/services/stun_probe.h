// Asks a STUN server on 127.0.0.1 for a sign of life until it gives one: how we know that a TURN
// server we started is up (a Binding request needs no credential; RFC 8489 section 5).
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace turnout {

class StunProbe {
 public:
  // `on_answer` once, on the loop; it may destroy the probe.
  static Result<std::unique_ptr<StunProbe>> start(Loop& loop, std::uint16_t port,
                                                  std::function<void()> on_answer);

 private:
  StunProbe(Ref<GSocket> socket, std::function<void()> on_answer);
  void ask();
  void onReadable();

  Ref<GSocket> socket_;
  std::function<void()> on_answer_;
  Timer input_, again_;
};

}  // namespace turnout
