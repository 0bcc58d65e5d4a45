#include "bots/host/host_health.h"

#include <algorithm>
#include <cstdio>

#include <sys/resource.h>
#include <unistd.h>

namespace turnout {
namespace {

constexpr Duration kProbePeriod = 20ms;

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

}  // namespace

HostHealthMeter::HostHealthMeter(Loop& loop) : loop_(loop), since_(now()), cpu_s_(cpuSeconds()) {
  armProbe();
}

void HostHealthMeter::armProbe() {
  const Instant due = now() + kProbePeriod;
  probe_ = loop_.at(due, [this, due] {
    lags_ms_.push_back(std::max(0.0, toMs(now() - due)));
    armProbe();
  });
}

HostHealth HostHealthMeter::take() {
  HostHealth health;
  if (!lags_ms_.empty()) {
    std::sort(lags_ms_.begin(), lags_ms_.end());
    health.loop_lag_p99_ms = lags_ms_[(lags_ms_.size() - 1) * 99 / 100];
    health.loop_lag_max_ms = lags_ms_.back();
  }
  const Instant at = now();
  const double cpu_s = cpuSeconds();
  health.cpu_cores = (cpu_s - cpu_s_) / std::chrono::duration<double>(at - since_).count();
  health.rss_mb = residentMegabytes();
  lags_ms_.clear();
  since_ = at;
  cpu_s_ = cpu_s;
  return health;
}

}  // namespace turnout
