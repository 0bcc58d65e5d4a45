// TCP or TLS as a way to one server: messages are found in the stream by their own length (RFC 8656
// 3.1).
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"
#include "pipelines/probe/probe_transport.h"

#include <cstdint>
#include <string>
#include <vector>

namespace turnout {

class StreamTransport : public ProbeTransport {
 public:
  StreamTransport(Loop& loop, Ref<GIOStream> stream);
  void listen(Handlers handlers) override;
  void send(std::span<const std::uint8_t> message) override;
  bool isReliable() const override { return true; }

 private:
  void onReadable();
  void cutMessages();
  void flush();
  void end(const std::string& why);

  Loop& loop_;
  Ref<GIOStream> stream_;
  Handlers handlers_;
  std::vector<std::uint8_t> received_, unsent_;
  Timer input_, output_;
  bool is_ended_ = false;
};

}  // namespace turnout
