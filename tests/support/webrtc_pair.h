// Two webrtcbins with agents of ours, signalling to each other over the test's own loop, sending
// Opus both ways. Everything happens inside the run...() calls of the test's thread.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/mailbox.h"
#include "pipelines/base/signal.h"
#include "pipelines/ice/agent/ice_agent.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

typedef struct _GstElement GstElement;

namespace turnout {

IceConfig loopbackIce(const char* profile = "fast");  // bound to 127.0.0.1, no servers

// True when all agents but `left` have released everything they held: allocations too.
bool allAgentsAreGone(Loop& loop, unsigned left = 0, Duration limit = 1500ms);

class WebrtcPeer {
 public:
  WebrtcPeer(Loop& loop, IceThreads& threads, IceConfig config, const std::string& name,
             IceAgent::OnEvent on_late = nullptr);
  ~WebrtcPeer();  // pipeline to NULL, then the agent
  WebrtcPeer(const WebrtcPeer&) = delete;
  WebrtcPeer& operator=(const WebrtcPeer&) = delete;

  void signalTo(WebrtcPeer* other) { other_ = other; }  // null: the other is gone
  void offer();
  IceAgent& agent() { return *agent_; }
  void setLeave(Leave leave) { leave_ = leave; }  // how the destructor leaves

  // What has been seen, all on the test's thread.
  template <class Body>
  std::vector<Body> events() const {
    std::vector<Body> found;
    for (const IceEvent& event : events_)
      if (const auto* body = std::get_if<Body>(&event.body))
        found.push_back(*body);
    return found;
  }
  const std::vector<IceEvent>& allEvents() const { return events_; }
  std::optional<IcePairSelected> pair() const;  // the last
  bool isConnected() const { return connected_; }
  std::uint64_t packetsReceived() const { return *received_; }
  const std::string& localUfrag() const { return ufrag_; }
  unsigned generation() const;  // of the last event

 private:
  struct Described {
    bool is_offer;
    std::string sdp;
  };
  struct Candidate {
    unsigned mline;
    std::string line;
  };
  using Message = std::variant<IceEvent, Described, Candidate, bool>;

  void receive(Message message);
  void describe(const char* what);
  void setRemote(const Described& description);
  void connectSignals();

  std::string name_;
  WebrtcPeer* other_ = nullptr;
  Mailbox<Message> mailbox_;
  std::shared_ptr<std::atomic<std::uint64_t>> received_;
  std::shared_ptr<IceAgent> agent_;
  Leave leave_ = Leave::kClean;
  Ref<GstElement> pipeline_;
  GstElement* webrtc_ = nullptr;  // the pipeline's
  std::vector<SignalConnection> signals_;
  std::vector<IceEvent> events_;
  std::string ufrag_;
  bool connected_ = false;
};

class WebrtcPair {
 public:
  WebrtcPair(Loop& loop, IceThreads& threads, IceConfig left, IceConfig right,
             IceAgent::OnEvent on_late_left = nullptr);
  ~WebrtcPair();

  bool connect(Duration limit = 10s);  // offers from the left; true when both are connected
  bool mediaFlows(unsigned packets = 10, Duration limit = 5s);  // so many more, both ways
  bool run(const std::function<bool()>& done, Duration limit) {
    return loop_.runUntil(done, limit);
  }

  WebrtcPeer& left() { return *left_; }
  WebrtcPeer& right() { return *right_; }
  void dropLeft();
  void dropRight();

 private:
  Loop& loop_;
  std::unique_ptr<WebrtcPeer> left_, right_;
};

}  // namespace turnout
