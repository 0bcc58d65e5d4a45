// The words of a session description. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace turnout {

inline constexpr std::size_t kMaxIceText = 256;

bool isIceText(std::string_view text,
               std::size_t least);          // ice-chars (RFC 8839 5.4), to kMaxIceText
bool isToken(std::string_view text);        // RFC 8866 9
bool isFingerprint(std::string_view text);  // hash function, space, UHEX pairs (RFC 8122 5)
std::optional<int> wholeNumber(std::string_view text);            // nothing but the number
std::vector<std::string_view> splitWords(std::string_view text);  // at spaces

}  // namespace turnout
