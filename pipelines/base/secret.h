// A credential. Printing one is impossible by type: stream output and logs show "***"; the text is
// had only by the word reveal(), at the one place that needs it on the wire.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace turnout {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  // Takes as long wherever the two differ, so that nobody can guess his way letter by letter.
  bool matches(std::string_view guess) const {
    unsigned char difference = text_.size() != guess.size();
    for (std::size_t i = 0; i < text_.size(); ++i)
      difference |= static_cast<unsigned char>(text_[i] ^ (i < guess.size() ? guess[i] : '\0'));
    return difference == 0;
  }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << "***";
}

}  // namespace turnout
