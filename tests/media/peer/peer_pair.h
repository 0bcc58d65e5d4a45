// Two peers of one process and the signaling between them, which is a function call here.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/peer/peer_factory.h"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

// The loop and the factory all tests of the program share: warming up costs a second.
Loop& testLoop();
PeerFactory& testFactory();

// Runs the loop until `done` holds, which is asked every few ms: counters grow without an event.
bool waitFor(const std::function<bool()>& done, Duration limit);

PeerConfig loopbackConfig(const std::string& name);  // with an ssrc_base of its own

// One peer and what it told. Received descriptions and candidates go to `other` unless `deliver` is
// replaced.
class TestPeer {
 public:
  explicit TestPeer(PeerFactory& factory, const PeerConfig& config);

  PeerConnection& operator*() { return *peer_; }
  PeerConnection* operator->() { return peer_.get(); }
  void destroy() { peer_.reset(); }

  // Of all events so far, those of one kind.
  template <class Body>
  std::vector<Body> all() const {
    std::vector<Body> found;
    for (const PeerEvent& event : events)
      if (const auto* body = std::get_if<Body>(&event.body))
        found.push_back(*body);
    return found;
  }
  template <class Body>
  const PeerEvent* first(const std::function<bool(const Body&)>& matches) const {
    for (const PeerEvent& event : events)
      if (const auto* body = std::get_if<Body>(&event.body); body && matches(*body))
        return &event;
    return nullptr;
  }
  bool isConnected() const;
  bool hasFirst(MediaKind kind) const;
  std::string failure() const;

  Instant made_at;
  TestPeer* other = nullptr;
  std::vector<PeerEvent> events;
  std::function<void(const PeerEvent&)> deliver;  // to the far end; the default applies it there

 private:
  std::unique_ptr<PeerConnection> peer_;
};

struct PeerPair {
  explicit PeerPair(PeerFactory& factory = testFactory());
  PeerPair(PeerFactory& factory, const PeerConfig& offerer, const PeerConfig& answerer);

  bool isConnected() const { return offerer.isConnected() && answerer.isConnected(); }
  bool hasMedia() const;
  // Offers and waits for both ends to connect.
  bool connect(Duration limit = std::chrono::seconds(10));
  bool waitForMedia(Duration limit = std::chrono::seconds(10));
  std::string story() const;  // failures of both ends, for messages

  TestPeer offerer, answerer;
};

}  // namespace turnout
