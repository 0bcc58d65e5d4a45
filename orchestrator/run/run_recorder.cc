#include "orchestrator/run/run_recorder.h"

#include "orchestrator/results/fold/fold.h"
#include "orchestrator/run/progress.h"
#include "orchestrator/run/run_directory.h"

namespace turnout {

void RunRecorder::add(const Event& event, std::string_view line) {
  const bool was_writing = !log_.failure();
  log_.append(line);
  fold_.add(event);
  display_.onEvent(event);
  if (was_writing && log_.failure())
    display_.note(log_.failure()->what + "; the run goes on without its log");
}

}  // namespace turnout
