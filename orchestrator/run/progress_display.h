// Shows a Progress on stderr: on a terminal a block that is redrawn five times a second, elsewhere
// a line every few seconds and when the phase changes.
//
// Threads: the loop's.
#pragma once

#include "orchestrator/run/progress.h"
#include "pipelines/base/loop.h"

#include <cstdio>

namespace turnout {

class ProgressDisplay {
 public:
  enum class Style { kSilent, kLines, kTerminal };
  static Style styleFor(std::FILE* out);  // kTerminal or kLines

  ProgressDisplay(Loop& loop, const Progress& progress, Style style, std::FILE* out);
  ~ProgressDisplay();  // takes a terminal's block away

  void onEvent(const Event& event);        // after the Progress got it
  void note(const std::string& sentence);  // a line of its own, above the block; never silent

 private:
  void draw();
  void erase();

  const Progress& progress_;
  const Style style_;
  std::FILE* out_;
  std::size_t drawn_lines_ = 0;
  Timer redraw_;
};

}  // namespace turnout
