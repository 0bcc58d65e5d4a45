// What may name a room or a user: 1 to 128 bytes of UTF-8 without control characters.
#pragma once

#include <string>

namespace turnout {

constexpr std::size_t kMaxNameLength = 128;  // bytes

bool isName(const std::string& text);

}  // namespace turnout
