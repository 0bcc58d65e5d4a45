#include "orchestrator/results/fold/fault_span.h"

#include <algorithm>

namespace turnout {

void FaultRecord::add(Instant at, const FaultApplied& applied) {
  begun_.insert({at, applied.fault, applied.service, applied.late_ms});
}

void FaultRecord::add(Instant at, const FaultOver& over) {
  over_.insert({at, over.fault, over.service});
}

std::vector<FaultSpan> FaultRecord::spans() const {
  std::vector<FaultSpan> spans;
  for (const Mark& begun : begun_) {
    const auto end = std::ranges::find_if(over_, [&](const Mark& over) {
      return over.fault == begun.fault && over.service == begun.service && over.at >= begun.at;
    });
    spans.push_back({begun.fault, begun.service, begun.at,
                     end == over_.end() ? std::nullopt : std::optional(end->at), begun.late_ms});
  }
  return spans;
}

}  // namespace turnout
