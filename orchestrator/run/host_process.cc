#include "orchestrator/run/host_process.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/log.h"

#include <filesystem>

namespace turnout {
namespace {

constexpr int kLooks = 15;       // that find no sign of life, until it is given up
constexpr auto kExitGrace = 2s;  // after the grace it was given: closing peers, exiting

std::string limitText(Duration duration) {
  return Owned<char>(g_strdup_printf("%g s", toMs(duration) / 1000)).get();
}

}  // namespace

Result<std::unique_ptr<HostProcess>> HostProcess::start(Loop& loop, Listener& listener,
                                                        const Config& config) {
  std::unique_ptr<HostProcess> host(new HostProcess(loop, listener, config));
  HostProcess* self = host.get();
  auto process = Subprocess::start(
      loop, {.argv = {config.program},
             .output = Subprocess::OutputToFile{config.log_file},
             .on_channel_line = [self](std::string_view line) { self->onLine(line); },
             .on_exit = [self](const std::string& how) { self->onExit(how); },
             .network = config.network});
  if (!process)
    return process.error();
  host->process_ = std::move(*process);
  host->tell(config.setup);
  host->overdue_ = loop.after(config.limits.start, [self] {
    self->killFor("not ready within " + limitText(self->limits_.start));
  });
  return host;
}

void HostProcess::killFor(std::string reason) {
  kill_reason_ = std::move(reason);
  process_->kill();
}

void HostProcess::lookForLife() {
  if (++silent_looks_ == kLooks)
    killFor("no sign of life for " + limitText(limits_.silence));
}

bool HostProcess::hasBotOf(int call) const {
  const auto first = bots_.lower_bound({call, 0});
  return first != bots_.end() && first->call == call;
}

void HostProcess::assign(const BotOrder& order) {
  TURNOUT_CHECK(state_ == State::kReady, "a bot for a host that is not ready");
  bots_.insert({order.call, order.bot});
  tell(order);
}

void HostProcess::stop(milliseconds grace) {
  if (state_ == State::kStarting)
    return kill();
  state_ = State::kStopping;
  listens_.cancel();
  tell(HostStop{grace});
  overdue_ = loop_.after(grace + kExitGrace, [this] { kill(); });
}

void HostProcess::kill() {
  state_ = State::kStopping;
  process_->kill();
}

void HostProcess::onLine(std::string_view line) {
  silent_looks_ = 0;
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
                   overdue_.cancel();
                   listens_ = loop_.every(limits_.silence / kLooks, [this] { lookForLife(); });
                   listener_.onHostReady(*this);
                 },
                 [this](const BotReport& bot) {
                   const bool is_gone = bot.state == BotReport::State::kLeft ||
                                        bot.state == BotReport::State::kVanished;
                   const BotId id{bot.call, bot.bot};
                   if (is_gone ? bots_.erase(id) > 0 : bots_.contains(id))
                     listener_.onHostBotReport(bot);
                 },
                 [](const HostIsDone&) {},  // its exit follows
                 [this](const HostFailed& failed) { listener_.onHostFailed(*this, failed.error); }},
      report);
}

void HostProcess::onExit(const std::string& how) {
  overdue_.cancel();
  listens_.cancel();
  std::error_code ignored;
  if (std::filesystem::file_size(log_file_, ignored) == 0)
    std::filesystem::remove(log_file_, ignored);
  listener_.onHostExit(*this, kill_reason_.empty() ? how : how + ", " + kill_reason_);
}

}  // namespace turnout
