#include "tests/bench/signaling/served.h"

#include "pipelines/base/json.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <sched.h>
#include <unistd.h>

namespace turnout::bench {
namespace {

// A child inherits the cores of the moment.
class CoresToShare {
 public:
  CoresToShare() {
    sched_getaffinity(0, sizeof all_, &all_);
    cpu_set_t first;
    CPU_ZERO(&first);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&first) == 0; core++)
      if (CPU_ISSET(core, &all_))
        CPU_SET(core, &first);
    CPU_XOR(&others_, &all_, &first);
    sched_setaffinity(0, sizeof first, &first);
  }
  ~CoresToShare() {
    const cpu_set_t& ours = CPU_COUNT(&others_) > 0 ? others_ : all_;
    sched_setaffinity(0, sizeof ours, &ours);
  }
  CoresToShare(const CoresToShare&) = delete;
  CoresToShare& operator=(const CoresToShare&) = delete;

 private:
  cpu_set_t all_, others_;
};

// User and system time of a process, fields 14 and 15 of proc(5)'s stat; the name in field 2 may
// hold anything but ends with the last bracket.
double cpuSeconds(const std::string& proc) {
  std::ifstream file(proc + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; i++)
    fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

Result<std::unique_ptr<Served>> Served::start(Loop& loop, const std::string& program,
                                              int max_sockets) {
  auto served = std::make_unique<Served>();
  Served* self = served.get();
  const CoresToShare cores;
  auto process =
      Subprocess::start(loop, {.argv = {program, "serve", "--listen", "127.0.0.1:0",
                                        "--max-sockets", std::to_string(max_sockets),
                                        "--announce-fd", std::to_string(Subprocess::kChannelFd)},
                               .on_channel_line =
                                   [self](std::string_view line) {
                                     if (const auto message = JsonValue::parse(line))
                                       self->url_ = message->stringOr("url", "");
                                   },
                               .on_exit = [self](const std::string&) { self->is_up_ = false; }});
  if (!process)
    return process.error();
  served->process_ = *std::move(process);
  served->is_up_ = true;
  if (!loop.runUntil([&] { return !self->url_.empty() || !self->is_up_; }, 10s) || !self->is_up_)
    return Error{ErrorCode::kEnvironment, "the server did not start"};
  return served;
}

ServerUsage Served::usage() const {
  const std::string proc = "/proc/" + std::to_string(process_->pid());
  long all_pages = 0, resident_pages = 0;
  std::ifstream(proc + "/statm") >> all_pages >> resident_pages;
  const auto files = std::distance(std::filesystem::directory_iterator(proc + "/fd"), {});
  return {cpuSeconds(proc), static_cast<double>(resident_pages * sysconf(_SC_PAGESIZE)) / 1024,
          static_cast<std::size_t>(files)};
}

double ownCpuSeconds() {
  return cpuSeconds("/proc/self");
}

}  // namespace turnout::bench
