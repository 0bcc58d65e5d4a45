// Picks what a test looks for out of what a machine wants done.
#pragma once

#include "bots/attempt/link_attempt.h"

#include <variant>
#include <vector>

namespace turnout {

// The actions of type T, in order.
template <class T, class Action>
std::vector<T> all(const std::vector<Action>& actions) {
  std::vector<T> found;
  for (const Action& action : actions)
    if (const T* match = std::get_if<T>(&action))
      found.push_back(*match);
  return found;
}

// The recorded events of type T, in order.
template <class T, class Action>
std::vector<T> recorded(const std::vector<Action>& actions) {
  std::vector<T> found;
  for (const auto& note : all<Record>(actions))
    if (const T* match = std::get_if<T>(&note.body))
      found.push_back(*match);
  return found;
}

}  // namespace turnout
