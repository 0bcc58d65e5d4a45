// One way of a TURN connection in a splice: carries whole messages from one stream to another, but
// for those that are to be dropped. Reads no more than it has written.
//
// Threads: the one whose default context runs it (a Loop's).
#pragma once

#include "pipelines/base/gobject_ref.h"

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <gio/gio.h>

namespace turnout {

class MessagePump {
 public:
  struct Ends {
    Ref<GIOStream> from, to;
    Ref<GCancellable> cancellable;
  };
  using Drops = std::function<bool(std::span<const std::uint8_t> message)>;

  // `on_end` is called once, after start(): at an end of file, an error, or when cancelled. It may
  // destroy the pump, which nothing else may between start() and that.
  MessagePump(Ends ends, Drops drops, std::function<void()> on_end)
      : ends_(std::move(ends)), drops_(std::move(drops)), on_end_(std::move(on_end)) {}
  MessagePump(const MessagePump&) = delete;
  MessagePump& operator=(const MessagePump&) = delete;

  void start() { read(); }

 private:
  void read();
  void onRead(GAsyncResult* result);
  void sortOut();
  void write();
  void onWritten(GAsyncResult* result);

  const Ends ends_;
  const Drops drops_;
  const std::function<void()> on_end_;
  std::array<std::uint8_t, 8192> chunk_;
  std::vector<std::uint8_t> waiting_;  // the beginning of a message
  std::vector<std::uint8_t> passing_;
};

}  // namespace turnout
