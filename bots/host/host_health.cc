#include "bots/host/host_health.h"

#include "pipelines/base/fd.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace turnout {
namespace {

double cpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double residentMegabytes() {
  long size = 0, resident = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &size, &resident) != 2)
      resident = 0;
    std::fclose(file);
  }
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576.0;
}

bool hasLocalPort(const Fd& socket) {
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) == 0;
}

}  // namespace

std::optional<std::string> exhaustedResource() {
  const Fd udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const Fd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!udp || !tcp)
    return "open files";
  if (!hasLocalPort(udp))
    return "local UDP ports";
  if (!hasLocalPort(tcp))
    return "local TCP ports";
  return std::nullopt;
}

HostHealthMeter::HostHealthMeter(Loop& loop, std::function<void(const Stall&)> on_stall)
    : watch_(loop, "loop", std::move(on_stall)), since_(now()), cpu_s_(cpuSeconds()) {}

HostHealth HostHealthMeter::take() {
  HostHealth health;
  std::vector<Duration> late = watch_.takeLateness();
  if (!late.empty()) {
    std::ranges::sort(late);
    const std::size_t rank = (late.size() * 99 + 99) / 100;  // nearest rank: the worst of up to 100
    health.loop_lag_p99_ms = toMs(late[rank - 1]);
    health.loop_lag_max_ms = toMs(late.back());
  }
  const Instant at = now();
  const double cpu_s = cpuSeconds();
  health.cpu_cores = (cpu_s - cpu_s_) / std::chrono::duration<double>(at - since_).count();
  health.rss_mb = residentMegabytes();
  since_ = at;
  cpu_s_ = cpu_s;
  return health;
}

}  // namespace turnout
