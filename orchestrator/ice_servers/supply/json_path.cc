#include "orchestrator/ice_servers/supply/json_path.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace turnout {
namespace {

JsonValue elementAt(const JsonValue& list, std::string_view index) {
  std::size_t place = 0;
  const auto [end, error] = std::from_chars(index.data(), index.data() + index.size(), place);
  const auto elements = list.elements();
  const bool exists =
      error == std::errc() && end == index.data() + index.size() && place < elements.size();
  return exists ? elements[place] : JsonValue();
}

}  // namespace

JsonValue valueAt(JsonValue document, std::string_view path) {
  while (!path.empty() && document.isPresent()) {
    if (path.front() == '[') {
      const std::size_t end = std::min(path.find(']'), path.size());
      document = elementAt(document, path.substr(1, end - 1));
      path.remove_prefix(std::min(end + 1, path.size()));
    } else {
      const std::size_t end = std::min(path.find_first_of(".["), path.size());
      document = document.get(std::string(path.substr(0, end)).c_str());
      path.remove_prefix(end);
    }
    if (path.starts_with('.'))
      path.remove_prefix(1);
  }
  return document;
}

}  // namespace turnout
