#include "orchestrator/results/diagnosis/root_cause.h"

namespace turnout {

bool isAbortion(FailureCause cause) {
  return cause == FailureCause::kHostCrashed || cause == FailureCause::kInterrupted;
}

int rootRank(FailureCause cause) {
  switch (cause) {
    case FailureCause::kInternal:
      return 0;
    case FailureCause::kSignalingUnreachable:
      return 1;
    case FailureCause::kJoinRejected:
      return 2;
    case FailureCause::kJoinTimeout:
      return 3;
    case FailureCause::kSignalingLost:
      return 4;
    case FailureCause::kNotAnswered:
      return 5;
    case FailureCause::kNoPartner:
      return 6;
    case FailureCause::kTurnAuth:  // an offerer without a relay may give up before it has offered
      return 7;
    case FailureCause::kTurnUnreachable:
      return 8;
    case FailureCause::kNegotiation:
      return 9;
    case FailureCause::kIceFailed:
      return 10;
    case FailureCause::kIceTimeout:
      return 11;
    case FailureCause::kDtls:
      return 12;
    case FailureCause::kNoMedia:
      return 13;
    case FailureCause::kPartnerLeft:
      return 14;
    case FailureCause::kPeerMissing:
      return 15;
    case FailureCause::kHostCrashed:
    case FailureCause::kInterrupted:
      break;
  }
  return 16;
}

}  // namespace turnout
