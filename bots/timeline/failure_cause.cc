#include "bots/timeline/event.h"

#include <algorithm>
#include <array>
#include <utility>

namespace turnout {
namespace {

constexpr std::array<std::pair<FailureCause, std::string_view>, 19> kCauseWords{{
    {FailureCause::kSignalingUnreachable, "signaling_unreachable"},
    {FailureCause::kJoinRejected, "join_rejected"},
    {FailureCause::kJoinTimeout, "join_timeout"},
    {FailureCause::kPeerMissing, "peer_missing"},
    {FailureCause::kNotAnswered, "not_answered"},
    {FailureCause::kNoPartner, "no_partner"},
    {FailureCause::kPartnerLeft, "partner_left"},
    {FailureCause::kNegotiation, "negotiation"},
    {FailureCause::kTurnAuth, "turn_auth"},
    {FailureCause::kTurnUnreachable, "turn_unreachable"},
    {FailureCause::kIceFailed, "ice_failed"},
    {FailureCause::kIceTimeout, "ice_timeout"},
    {FailureCause::kDtls, "dtls"},
    {FailureCause::kNoMedia, "no_media"},
    {FailureCause::kSignalingLost, "signaling_lost"},
    {FailureCause::kHostCrashed, "host_crashed"},
    {FailureCause::kHostStalled, "host_stalled"},
    {FailureCause::kInterrupted, "interrupted"},
    {FailureCause::kInternal, "internal"},
}};

}  // namespace

std::string_view toString(FailureCause cause) {
  const auto* row = std::find_if(kCauseWords.begin(), kCauseWords.end(),
                                 [&](const auto& word) { return word.first == cause; });
  TURNOUT_CHECK(row != kCauseWords.end(), "a failure cause has no word");
  return row->second;
}

std::optional<FailureCause> failureCauseFrom(std::string_view word) {
  const auto* row = std::find_if(kCauseWords.begin(), kCauseWords.end(),
                                 [&](const auto& known) { return known.second == word; });
  return row == kCauseWords.end() ? std::nullopt : std::optional(row->first);
}

}  // namespace turnout
