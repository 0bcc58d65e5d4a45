#include "orchestrator/cli/command.h"

#include <csignal>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of a write, not the end of a run
  return static_cast<int>(turnout::runCommandLine({argv + 1, argv + argc}));
}
