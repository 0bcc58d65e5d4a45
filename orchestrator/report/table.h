// Columns for a terminal: text in, aligned lines out. Text may come from the network: control
// characters are shown as '?', and what is too wide for its column is cut.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace turnout {

constexpr std::size_t kLineWidth = 98;  // of what is written for a terminal
constexpr std::size_t kIndent = 2;      // of all below a heading

class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    Align align = Align::kLeft;
    std::size_t widest = 100;  // characters; longer cells end in "..."
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells);  // as many as there are columns
  std::size_t rows() const { return rows_.size(); }
  std::string text(std::size_t indent) const;  // a line per row, columns two spaces apart

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// A sentence as lines of at most `width` characters (a longer word stands alone), all indented.
std::string wrapped(const std::string& sentence, std::size_t width, std::size_t indent);

}  // namespace turnout
