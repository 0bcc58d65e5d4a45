#include "orchestrator/report/json_parts.h"

#include <algorithm>

namespace turnout {
namespace {

// Even spans of the run, by the scheduled start of its calls: as many as leave some calls to each arm.
struct Course {
  static constexpr int kMostSpans = 30, kCallsInSpan = 4;
  static constexpr double kLeastSpanMs = 1000;

  Instant begin{};
  int spans = 0;
  double span_ms = 0;

  Course(const Outcomes& outcomes, std::size_t arms) {
    int started = 0;
    Instant first = Instant::max(), last = Instant::min();
    for (const CallOutcome& call : outcomes.calls) {
      if (!call.started)
        continue;
      started++;
      first = std::min(first, call.begin);
      last = std::max(last, call.begin);
    }
    if (started == 0)
      return;
    begin = first;
    const double length = toMs(last - first);
    spans = std::min({kMostSpans, started / (kCallsInSpan * static_cast<int>(arms)),
                      static_cast<int>(length / kLeastSpanMs)});
    span_ms = spans > 0 ? length / spans + 1e-3 : 0;  // the last call is in the last span
  }
};

// Of each span [its begin in ms, finished, succeeded, median connect time in ms or null].
void writeArmCourse(JsonWriter& json, const Course& course, const Outcomes& outcomes, int arm) {
  struct Span {
    int finished = 0, succeeded = 0;
    std::vector<double> connect_ms;
  };
  std::vector<Span> spans(static_cast<std::size_t>(course.spans));
  for (const CallOutcome& call : outcomes.calls) {
    if (spans.empty() || !call.started || call.arm != arm ||
        (call.state != CallState::kSucceeded && call.state != CallState::kFailed))
      continue;
    const auto at = static_cast<std::size_t>(toMs(call.begin - course.begin) / course.span_ms);
    Span& span = spans[std::min(at, spans.size() - 1)];
    span.finished++;
    span.succeeded += call.state == CallState::kSucceeded ? 1 : 0;
    if (call.connect_time)
      span.connect_ms.push_back(toMs(*call.connect_time));
  }
  json.beginArray();
  for (std::size_t i = 0; i < spans.size(); i++) {
    json.beginArray().number(static_cast<double>(i) * course.span_ms, 0);
    json.integer(spans[i].finished).integer(spans[i].succeeded);
    if (const auto p50 = Sample(std::move(spans[i].connect_ms)).percentile(50))
      json.number(*p50, 1);
    else
      json.null();
    json.endArray();
  }
  json.endArray();
}

}  // namespace

void writeCourse(JsonWriter& json, const Outcomes& outcomes, std::size_t arms) {
  const Course course(outcomes, std::max<std::size_t>(arms, 1));
  json.key("course").beginObject().field("spans", course.spans);
  json.key("span_ms").number(course.span_ms, 3).key("arms").beginArray();
  for (std::size_t arm = 0; arm < arms; arm++)
    writeArmCourse(json, course, outcomes, static_cast<int>(arm));
  json.endArray().endObject();
}

}  // namespace turnout
