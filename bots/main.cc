// turnout-bot-host: spawned by `turnout run`, never by a person. File descriptor 3 is the control
// channel (bots/protocol/control_message.h); standard output and error stay for people.

#include "bots/host/bot_host.h"
#include "pipelines/base/fd.h"
#include "pipelines/base/line_channel.h"
#include "pipelines/base/loop.h"

#include <csignal>
#include <cstdio>
#include <memory>

#include <fcntl.h>

namespace {

constexpr int kControlFd = 3;

}  // namespace

int main() {
  turnout::openStandardFiles();
  if (fcntl(kControlFd, F_GETFD) < 0) {
    std::fputs("turnout-bot-host is started by `turnout run`; see `turnout --help`\n", stderr);
    return 2;
  }
  std::signal(SIGINT, SIG_IGN);  // a terminal's Ctrl-C is for the orchestrator, which tells us
  std::signal(SIGPIPE, SIG_IGN);

  turnout::Loop loop;
  std::unique_ptr<turnout::BotHost> host;
  turnout::LineChannel channel(
      loop, turnout::Fd(kControlFd),
      [&host](std::string_view line) { host->onCommandLine(std::string(line)); },
      [&host] { host->finish(); });
  host = std::make_unique<turnout::BotHost>(
      loop,
      turnout::BotHost::Ports{.tell = [&channel](const std::string& line) { channel.send(line); },
                              .on_finished = [&loop] { loop.quit(); },
                              .crash =
                                  [&channel] {
                                    channel.flush(std::chrono::seconds(2));
                                    std::raise(SIGKILL);
                                  }});
  loop.run();
  channel.flush(std::chrono::seconds(2));
  host.reset();
  return 0;
}
