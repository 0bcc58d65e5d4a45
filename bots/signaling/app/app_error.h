// Why the application refuses what a client asks (AppError), and why a call ends (EndReason). Each
// has one word, the same on the wire, in the counters and on /metrics.
#pragma once

#include <cstddef>

namespace turnout {

enum class AppError {
  // Sessions: what users of real apps suffer from (docs/PROTOCOL.md, "Session errors").
  kSessionActive,  // the name is in use by a connection that is still there
  kGhostSession,   // the other one's connection is gone and has not come back yet
  kDoubleJoin,     // in a room, call or queue already
  kStalePeer,      // the id is not, or no longer, that of somebody here
  kRoomFull,
  kBusy,          // one of the two is in something already
  kMatchTimeout,  // nobody came
  kLateMessage,   // for something that has ended
  // Requests that make no sense.
  kUnknownEvent,
  kBadRoom,
  kBadUser,
  kBadSignal,
  kNotJoined,  // has never been in anything
  kNotAnswered,
  kNotRegistered,
  kAlreadyRegistered,
  kNoSuchUser,
  kNoSuchCall,
  kSelfCall,
  kBinaryNotSupported,
  // Limits.
  kRateLimited,
  kEventTooLarge,
  kCount,
};

constexpr std::size_t kAppErrorCount = static_cast<std::size_t>(AppError::kCount);

const char* toString(AppError error);  // "room_full"
bool isSessionError(AppError error);   // of the first group above
bool isLimit(AppError error);          // of the last

// Why a call or a match is over: the word that the one who stays gets.
enum class EndReason {
  kRejected,     // the callee said no
  kBusy,         // the callee said: not now
  kCancelled,    // the caller gave up while it rang
  kRingTimeout,  // nobody answered
  kHungUp,
  kNextPartner,
  kLeft,  // said leave, or goodbye to the server
  kLost,  // the connection was lost and the grace period has passed
  kCount,
};

constexpr std::size_t kEndReasonCount = static_cast<std::size_t>(EndReason::kCount);

const char* toString(EndReason reason);  // "hung_up"

}  // namespace turnout
