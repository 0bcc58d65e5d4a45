// Where a peer connection's exchange of descriptions is: when an offer may be made, what becomes of
// one that crosses with the far end's (glare), and when an ICE restart that was asked for is begun.
// A machine without webrtcbin: what happened goes in, what to do comes out, in order. Pure.
//
//   phase           | input                    | next            | to do
//   kStable         | offer()                  | kCreatingOffer  | create offer
//   kStable         | restart()                | kCreatingOffer  | restart ICE, create offer
//   kStable         | remote offer             | kReadingOffer   | set remote
//   kStable         | remote answer            | kReadingAnswer  | set remote (webrtcbin refuses it)
//   kCreatingOffer  | offer created            | kSettingOffer   | set local
//   kCreatingOffer  | the same, an offer waits | kReadingOffer   | withdraw restart, set remote
//   kSettingOffer   | local set                | kAwaitingAnswer | tell
//   kSettingOffer   | the same, an offer waits | kReadingOffer   | withdraw restart, roll back, set
//                   |                          |                 | remote: nobody has heard of ours
//   kAwaitingAnswer | remote answer            | kReadingAnswer  | set remote
//   kAwaitingAnswer | remote offer             | kReadingOffer   | withdraw restart, roll back, set
//                   |                          |                 | remote
//   kReadingAnswer  | remote set               | kStable         | [a restart that is wanted]
//   kReadingAnswer  | remote offer             | kReadingOffer   | set remote
//   kReadingOffer   | remote set               | kCreatingAnswer | create answer
//   kReadingOffer   | the same, an offer waits | kReadingOffer   | set remote
//   kCreatingAnswer | answer created           | kSettingAnswer  | set local
//   kCreatingAnswer | the same, an offer waits | kReadingOffer   | set remote: the later one counts
//   kSettingAnswer  | local set                | kStable         | tell [, a restart that is wanted]
//   kSettingAnswer  | the same, an offer waits | kReadingOffer   | tell, set remote
//   any other       | offer(), restart()       | same            | [the restart waits for kStable]
//   any other       | remote offer             | same            | it waits; of two, the later one
//   any other       | remote answer            | same            | set remote (webrtcbin refuses it)
//   any other       | anything else            | same            | what it was for is over
//
// A restart that waits is over when the far end made one meanwhile.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/peer/peer_event.h"

#include <optional>
#include <vector>

namespace turnout {

class Negotiation {
 public:
  enum class Phase {
    kStable,
    kCreatingOffer,   // webrtcbin was asked for it
    kSettingOffer,    // as the local description
    kAwaitingAnswer,  // the far end was told
    kReadingAnswer,   // for whoever asks, this is stable already
    kReadingOffer,
    kCreatingAnswer,
    kSettingAnswer,
  };
  enum class ToDo {
    kRestartIce,
    kWithdrawRestart,
    kRollBack,  // of our offer, which is set
    kCreateOffer,
    kCreateAnswer,
    kSetLocal,   // what was created
    kSetRemote,  // the description of the far end that came last
    kTell,       // the local description that was set
  };
  using ToDos = std::vector<ToDo>;

  // `generation`: the newest of the ICE agent, which counts restarts of either side.
  ToDos offer(Instant at);
  ToDos restart(Instant at, unsigned generation);
  ToDos onCreated(Instant at, SdpType type);
  ToDos onLocalSet(Instant at, SdpType type, unsigned generation);
  ToDos onRemote(Instant at, SdpType type);  // its text is good
  ToDos onRemoteSet(Instant at, SdpType type, unsigned generation);

  Phase phase() const { return phase_; }
  // From offer() or restart() to the answer: an offer of the far end collides with ours.
  bool isOffering() const;
  bool isConsistent() const;  // asserted after each change where assertions are on

 private:
  void enter(Phase phase, Instant at, const char* why);  // the only writer of phase_
  ToDos readWaitingOffer(Instant at, const char* why, ToDos before);
  ToDos becomeStable(Instant at, unsigned generation, const char* why, ToDos before);

  Phase phase_ = Phase::kStable;
  bool offer_waits_ = false;                // one of the far end, until webrtcbin is done with ours
  std::optional<unsigned> restart_wanted_;  // the ICE generation that is to be replaced
};

const char* toString(Negotiation::Phase phase);

}  // namespace turnout
