// What went wrong with a server of the run on purpose, and from when until when.
#pragma once

#include "bots/timeline/event.h"
#include "pipelines/base/clock.h"

#include <compare>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

struct FaultSpan {
  std::string fault, service;  // as in FaultApplied
  Instant begin;
  std::optional<Instant> end;  // absent: for good, as far as the run went
  double late_ms = 0;
};

// Pairs the events; their order, and one that comes twice, do not matter.
class FaultRecord {
 public:
  void add(Instant at, const FaultApplied& applied);
  void add(Instant at, const FaultOver& over);

  std::vector<FaultSpan> spans() const;  // by time

 private:
  struct Mark {
    Instant at;
    std::string fault, service;
    double late_ms = 0;
    std::partial_ordering operator<=>(const Mark&) const = default;
  };
  std::set<Mark> begun_, over_;
};

}  // namespace turnout
