// A host in a scenario's URL that stands for a TURN server which the run starts itself.
#pragma once

#include <string>
#include <string_view>

namespace turnout {

enum class Placeholder {
  kNone,
  kCoturn,      // {coturn}: one static user
  kCoturnRest,  // {coturn-rest}: TURN REST, a shared secret
};

// By the text in braces; a name not known counts as none (the loader refuses such a URL).
Placeholder placeholderOf(std::string_view url);

// The URL with "HOST:PORT" (or a bare host) where the braces were; unchanged without braces.
std::string withAddress(std::string_view url, std::string_view address);

}  // namespace turnout
