// Writes XML 1.0, indented, UTF-8. Text may come from the network: what is no character of XML
// (section 2.2: most control characters, bytes that are not UTF-8) becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace turnout {

class XmlWriter {
 public:
  XmlWriter() : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

  XmlWriter& begin(std::string_view element);
  XmlWriter& attribute(std::string_view name, std::string_view value);  // right after begin()
  XmlWriter& text(std::string_view text);                               // instead of elements
  XmlWriter& end();
  std::string take() { return std::move(out_); }  // after every element was ended

 private:
  void closeTag();

  std::string out_;
  std::vector<std::string> open_;
  bool in_tag_ = false;    // attributes may follow
  bool has_text_ = false;  // so the end tag is on the same line
};

}  // namespace turnout
