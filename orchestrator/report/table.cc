#include "orchestrator/report/table.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"

#include <algorithm>
#include <sstream>

namespace turnout {
namespace {

std::size_t widthOf(const std::string& text) {
  return static_cast<std::size_t>(g_utf8_strlen(text.data(), static_cast<gssize>(text.size())));
}

std::string printable(const std::string& text) {
  std::string safe =
      Owned<char>(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size()))).get();
  std::replace_if(
      safe.begin(), safe.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return safe;
}

std::string cut(std::string text, std::size_t widest) {
  if (widthOf(text) <= widest)
    return text;
  const char* end = g_utf8_offset_to_pointer(text.c_str(), static_cast<glong>(widest) - 3);
  text.resize(static_cast<std::size_t>(end - text.c_str()));
  return text + "...";
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  TURNOUT_CHECK(cells.size() == columns_.size(), "a table row has other columns");
  for (std::size_t i = 0; i < cells.size(); i++)
    cells[i] = cut(printable(cells[i]), columns_[i].widest);
  rows_.push_back(std::move(cells));
}

std::string Table::text(std::size_t indent) const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); i++)
      widths[i] = std::max(widths[i], widthOf(row[i]));
  }
  std::string all;
  for (const auto& row : rows_) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); i++) {
      const std::string padding(widths[i] - widthOf(row[i]), ' ');
      line += i > 0 ? "  " : "";
      line += columns_[i].align == Align::kRight ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  }
  return all;
}

std::string wrapped(const std::string& sentence, std::size_t width, std::size_t indent) {
  std::istringstream words(printable(sentence));
  const std::string margin(indent, ' ');
  std::string all, line = margin;
  for (std::string word; words >> word;) {
    if (line.size() > indent && widthOf(line) + 1 + widthOf(word) > width) {
      all += line + "\n";
      line = margin;
    }
    line += (line.size() > indent ? " " : "") + word;
  }
  return all + line + "\n";
}

}  // namespace turnout
