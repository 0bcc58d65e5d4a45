#include "bots/signaling/app/message_budget.h"

#include <algorithm>

namespace turnout {

MessageBudget::Verdict MessageBudget::spend(Instant at) {
  const double seconds = std::chrono::duration<double>(at - at_).count();
  left_ = std::min(options_.burst, left_ + seconds * options_.per_second) - 1;
  at_ = at;
  if (left_ >= 0)
    return Verdict::kWithin;
  return left_ > -options_.burst ? Verdict::kOver : Verdict::kFlooding;
}

}  // namespace turnout
