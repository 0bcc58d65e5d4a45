// A credential. Printing one is impossible by type: stream output and logs show "***"; the text is
// had only by the word reveal(), at the one place that needs it on the wire.
#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace turnout {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << "***";
}

}  // namespace turnout
