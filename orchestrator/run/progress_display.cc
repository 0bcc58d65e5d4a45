#include "orchestrator/run/progress_display.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace turnout {
namespace {

constexpr auto kTerminalPeriod = 200ms;
constexpr auto kLinePeriod = 5s;
constexpr std::size_t kUsualColumns = 80;

std::size_t columnsOf(std::FILE* terminal) {
  winsize size{};
  const bool known = ::ioctl(::fileno(terminal), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualColumns;
}

}  // namespace

ProgressDisplay::Style ProgressDisplay::styleFor(std::FILE* out) {
  return ::isatty(::fileno(out)) ? Style::kTerminal : Style::kLines;
}

ProgressDisplay::ProgressDisplay(Loop& loop, const Progress& progress, Style style, std::FILE* out)
    : progress_(progress), style_(style), out_(out) {
  if (style_ == Style::kSilent)
    return;
  const Duration period = style_ == Style::kTerminal ? Duration(kTerminalPeriod) : kLinePeriod;
  redraw_ = loop.every(period, [this] { draw(); });
  draw();
}

ProgressDisplay::~ProgressDisplay() {
  erase();
}

void ProgressDisplay::onEvent(const Event& event) {
  if (const auto note_text = noteOf(event))
    note(*note_text);
  const bool phase_changed = std::holds_alternative<RunStarted>(event.body) ||
                             std::holds_alternative<RunFinished>(event.body);
  if (phase_changed && style_ == Style::kLines)
    draw();
}

void ProgressDisplay::note(const std::string& sentence) {
  erase();
  std::fputs(("turnout: " + sentence + "\n").c_str(), out_);
  if (style_ == Style::kTerminal)
    draw();
}

void ProgressDisplay::draw() {
  if (style_ == Style::kLines) {
    std::fputs((progressLine(progress_, now()) + "\n").c_str(), out_);
    return;
  }
  erase();
  std::string text;
  const auto lines = progressBlock(progress_, now(), columnsOf(out_));
  for (const std::string& line : lines)
    text += line + "\n";
  std::fputs(text.c_str(), out_);
  drawn_lines_ = lines.size();
}

// Cursor up by the block's lines, then clear to the end of the screen (ECMA-48 CUU, ED).
void ProgressDisplay::erase() {
  if (drawn_lines_ > 0)
    std::fprintf(out_, "\x1b[%zuA\x1b[J", drawn_lines_);
  drawn_lines_ = 0;
}

}  // namespace turnout
