#include "orchestrator/run/fault_injector.h"

#include "pipelines/base/log.h"

#include <algorithm>

namespace turnout {

FaultSchedule::FaultSchedule(const std::vector<ServiceFault>& faults) {
  for (std::size_t i = 0; i < faults.size(); i++) {
    moments_.push_back({faults[i].at, FaultMoment::Edge::kOnset, i});
    if (faults[i].lasting)
      moments_.push_back({faults[i].at + *faults[i].lasting, FaultMoment::Edge::kOver, i});
  }
  std::ranges::sort(moments_);
}

std::optional<Duration> FaultSchedule::next() const {
  return taken_ < moments_.size() ? std::optional(moments_[taken_].at) : std::nullopt;
}

std::vector<FaultMoment> FaultSchedule::takeDue(Duration until) {
  std::vector<FaultMoment> due;
  for (; taken_ < moments_.size() && moments_[taken_].at <= until; taken_++)
    due.push_back(moments_[taken_]);
  return due;
}

FaultInjector::FaultInjector(Loop& loop, std::vector<ServiceFault> faults, RunServices& services,
                             CallServers& call_servers, LabFaults lab_faults, EventSink& events)
    : loop_(loop),
      faults_(std::move(faults)),
      schedule_(faults_),
      services_(services),
      call_servers_(call_servers),
      lab_faults_(std::move(lab_faults)),
      events_(events) {}

void FaultInjector::start(Instant first_call) {
  first_call_ = first_call;
  arm();
}

void FaultInjector::stop() {
  due_.cancel();
}

void FaultInjector::arm() {
  const auto next = schedule_.next();
  if (!next)
    return;
  due_ = loop_.at(first_call_ + *next, [this] {
    for (const FaultMoment& moment : schedule_.takeDue(now() - first_call_))
      apply(moment);
    arm();
  });
}

void FaultInjector::apply(const FaultMoment& moment) {
  const ServiceFault& fault = faults_[moment.fault];
  if (moment.edge == FaultMoment::Edge::kOver)
    return end(fault);
  const Duration late = now() - (first_call_ + moment.at);
  if (const auto begun = begin(fault); !begun)  // the report misses it
    return log(
        LogLevel::kWarning, "run",
        std::string(toString(fault.kind)) + " of " + fault.service + ": " + begun.error().what);
  events_.tell(FaultApplied{toString(fault.kind), fault.service, toMs(late)});
}

Result<Done> FaultInjector::begin(const ServiceFault& fault) {
  if (isOfSite(fault.kind))
    return lab_faults_.begin(fault);
  if (fault.kind == ServiceFaultKind::kTurnCredentialsExpire)
    call_servers_.expire(fault.service);
  else
    services_.kill(fault.service);
  return Done{};
}

void FaultInjector::end(const ServiceFault& fault) {
  const auto over = [this, fault] { events_.tell(FaultOver{toString(fault.kind), fault.service}); };
  if (isOfSite(fault.kind)) {
    if (const auto ended = lab_faults_.end(fault); !ended)
      return log(LogLevel::kWarning, "run",
                 std::string(toString(fault.kind)) + " of " + fault.service +
                     " is not taken back: " + ended.error().what);
    return over();
  }
  if (fault.kind != ServiceFaultKind::kTurnCredentialsExpire)
    return services_.revive(fault.service, over);
  call_servers_.restore(fault.service);
  over();
}

}  // namespace turnout
