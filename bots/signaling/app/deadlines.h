// At most one instant per key, and which comes next. Pure.
#pragma once

#include "pipelines/base/clock.h"

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace turnout {

class Deadlines {
 public:
  void set(const std::string& key, Instant due) {
    clear(key);
    due_of_.emplace(key, due);
    order_.emplace(due, key);
  }
  void clear(const std::string& key) {
    if (const auto found = due_of_.find(key); found != due_of_.end()) {
      order_.erase({found->second, key});
      due_of_.erase(found);
    }
  }
  // The earliest of those at or before `at`, taken out.
  std::optional<std::string> takeDue(Instant at) {
    if (next() > at)
      return std::nullopt;
    const std::string key = order_.begin()->second;
    clear(key);
    return key;
  }
  Instant next() const { return order_.empty() ? Instant::max() : order_.begin()->first; }
  bool empty() const { return order_.empty(); }
  std::size_t size() const { return order_.size(); }

 private:
  std::unordered_map<std::string, Instant> due_of_;
  std::set<std::pair<Instant, std::string>> order_;
};

}  // namespace turnout
