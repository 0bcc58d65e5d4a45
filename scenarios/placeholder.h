// A host in a scenario's URL that stands for a TURN server which the run starts itself.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace turnout {

struct Placeholder {
  enum class Kind {
    kCoturn,       // {coturn}: one static user
    kCoturnRest,   // {coturn-rest}: TURN REST, a shared secret
    kCoturnQuota,  // {coturn-quota}: one static user, who may hold one allocation at a time
  };
  Kind kind = Kind::kCoturn;
  int number = 1;  // {coturn-2} is another server of the same kind, with credentials of its own

  auto operator<=>(const Placeholder&) const = default;
};

std::string nameOf(Placeholder placeholder);  // "coturn", "coturn-2", "coturn-rest"
std::optional<Placeholder> placeholderNamed(std::string_view name);

// By the text in braces; a name not known counts as none (the loader refuses such a URL).
std::optional<Placeholder> placeholderOf(std::string_view url);

// The URL with "HOST:PORT" (or a bare host) where the braces were; unchanged without braces.
std::string withAddress(std::string_view url, std::string_view address);

}  // namespace turnout
