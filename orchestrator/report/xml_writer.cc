#include "orchestrator/report/xml_writer.h"

#include "pipelines/base/gobject_ref.h"

#include <glib.h>

namespace turnout {
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

}  // namespace turnout
