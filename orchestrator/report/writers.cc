#include "orchestrator/report/writers.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"

#include <algorithm>
#include <numeric>
#include <sstream>
#include <utility>

#include <glib.h>

namespace turnout {
namespace {

std::size_t widthOf(const std::string& text) {
  return static_cast<std::size_t>(g_utf8_strlen(text.data(), static_cast<gssize>(text.size())));
}

std::string harmless(const std::string& text) {
  std::string safe =
      Owned<char>(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size()))).get();
  std::replace_if(
      safe.begin(), safe.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return safe;
}

// The first `width` characters at most: to a space if there is one, else to where an address or a name
// can be broken, else anywhere. Takes them off `text`.
std::string takeLine(std::string& text, std::size_t width) {
  if (widthOf(text) <= width)
    return std::exchange(text, "");
  const auto most = static_cast<std::size_t>(
      g_utf8_offset_to_pointer(text.c_str(), static_cast<glong>(width)) - text.c_str());
  std::size_t end = text.rfind(' ', most);
  if (end == std::string::npos || end == 0) {
    const std::size_t joint = text.find_last_of("-_/?&,:.=", most - 1);
    end = joint == std::string::npos || 2 * joint < most ? most : joint + 1;
  }
  const std::string line = text.substr(0, end);
  text.erase(0, text.find_first_not_of(' ', end));
  return line;
}

std::vector<std::string> linesOf(std::string text, std::size_t width) {
  std::vector<std::string> lines;
  do
    lines.push_back(takeLine(text, width));
  while (!text.empty());
  return lines;
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  TURNOUT_CHECK(cells.size() == columns_.size(), "a table row has other columns");
  for (std::string& cell : cells)
    cell = harmless(cell);
  rows_.push_back(std::move(cells));
}

Table::Widths Table::naturalWidths() const {
  Widths widths(columns_.size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); i++)
      widths[i] = std::max(widths[i], std::min(widthOf(row[i]), columns_[i].widest));
  return widths;
}

