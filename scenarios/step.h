// What a bot does on purpose in the middle of a call, as people and their networks do. Each step of
// a bot begins when the one before it is over; a call is not over before its steps are.
//
// A new kind of step is an enumerator and a row of kStepRows here, its keys, if it has new ones, in
// steps_section.cc, and what a bot does in bots/attempt/step_runner.cc.
#pragma once

#include "pipelines/base/clock.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace turnout {

enum class StepKind {
  kRefresh,       // peer connections and socket vanish without a goodbye; the same user comes back
  kTabKill,       // the same, and nobody comes back
  kLeave,         // leaves politely, comes back later and joins, calls or looks for a partner again
  kNextPartner,   // CallMode::kMatch: asks for the next partner
  kRapidRetries,  // reloads again and again, not waiting for anything in between
  kNetworkDrop,   // nothing passes, either way, for a time; sockets neither close nor reset
  kLoss,          // some packets of the peer connections are lost, for a time
  kAddressChange,  // as from Wi-Fi to mobile: what used the old address is dead, the new one works
  kSignalingDrop,  // the socket to the signaling server is gone; the bot connects again
  kBotCrash,       // the process that carries the bot dies, with all that it carries
};

enum class StepTrigger {
  kJoined,     // the bot is in: in the room, registered, in the queue
  kConnected,  // each of its links is connected
  kMedia,      // and has all its media
};

enum class DropOf {
  kAll,
  kMedia,      // all of the peer connections: media, DTLS, STUN, TURN
  kSignaling,  // the socket to the signaling server; what was sent meanwhile comes late, as by TCP
};

enum class LossDirection { kBoth, kOutgoing, kIncoming };

enum class SocketCut {
  kSilent,  // neither end is told; the client finds out by missing pings
  kReset,   // RST: both ends know at once
  kClose,   // the client closes it in order, without leaving
};

struct Step {
  StepKind kind = StepKind::kRefresh;
  StepTrigger after = StepTrigger::kMedia;
  milliseconds delay{0};    // from then on
  milliseconds away{1000};  // kRefresh, kLeave: until it comes back
  DropOf drop_of = DropOf::kAll;
  milliseconds lasting{5000};                      // kNetworkDrop, kLoss
  double loss_percent = 10;                        // kLoss
  LossDirection direction = LossDirection::kBoth;  // kLoss, as the bot sees it
  int times = 5;                                   // kRapidRetries
  milliseconds every{300};                         // kRapidRetries: between two of them
  SocketCut cut = SocketCut::kReset;               // kSignalingDrop
  std::string address{};   // kAddressChange: a literal; empty: another one of 127/8
  std::optional<int> bot;  // which bot of the call; absent: every one
  double share = 1;        // of the calls, chosen by the call's seed
};

// What a step does to the links of the bot that takes it.
enum class StepEffect {
  kEndsLinks,     // it closes the peer connections, as a page does that goes away
  kLosesPackets,  // the network takes packets away for a time; links may live through it
  kCutsSocket,    // the socket to the signaling server goes; links live on
  kMovesAddress,  // links live on, on a path that is dead
  kEndsTheProcess
};

// What has to be true some time after the end of a step, for it to count as good.
enum class StepGoal {
  kLinksBack,        // every link end that it ended has media again
  kLinksBackOrKept,  // the same; a link end that was never lost is good as well
  kSocketBack,       // the same, and the bot is registered again
  kPartnersTold      // nobody comes back; the server has told the partners so
};

// All that is particular to one kind of step, beside what the bot does.
struct StepRow {
  StepKind kind;
  std::string_view word;                 // in scenarios, in the log and in reports
  std::array<std::string_view, 3> keys;  // of a scenario, beside those that every step has
  StepEffect effect;
  StepGoal goal;
  milliseconds (*lasts)(const Step& step);  // from its onset until it is over, when all goes well
};

namespace step_lengths {
constexpr auto kNone = [](const Step&) { return milliseconds(0); };
constexpr auto kAway = [](const Step& step) { return step.away; };
constexpr auto kLasting = [](const Step& step) { return step.lasting; };
constexpr auto kReloads = [](const Step& step) { return step.every * (step.times - 1); };
}  // namespace step_lengths

inline constexpr std::array kStepRows{StepRow{StepKind::kRefresh,
                                              "refresh",
                                              {"away_ms"},
                                              StepEffect::kEndsLinks,
                                              StepGoal::kLinksBack,
                                              step_lengths::kAway},
                                      StepRow{StepKind::kTabKill,
                                              "tab_kill",
                                              {},
                                              StepEffect::kEndsLinks,
                                              StepGoal::kPartnersTold,
                                              step_lengths::kNone},
                                      StepRow{StepKind::kLeave,
                                              "leave",
                                              {"away_ms"},
                                              StepEffect::kEndsLinks,
                                              StepGoal::kLinksBack,
                                              step_lengths::kAway},
                                      StepRow{StepKind::kNextPartner,
                                              "next_partner",
                                              {},
                                              StepEffect::kEndsLinks,
                                              StepGoal::kLinksBack,
                                              step_lengths::kNone},
                                      StepRow{StepKind::kRapidRetries,
                                              "rapid_retries",
                                              {"times", "every_ms"},
                                              StepEffect::kEndsLinks,
                                              StepGoal::kLinksBack,
                                              step_lengths::kReloads},
                                      StepRow{StepKind::kNetworkDrop,
                                              "network_drop",
                                              {"of", "for_ms"},
                                              StepEffect::kLosesPackets,
                                              StepGoal::kLinksBackOrKept,
                                              step_lengths::kLasting},
                                      StepRow{StepKind::kLoss,
                                              "loss",
                                              {"for_ms", "percent", "direction"},
                                              StepEffect::kLosesPackets,
                                              StepGoal::kLinksBackOrKept,
                                              step_lengths::kLasting},
                                      StepRow{StepKind::kAddressChange,
                                              "address_change",
                                              {"address"},
                                              StepEffect::kMovesAddress,
                                              StepGoal::kLinksBack,
                                              step_lengths::kNone},
                                      StepRow{StepKind::kSignalingDrop,
                                              "signaling_drop",
                                              {"cut"},
                                              StepEffect::kCutsSocket,
                                              StepGoal::kSocketBack,
                                              step_lengths::kNone},
                                      StepRow{StepKind::kBotCrash,
                                              "bot_crash",
                                              {},
                                              StepEffect::kEndsTheProcess,
                                              StepGoal::kLinksBack,
                                              step_lengths::kNone}};

constexpr const StepRow& rowOf(StepKind kind) {
  return kStepRows.at(static_cast<std::size_t>(kind));
}
static_assert(std::ranges::all_of(kStepRows,
                                  [](const StepRow& row) { return &rowOf(row.kind) == &row; }),
              "rows stand in the order of StepKind");

constexpr std::string_view toString(StepKind kind) {
  return rowOf(kind).word;
}
constexpr std::optional<StepKind> stepKindFrom(std::string_view word) {
  for (const StepRow& row : kStepRows) {
    if (row.word == word)
      return row.kind;
  }
  return std::nullopt;
}

}  // namespace turnout
