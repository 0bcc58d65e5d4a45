// The word a person probably meant: for "did you mean" in messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace turnout {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other;
// upper and lower case count as equal. (Optimal string alignment distance.)
std::size_t editDistance(std::string_view a, std::string_view b);

// The candidate nearest to `word`; empty when none is near enough to be a likely slip.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// ` (did you mean "x"?)`, or else ` (known: a, b, c)`. For the end of a message.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace turnout
