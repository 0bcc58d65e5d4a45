#include "bots/attempt/participants.h"

namespace turnout {

int Participants::indexOf(const std::string& user) {
  if (shape_.kind == CallMode::kMatch)
    return 1;
  for (int bot = 0; bot < shape_.bots; bot++) {
    if (user == botName(bot))
      return bot;
  }
  int next = shape_.bots + static_cast<int>(strangers_.size());
  if (shape_.guests == 0 && self_ >= 0 && next < 2 * shape_.bots - 1) {
    next -= shape_.bots;
    next += next >= self_ ? 1 : 0;
  }
  return strangers_.try_emplace(user, next).first->second;
}

std::string Participants::otherName(int bot) const {
  return shape_.bots == 2 ? botName(1 - bot) : guestName(0);
}

bool Participants::isCaller(int bot) const {
  return bot == 0 && shape_.caller == Caller::kBot;
}

}  // namespace turnout
