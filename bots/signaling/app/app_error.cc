#include "bots/signaling/app/app_error.h"

namespace turnout {

const char* toString(AppError error) {
  switch (error) {
    case AppError::kSessionActive:
      return "session_active";
    case AppError::kGhostSession:
      return "ghost_session";
    case AppError::kDoubleJoin:
      return "double_join";
    case AppError::kStalePeer:
      return "stale_peer";
    case AppError::kRoomFull:
      return "room_full";
    case AppError::kBusy:
      return "busy";
    case AppError::kMatchTimeout:
      return "match_timeout";
    case AppError::kLateMessage:
      return "late_message";
    case AppError::kUnknownEvent:
      return "unknown_event";
    case AppError::kBadRoom:
      return "bad_room";
    case AppError::kBadUser:
      return "bad_user";
    case AppError::kBadSignal:
      return "bad_signal";
    case AppError::kNotJoined:
      return "not_joined";
    case AppError::kNotAnswered:
      return "not_answered";
    case AppError::kNotRegistered:
      return "not_registered";
    case AppError::kAlreadyRegistered:
      return "already_registered";
    case AppError::kNoSuchUser:
      return "no_such_user";
    case AppError::kNoSuchCall:
      return "no_such_call";
    case AppError::kSelfCall:
      return "self_call";
    case AppError::kBinaryNotSupported:
      return "binary_not_supported";
    case AppError::kRateLimited:
      return "rate_limited";
    case AppError::kEventTooLarge:
      return "too_large";
    case AppError::kCount:
      break;
  }
  return "";
}

bool isSessionError(AppError error) {
  return error <= AppError::kLateMessage;
}

bool isLimit(AppError error) {
  return error == AppError::kRateLimited || error == AppError::kEventTooLarge;
}

const char* toString(EndReason reason) {
  switch (reason) {
    case EndReason::kRejected:
      return "rejected";
    case EndReason::kBusy:
      return "busy";
    case EndReason::kCancelled:
      return "cancelled";
    case EndReason::kRingTimeout:
      return "ring_timeout";
    case EndReason::kHungUp:
      return "hung_up";
    case EndReason::kNextPartner:
      return "next_partner";
    case EndReason::kLeft:
      return "left";
    case EndReason::kLost:
      return "lost";
    case EndReason::kCount:
      break;
  }
  return "";
}

}  // namespace turnout
