#include "orchestrator/results/fold/session_record.h"

#include <algorithm>
#include <chrono>

namespace turnout {
namespace {

using Kind = Moment::Kind;

const Moment* firstOf(const Moments& moments, Kind kind) {
  const auto first = std::find_if(moments.begin(), moments.end(),
                                  [&](const Moment& moment) { return moment.kind == kind; });
  return first == moments.end() ? nullptr : &*first;
}

const Moment* lastOf(const Moments& moments, Kind kind) {
  const auto last = std::find_if(moments.rbegin(), moments.rend(),
                                 [&](const Moment& moment) { return moment.kind == kind; });
  return last == moments.rend() ? nullptr : &*last;
}

// Both ends tell of an answer; the caller's word counts, where the caller is a bot of ours.
const Moment* firstAnswer(const Moments& moments) {
  const auto by_caller = std::find_if(moments.begin(), moments.end(), [](const Moment& moment) {
    return moment.kind == Kind::kAnswered && moment.number == 1;
  });
  return by_caller == moments.end() ? firstOf(moments, Kind::kAnswered) : &*by_caller;
}

Duration waited(const Moment& moment) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::milli>(std::max(0.0, moment.ms)));
}

}  // namespace

void SessionRecord::add(const Event& event) {
  const auto note = [&](Kind kind, std::string word = "", int number = 0, double ms = 0) {
    moments_.insert({kind, event.at, event.bot, event.peer, number, std::move(word), ms});
  };
  std::visit(
      Overloaded{
          [&](const BotJoined&) { note(Kind::kJoined); },
          [&](const CallRang&) { note(Kind::kRang); },
          [&](const CallAnswered& body) {
            note(Kind::kAnswered, "", body.initiator ? 1 : 0, body.waited_ms);
          },
          [&](const PartnerMatched& body) {
            note(Kind::kMatched, body.partner, 0, body.waited_ms);
          },
          [&](const GuestCame& body) { note(Kind::kGuest, "", 0, body.waited_ms); },
          [&](const PartnerLeft& body) { note(Kind::kPartnerLeft, body.reason); },
          [&](const SessionError& body) { note(Kind::kSessionError, body.error); },
          [&](const AppFaultSeen& body) {
            note(Kind::kAppFault, body.detail, static_cast<int>(body.fault));
          },
          [&](const SessionResumed& body) { note(Kind::kSessionBack, "", body.resumed ? 1 : 0); },
          [&](const StepTaken& body) {
            note(Kind::kStepTaken, body.action, body.step, body.late_ms);
          },
          [&](const StepOver& body) { note(Kind::kStepOver, "", body.step); },
          [&](const LinkConnected&) { note(Kind::kConnected); },
          [&](const LinkRecovered& body) { note(Kind::kRecovered, body.rung, 0, body.outage_ms); },
          [&](const LinkLost& body) { note(Kind::kLinkLost, body.sign, 0, body.silent_ms); },
          [&](const SocketLost&) { note(Kind::kSocketLost); },
          [&](const SocketBack& body) { note(Kind::kSocketBack, "", 0, body.away_ms); },
          [&](const RecoveryTried& body) { note(Kind::kTried, body.rung, body.attempt); },
          [&](const BotFailed&) { note(Kind::kFailed); },
          [&](const LinkFailed&) { note(Kind::kFailed); },
          [&](const BotLeft&) { note(Kind::kBotLeft); },
          [](const auto&) {}},
      event.body);
}

WaitSpan SessionRecord::wait(CallMode kind) const {
  if (kind == CallMode::kRoom) {
    const Moment* guest = lastOf(moments_, Kind::kGuest);
    return guest ? WaitSpan{guest->at - waited(*guest), guest->at} : WaitSpan{};
  }
  const bool rings = kind == CallMode::kCall;
  if (const Moment* end = rings ? firstAnswer(moments_) : firstOf(moments_, Kind::kMatched))
    return {end->at - waited(*end), end->at};
  if (const Moment* begin = firstOf(moments_, rings ? Kind::kRang : Kind::kJoined))
    return {begin->at, std::nullopt};
  return {};
}

void SessionRecord::count(CallOutcome& outcome) const {
  int answers_of[2] = {};  // as told by the callee, by the caller
  for (const Moment& moment : moments_) {
    switch (moment.kind) {
      case Kind::kJoined:
        outcome.joins++;
        break;
      case Kind::kRang:
        outcome.rings++;
        break;
      case Kind::kAnswered:
        answers_of[moment.number]++;
        break;
      case Kind::kMatched:
        outcome.matches++;
        break;
      case Kind::kPartnerLeft:
        outcome.partner_left[moment.word]++;
        break;
      case Kind::kRecovered:
        outcome.recovered_by[moment.word]++;
        break;
      case Kind::kSessionError:
        outcome.session_errors[moment.word]++;
        break;
      case Kind::kAppFault: {
        FaultSeen& fault = outcome.app_faults[static_cast<AppFault>(moment.number)];
        if (fault.times++ == 0)
          fault.detail = moment.word;
        break;
      }
      default:  // the steps' (step_outcome.h)
        break;
    }
  }
  outcome.answered = std::max(answers_of[0], answers_of[1]);
}

}  // namespace turnout
