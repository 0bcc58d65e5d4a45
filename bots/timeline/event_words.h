// Words of the log for values that other folders also name: kept here, not taken from turnout_ice
// and turnout_media, because the log's language must be readable without those. In the order of the
// enums.
#pragma once

#include <array>
#include <string_view>

namespace turnout {

inline constexpr std::array<std::string_view, 4> kCandidateTypeWords{"host", "srflx", "prflx",
                                                                     "relay"};
inline constexpr std::array<std::string_view, 2> kMediaKindWords{"audio", "video"};

}  // namespace turnout
