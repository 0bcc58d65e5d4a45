#include "orchestrator/cli/command.h"
#include "pipelines/base/fd.h"

#include <csignal>

int main(int argc, char** argv) {
  turnout::openStandardFiles();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of a write, not the end of a run
  std::signal(SIGXFSZ, SIG_IGN);  // and so is a limit of file sizes
  return static_cast<int>(turnout::runCommandLine({argv + 1, argv + argc}));
}
