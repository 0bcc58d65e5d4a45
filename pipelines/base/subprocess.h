// A child process on a Loop: the only place of the tree that starts programs. A child is in a
// process group of its own (a Ctrl-C in the terminal is ours to pass on), reads nothing from the
// terminal, inherits only fds 0-3 and of the environment only what programs need to work (secrets are
// often kept there), and is killed by the kernel when the thread that started it ends.
//
// Threads: the loop's, and it must be a thread that lives as long as the child (PR_SET_PDEATHSIG).
#pragma once

#include "pipelines/base/line_channel.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <sys/types.h>

namespace turnout {

class Subprocess {
 public:
  struct InheritOutput {};  // stdout and stderr are ours
  struct DiscardOutput {};
  struct OutputToFile {  // both, appended; the file is created if need be
    std::string path;
  };
  struct OutputToLines {  // both, as they come
    LineChannel::OnLine on_line;
  };
  using Output = std::variant<InheritOutput, DiscardOutput, OutputToFile, OutputToLines>;

  // kOwn: as above. kOurs: for a program that a person works with, such as a shell: the terminal, our
  // process group and the whole environment are its own too; a Ctrl-C reaches both.
  enum class Terminal { kOwn, kOurs };

  struct Config {
    std::vector<std::string> argv{};  // argv[0]: a path, or a name looked up in PATH
    std::vector<std::pair<std::string, std::string>> environment{};  // on top of what it inherits
    Output output = InheritOutput{};
    LineChannel::OnLine on_channel_line{};  // given: the child has the other end as fd 3
    // Once, after all its lines were delivered: "exit 0", "signal 9". May destroy the Subprocess.
    std::function<void(const std::string& how)> on_exit{};
    Terminal terminal = Terminal::kOwn;
    int network = -1;  // a network namespace, open, that it starts in; -1: ours
  };

  static constexpr int kChannelFd = 3;  // in the child

  static Result<std::unique_ptr<Subprocess>> start(Loop& loop, Config config);
  // Kills the child if it still runs; no handler is called any more.
  ~Subprocess();
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  pid_t pid() const { return pid_; }
  // Once it has ended, and in on_exit: its exit status, 128 + N after signal N.
  const std::optional<int>& exitStatus() const { return exit_status_; }
  bool send(std::string_view line);  // on fd 3; false when the child no longer listens
  void terminate(Duration grace);    // SIGTERM, and SIGKILL when it has not gone by then
  void kill();                       // SIGKILL

  // Runs a command that ends by itself within milliseconds and gives what it printed on stdout. A
  // non-zero exit is an Error with what it printed on stderr. Blocks, at most 21 s. `input`: what it
  // reads on stdin. `network`: as in Config.
  static Result<std::string> run(const std::vector<std::string>& argv,
                                 const std::string& input = {}, int network = -1);

  // For a process that is there only for this program: runs it on our terminal and environment, hands
  // it the signals that end programs, and gives its exit status, 128 + N after signal N. It is killed
  // when we end, also where it is the first of a process namespace. Blocks; no other thread runs.
  static Result<int> standInFor(const std::vector<std::string>& argv);

 private:
  explicit Subprocess(Loop& loop, Config config);
  Result<Done> spawn();
  void onExited(int wait_status);

  Loop& loop_;
  Config config_;
  pid_t pid_ = -1;
  bool running_ = false;
  std::optional<int> exit_status_;
  Timer exit_watch_, grace_;
  std::optional<LineChannel> channel_, lines_;
};

// Whether a child inherits this variable: where programs, files and certificates are, language and time
// zone, what GStreamer, GLib, loaders and sanitizers read. Nothing else, proxies and secrets least.
bool isInheritedVariable(std::string_view name);

// The path of the program that runs. Error: /proc cannot be read.
Result<std::string> ownProgram();
// Where a program that only ours starts is: ../libexec/turnout when installed, beside `program` in a build.
std::string helperProgram(const std::string& program, const std::string& name);

// Ports of 127.0.0.1 for programs that cannot be told "any free one" and asked which it became. Free
// for UDP and TCP a moment ago: another program may take one before it is used (retry then).
Result<std::vector<std::uint16_t>> freePorts(std::size_t count);

}  // namespace turnout
