#include "orchestrator/run/host_process.h"

#include "pipelines/base/log.h"

#include <filesystem>

namespace turnout {
namespace {

constexpr auto kExitGrace = 2s;  // after the grace it was given: closing peers, exiting

}  // namespace

Result<std::unique_ptr<HostProcess>> HostProcess::start(Loop& loop, Listener& listener,
                                                        const std::string& program,
                                                        const std::string& log_file,
                                                        const HostSetup& setup) {
  std::unique_ptr<HostProcess> host(new HostProcess(loop, listener, setup.host, log_file));
  HostProcess* self = host.get();
  auto process = Subprocess::start(
      loop, {.argv = {program},
             .output = Subprocess::OutputToFile{log_file},
             .on_channel_line = [self](std::string_view line) { self->onLine(line); },
             .on_exit = [self](const std::string& how) { self->onExit(how); }});
  if (!process)
    return process.error();
  host->process_ = std::move(*process);
  host->process_->send(commandLine(setup));
  return host;
}

void HostProcess::assign(const CallOrder& order) {
  TURNOUT_CHECK(state_ == State::kReady, "a call for a host that is not ready");
  calls_.insert(order.call);
  process_->send(commandLine(order));
}

void HostProcess::renew(const ServersForCall& servers) {
  process_->send(commandLine(servers));
}

void HostProcess::stop(milliseconds grace) {
  if (state_ == State::kStarting)
    return kill();
  state_ = State::kStopping;
  process_->send(commandLine(HostStop{grace}));
  overdue_ = loop_.after(grace + kExitGrace, [this] { kill(); });
}

void HostProcess::kill() {
  state_ = State::kStopping;
  process_->kill();
}

void HostProcess::onLine(std::string_view line) {
  if (isReportLine(line)) {
    if (const auto report = parseReport(line))
      onReport(*report);
    else
      log(LogLevel::kWarning, "run", "host " + std::to_string(index_) + ": " + report.error().what);
    return;
  }
  if (const auto event = parseEventLine(line))
    listener_.onHostEvent(*event, line);
  else
    log(LogLevel::kWarning, "run", "host " + std::to_string(index_) + ": " + event.error().what);
}

void HostProcess::onReport(const HostReport& report) {
  std::visit(
      Overloaded{[this](const HostIsReady&) {
                   if (state_ != State::kStarting)
                     return;
                   state_ = State::kReady;
                   listener_.onHostReady(*this);
                 },
                 [this](const CallEnded& ended) {
                   if (calls_.erase(ended.call) > 0)
                     listener_.onHostCallEnded(ended.call);
                 },
                 [](const HostIsDone&) {},  // its exit follows
                 [this](const HostFailed& failed) { listener_.onHostFailed(*this, failed.error); }},
      report);
}

void HostProcess::onExit(const std::string& how) {
  overdue_.cancel();
  std::error_code ignored;
  if (std::filesystem::file_size(log_file_, ignored) == 0)
    std::filesystem::remove(log_file_, ignored);
  listener_.onHostExit(*this, how);
}

}  // namespace turnout
