// The forms that reports are written in: columns for a terminal, XML, one HTML file. Text may come from
// the network, and cannot break out of them.
#pragma once

#include "pipelines/base/files.h"
#include "pipelines/base/log.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

constexpr std::size_t kIndent = 2;  // of all below a heading

// Columns for a terminal: text in, aligned lines out. Control characters are shown as '?'. Nothing is cut:
// what is too wide goes on in the next line.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    Align align = Align::kLeft;
    std::size_t widest = 100;  // characters
    std::size_t least = 0;     // as narrow as it may become for lack of room; 0: never narrower
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells);  // as many as there are columns
  std::size_t rows() const { return rows_.size(); }
  // Columns two spaces apart. Where `columns` of the screen are too few for that: one space apart,
  // then columns as narrow as they may be, then what is left over as a table of its own below, again
  // with the first column.
  std::string text(std::size_t indent, std::size_t columns = Screen::kUsualColumns) const;

 private:
  using Widths = std::vector<std::size_t>;
  Widths naturalWidths() const;
  std::string rowText(const std::vector<std::string>& row, const Widths& widths,
                      const std::vector<std::size_t>& shown, std::size_t indent,
                      std::size_t gap) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// A sentence as lines of at most `width` characters, all indented, those after the first by `hanging`
// more. A word that is longer stands alone.
std::string wrapped(const std::string& sentence, std::size_t width, std::size_t indent,
                    std::size_t hanging = 0);

// Writes XML 1.0, indented, UTF-8. What is no character of XML
// (section 2.2: most control characters, bytes that are not UTF-8) becomes U+FFFD.
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

// One HTML file that needs nothing else: a template with slots {{policy}} {{style}} {{library}}
// {{script}} {{data}}, filled with files that are compiled in (turnout_embed) and with data.
// Nothing from outside becomes markup: data is JSON in a script that does not run, and the content
// security policy lets nothing run but the scripts of the page, by their hashes.
struct HtmlPage {
  std::span<const EmbeddedFile> files;  // one *.html, *.css, *.js
  std::string_view library = {};  // the name of one that is put into its own slot; may be none
  std::string policy = {};        // more of it: "; connect-src 'self'"
  std::string data = {};          // JSON
};

std::string htmlPage(const HtmlPage& page);

}  // namespace turnout
