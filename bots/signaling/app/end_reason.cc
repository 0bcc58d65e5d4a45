#include "bots/signaling/app/end_reason.h"

namespace turnout {

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
