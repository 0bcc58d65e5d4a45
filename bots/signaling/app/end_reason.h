// Why a call or a match is over, as the one who stays is told.
#pragma once

#include <cstddef>

namespace turnout {

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
