// From libnice's receive callback into webrtcbin: packets of one agent, pushed on the control
// thread while it connects and on its media thread afterwards.
//
// webrtcbin puts capsfilter ! queue before its DTLS decoder, and blocks pads there while it builds
// itself. Once the first packets have passed and every one of them has left the queue, it is
// stopped (one thread less per peer) and packets are chained into the decoder's sink pad. An empty
// queue is not enough: its thread may still hold the last packet, and drops it when stopped.
// Chained, not linked: webrtcbin installs its pad blocks on linked peers, and one of them must
// never catch a shared thread. GStreamer 1.28.5 adds blocks behind the decoder: re-check there.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"

#include <atomic>
#include <functional>
#include <memory>

#include <gst/gst.h>

namespace turnout {

class ReceivePath {
 public:
  // `move_to_media` must make packets arrive on the media thread from then on. It is called once,
  // on the control thread, from within a packet's callback.
  ReceivePath(LoopThread& control, LoopThread& media, std::function<void()> move_to_media);

  // The source element's READY to PAUSED and back. Both wait for the thread that pushes, so that no
  // packet is under way in `pad` after detach().
  void attach(GstElement* source, GstPad* pad);
  void detach();

  // A packet that came over the sockets of this ICE generation. The thread that pushes.
  void onPacket(const char* data, std::size_t size, unsigned generation);
  bool isMoved() const { return moved_; }  // any thread
  // Of the RTP packet that is being pushed, or was last. Any thread.
  unsigned rtpGeneration() const { return rtp_generation_; }

 private:
  void announceStream();
  void findReceiveQueue();
  void stopReceiveQueue();

  LoopThread& control_;
  LoopThread& media_;
  std::function<void()> move_to_media_;
  std::atomic<bool> moved_{false};
  std::atomic<unsigned> rtp_generation_{0};

  // Of the thread that pushes: control, then media once moved.
  GstElement* source_ = nullptr;  // not owned: detach() comes before its end
  GstPad* pad_ = nullptr;         // not owned, as above
  Ref<GstPad> decoder_;           // the decoder's sink, once the queue is stopped
  bool announced_ = false;
  Ref<GstElement> queue_;                              // null: not found, it stays
  unsigned queued_ = 0;                                // packets given to it
  std::shared_ptr<std::atomic<unsigned>> left_queue_;  // packets it pushed on; its thread counts
};

}  // namespace turnout