std::string Table::rowText(const std::vector<std::string>& row, const Widths& widths,
                           const std::vector<std::size_t>& shown, std::size_t indent,
                           std::size_t gap) const {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (const std::size_t i : shown) {
    cells.push_back(linesOf(row[i], std::max<std::size_t>(widths[i], 1)));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (std::size_t k = 0; k < height; k++) {
    std::string line(indent, ' ');
    for (std::size_t c = 0; c < shown.size(); c++) {
      const std::string cell = k < cells[c].size() ? cells[c][k] : "";
      const std::string padding(widths[shown[c]] - std::min(widths[shown[c]], widthOf(cell)), ' ');
      line += std::string(c > 0 ? gap : 0, ' ');
      line += columns_[shown[c]].align == Align::kRight ? padding + cell : cell + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string Table::text(std::size_t indent, std::size_t columns) const {
  Widths widths = naturalWidths();
  std::size_t gap = 2;
  const auto needed = [&] {
    return std::accumulate(widths.begin(), widths.end(), indent + gap * (widths.size() - 1));
  };
  if (needed() > columns)
    gap = 1;
  while (needed() > columns) {  // the widest that can still give
    std::size_t giver = widths.size();
    for (std::size_t i = 0; i < widths.size(); i++)
      if (columns_[i].least > 0 && widths[i] > columns_[i].least &&
          (giver == widths.size() || widths[i] > widths[giver]))
        giver = i;
    if (giver == widths.size())
      break;
    widths[giver]--;
  }
  std::string all;
  for (std::size_t next = 1; all.empty() || next < widths.size();) {
    std::vector<std::size_t> shown{0};
    for (std::size_t used = indent + widths[0]; next < widths.size(); next++) {
      used += gap + widths[next];
      if (used > columns && shown.size() > 1)
        break;
      shown.push_back(next);
    }
    all += all.empty() ? "" : "\n";
    for (const auto& row : rows_)
      all += rowText(row, widths, shown, indent, gap);
    if (rows_.empty())
      break;
  }
  return all;
}

std::string wrapped(const std::string& sentence, std::size_t width, std::size_t indent,
                    std::size_t hanging) {
  std::istringstream words(harmless(sentence));
  std::size_t margin = indent;
  std::string all, line(margin, ' ');
  for (std::string word; words >> word;) {
    if (line.size() > margin && widthOf(line) + 1 + widthOf(word) > width) {
      all += line + "\n";
      margin = indent + hanging;
      line.assign(margin, ' ');
    }
    line += (line.size() > margin ? " " : "") + word;
  }
  return all + line + "\n";
}

namespace {

bool isXmlCharacter(gunichar c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
}

void append(std::string& out, gunichar c) {
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    case '\t':
    case '\n':
    case '\r':  // as they are, readers would turn them into spaces or line feeds
      out += "&#" + std::to_string(c) + ";";
      return;
    default:
      break;
  }
  char utf8[6];
  const int size = g_unichar_to_utf8(isXmlCharacter(c) ? c : 0xFFFD, utf8);
  out.append(utf8, static_cast<std::size_t>(size));
}

void appendEscaped(std::string& out, std::string_view text) {
  const Owned<char> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
  for (const char* c = valid.get(); *c; c = g_utf8_next_char(c))
    append(out, g_utf8_get_char(c));
}

}  // namespace

void XmlWriter::closeTag() {
  if (in_tag_)
    out_ += ">";
  in_tag_ = false;
}

XmlWriter& XmlWriter::begin(std::string_view element) {
  if (in_tag_)
    out_ += ">\n";
  out_.append(2 * open_.size(), ' ') += "<";
  out_ += element;
  open_.emplace_back(element);
  in_tag_ = true;
  has_text_ = false;
  return *this;
}

XmlWriter& XmlWriter::attribute(std::string_view name, std::string_view value) {
  out_ += " ";
  out_ += name;
  out_ += "=\"";
  appendEscaped(out_, value);
  out_ += "\"";
  return *this;
}

XmlWriter& XmlWriter::text(std::string_view text) {
  closeTag();
  appendEscaped(out_, text);
  has_text_ = true;
  return *this;
}

XmlWriter& XmlWriter::end() {
  const std::string element = std::move(open_.back());
  open_.pop_back();
  if (in_tag_) {
    out_ += "/>\n";
  } else {
    if (!has_text_)
      out_.append(2 * open_.size(), ' ');
    out_ += "</" + element + ">\n";
  }
  in_tag_ = has_text_ = false;
  return *this;
}

namespace {

struct PageParts {
  std::string style, library, script;
};

PageParts partsOf(const HtmlPage& page) {
  PageParts parts;
  for (const EmbeddedFile& file : page.files) {
    if (file.name == page.library)
      parts.library = file.bytes;
    else if (file.name.ends_with(".css"))
      parts.style += file.bytes;
    else if (file.name.ends_with(".js"))
      parts.script += file.bytes;
  }
  return parts;
}

// As a source of the content security policy.
std::string hashOf(const std::string& text) {
  const auto* bytes = reinterpret_cast<const guchar*>(text.data());
  GChecksum* checksum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(checksum, bytes, static_cast<gssize>(text.size()));
  guint8 digest[32];
  gsize size = sizeof digest;
  g_checksum_get_digest(checksum, digest, &size);
  g_checksum_free(checksum);
  const Owned<char> base64(g_base64_encode(digest, size));
  return "'sha256-" + std::string(base64.get()) + "'";
}

std::string policyFor(const PageParts& parts, const std::string& more) {
  return "default-src 'none'; base-uri 'none'; form-action 'none'; script-src " +
         hashOf(parts.library) + " " + hashOf(parts.script) + "; style-src " + hashOf(parts.style) +
         more;
}

// "</script>" or "<!--" inside a string would end the element or change how it is read.
std::string withoutMarkup(const std::string& json) {
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  return safe;
}

// The text of the template's slot {{name}}; nullptr: there is no such slot.
const std::string* slot(std::string_view name, const PageParts& parts, const std::string& policy,
                        const std::string& data) {
  return name == "policy"    ? &policy
         : name == "style"   ? &parts.style
         : name == "library" ? &parts.library
         : name == "script"  ? &parts.script
         : name == "data"    ? &data
                             : nullptr;
}

std::string_view templateOf(const HtmlPage& page) {
  for (const EmbeddedFile& file : page.files) {
    if (file.name.ends_with(".html"))
      return file.bytes;
  }
  TURNOUT_CHECK(false, "the template of a page is not compiled in");
}

}  // namespace

std::string htmlPage(const HtmlPage& page) {
  const PageParts parts = partsOf(page);
  const std::string policy = policyFor(parts, page.policy);
  const std::string data = withoutMarkup(page.data);
  std::string text;
  std::string_view rest = templateOf(page);
  for (std::size_t at; (at = rest.find("{{")) != std::string_view::npos;) {
    const std::size_t end = rest.find("}}", at);
    TURNOUT_CHECK(end != std::string_view::npos, "a slot of a page's template has no end");
    const std::string* part = slot(rest.substr(at + 2, end - at - 2), parts, policy, data);
    TURNOUT_CHECK(part, "an unknown slot in a page's template");
    text += rest.substr(0, at);
    text += *part;
    rest.remove_prefix(end + 2);
  }
  text += rest;
  return text;
}

}  // namespace turnout
