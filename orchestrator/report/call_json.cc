#include "orchestrator/report/json_parts.h"
#include "orchestrator/report/words.h"
#include "orchestrator/results/diagnosis/server_diagnosis.h"
#include "orchestrator/results/fold/figures.h"

#include <algorithm>

namespace turnout {
namespace {

struct Row {
  const char* kind = nullptr;  // absent: not shown
  std::string text = {};
};

std::string candidateText(const IceCandidateInfo& candidate) {
  std::string text(toString(candidate.type));
  text += " " + candidate.protocol + " " + candidate.address;
  return candidate.relay_protocol.empty() ? text : text + " over " + candidate.relay_protocol;
}

std::string serverText(const IceServerOutcome& server) {
  const std::string after = " after " + millisecondsText(server.elapsed_ms);
  if (server.error_code == 0)
    return server.url + " gave " + server.address + after;
  return server.url + ": " + std::to_string(server.error_code) + " " + serverFaultText(server) +
         after;
}

std::string causeText(FailureCause cause, const std::string& detail) {
  return std::string(toString(cause)) + (detail.empty() ? "" : ": " + detail);
}

constexpr auto kRowOf = Overloaded{
    [](const BotStarted&) { return Row{"started"}; },
    [](const BotJoined& e) {
      return Row{"joined", std::to_string(e.peers_present) + " there"};
    },
    [](const CallRang&) { return Row{"rang"}; },
    [](const CallAnswered& e) {
      return Row{"answered", "after " + millisecondsText(e.waited_ms)};
    },
    [](const PartnerMatched& e) {
      return Row{"matched", e.partner + " after " + millisecondsText(e.waited_ms)};
    },
    [](const PartnerReturned&) { return Row{"returned"}; },
    [](const PartnerLeft& e) {
      return Row{"partner_left", e.reason};
    },
    [](const SessionError& e) {
      return Row{"refused", e.error + " (" + e.request + ")"};
    },
    [](const SessionResumed& e) {
      return Row{"back", std::string(e.resumed ? "same session" : "new session") + " after " +
                             millisecondsText(e.away_ms)};
    },
    [](const AppFaultSeen& e) {
      return Row{"fault",
                 std::string(toString(e.fault)) + (e.detail.empty() ? "" : ": " + e.detail)};
    },
    [](const StepTaken& e) {
      return Row{"step", std::string(toString(e.action))};
    },
    [](const StepOver&) { return Row{"step_over"}; },
    [](const BotFailed& e) {
      return Row{"failed", causeText(e.cause, e.detail)};
    },
    [](const BotLeft& e) {
      return Row{"left", e.clean ? "" : "without an answer"};
    },
    [](const LinkStarted& e) {
      return Row{"link", e.offerer ? "offers" : "answers"};
    },
    [](const DescriptionSet& e) {
      return Row{"sdp", e.side + " " + e.type};
    },
    [](const CandidateSeen& e) {
      return Row{"candidate",
                 e.side + " " + candidateText(e.info) + (e.duplicate ? ", came before" : "")};
    },
    [](const StateChanged& e) {
      return Row{"state", e.machine + " " + e.state};
    },
    [](const PairSelected& e) {
      return Row{"pair", candidateText(e.local) + " to " + candidateText(e.remote)};
    },
    [](const IceServerOutcome& e) {
      return Row{e.error_code == 0 ? "server" : "server_error", serverText(e)};
    },
    [](const IcePermissionRefused& e) {
      return Row{"server_error",
                 "permission: " + std::to_string(e.error_code) + " " + e.error_text};
    },
    [](const LinkConnected&) { return Row{"connected"}; },
    [](const MediaStarted& e) {
      return Row{"media", toString(e.kind)};
    },
    [](const SocketLost& e) {
      return Row{"socket_lost", e.what};
    },
    [](const SocketBack& e) {
      return Row{"socket_back", "after " + millisecondsText(e.away_ms)};
    },
    [](const ServersRenewed& e) {
      return Row{"servers_renewed", e.reason};
    },
    [](const LinkLost& e) {
      return Row{"lost", e.sign + " for " + millisecondsText(e.silent_ms)};
    },
    [](const RecoveryTried& e) {
      return Row{"recovery", e.rung + ", attempt " + std::to_string(e.attempt)};
    },
    [](const LinkRecovered& e) {
      return Row{"recovered", e.rung + ", outage " + millisecondsText(e.outage_ms)};
    },
    [](const LinkFailed& e) {
      return Row{"failed", causeText(e.cause, e.detail)};
    },
    [](const auto&) { return Row{}; }};  // counts, not moments; and what is of the run

// When the call should have begun, as its bots were told.
Instant startOf(const std::vector<Event>& events) {
  std::optional<Instant> start;
  for (const Event& event : events) {
    if (const auto* body = std::get_if<BotStarted>(&event.body)) {
      const Instant scheduled = fromNs(body->scheduled_ns);
      start = start ? std::min(*start, scheduled) : scheduled;
    }
  }
  return start.value_or(events.empty() ? Instant{} : events.front().at);
}

void writeEvents(JsonWriter& json, const std::vector<Event>& events) {
  const Instant start = startOf(events);
  json.key("events").beginArray();
  for (const Event& event : events) {
    const Row row = std::visit(kRowOf, event.body);
    if (!row.kind)
      continue;
    json.beginArray().number(toMs(event.at - start), 1).integer(event.bot).integer(event.peer);
    json.string(row.kind).string(row.text);
    if (event.round > 1)
      json.integer(event.round);
    json.endArray();
  }
  json.endArray();
}

const char* stateWord(const CallOutcome& call) {
  switch (call.state) {
    case CallState::kSucceeded:
      return call.dropped ? "dropped" : "succeeded";
    case CallState::kFailed:
      return "failed";
    default:
      return "aborted";
  }
}

template <class Value>
std::optional<double> msOf(const std::optional<Value>& time) {
  return time ? std::optional(toMs(*time)) : std::nullopt;
}

}  // namespace

void writeCall(JsonWriter& json, const CallOutcome& call, const std::vector<Event>& events) {
  json.beginObject().field("call", call.call).field("arm", call.arm);
  json.field("state", stateWord(call));
  if (call.cause)
    json.field("cause", toString(*call.cause)).field("detail", call.detail);
  if (call.diagnosis)
    json.field("diagnosis", toString(call.diagnosis->cause))
        .field("evidence", call.diagnosis->evidence);
  if (call.fate)
    json.field("fate", toString(*call.fate));
  if (call.trouble)
    json.field("trouble", troubleText(*call.trouble));
  writeField(json, "connect_ms", msOf(call.connect_time), 1);
  writeField(json, "first_media_ms", msOf(call.first_media), 1);
  if (call.wait)
    json.key("wait_ms").number(toMs(call.wait->time), 1);
  if (call.phases) {
    json.key("phases_ms").beginArray();
    for (const Duration phase :
         {call.phases->signaling, call.phases->negotiation, call.phases->ice, call.phases->dtls})
      json.number(toMs(phase), 1);
    json.endArray();
  }
  if (!call.app_faults.empty()) {
    json.key("faults").beginArray();
    for (const auto& [fault, seen] : call.app_faults)
      json.string(toString(fault));
    json.endArray();
  }
  writeEvents(json, events);
  json.endObject();
}

}  // namespace turnout
