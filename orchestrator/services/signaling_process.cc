#include "orchestrator/services/signaling_process.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/json.h"

namespace turnout {
namespace {

constexpr auto kSignalingStartLimit = 5s;  // usual: 30 ms
constexpr auto kSignOfLife = 500ms;        // as serve_command.cc has it
constexpr auto kSignalingStopGrace = 500ms;

std::vector<std::string> serveCommandLine(const SignalingProcess::Config& config) {
  const auto seconds = [](milliseconds time) {
    return std::string(Owned<char>(g_strdup_printf("%g", toMs(time) / 1000)).get());
  };
  std::vector<std::string> argv = {config.program,    "serve",
                                   "--listen",        config.address,
                                   "--announce-fd",   std::to_string(Subprocess::kChannelFd),
                                   "--grace",         seconds(config.session.grace),
                                   "--ring-timeout",  seconds(config.session.ring_timeout),
                                   "--match-timeout", seconds(config.session.match_timeout)};
  if (!config.tls_certificate_file.empty())
    argv.insert(argv.end(), {"--tls-certificate", config.tls_certificate_file, "--tls-key",
                             config.tls_key_file});
  for (const std::string& bug : config.session.bugs) {
    argv.emplace_back("--bug");
    argv.push_back(bug);
  }
  return argv;
}

}  // namespace

Result<std::unique_ptr<SignalingProcess>> SignalingProcess::start(Loop& loop, Config config) {
  std::unique_ptr<SignalingProcess> made(new SignalingProcess(loop, std::move(config)));
  SignalingProcess* self = made.get();
  auto process = Subprocess::start(
      loop, {.argv = serveCommandLine(self->config_),
             .on_channel_line = [self](std::string_view line) { self->onLine(line); },
             .on_exit = [self](const std::string& how) { self->onExit(how); },
             .network = self->config_.network});
  if (!process)
    return process.error();
  made->process_ = std::move(*process);
  made->deadline_ =
      loop.after(kSignalingStartLimit, [self] { self->failed("gave no address in time"); });
  return made;
}

void SignalingProcess::onLine(std::string_view line) {
  silent_ = Duration::zero();
  const auto message = JsonValue::parse(line);
  if (state_ == State::kStarting)
    return onAnnouncement(message ? *message : JsonValue());
  if (message && message->get("stall_ns").isPresent() && config_.on_stall)
    config_.on_stall({.thread = "loop",
                      .began = fromNs(message->integerOr("stall_began_ns", 0)),
                      .length = Duration(message->integerOr("stall_ns", 0))});
}

void SignalingProcess::onAnnouncement(const JsonValue& message) {
  const std::string url = message.stringOr("url", "");
  if (url.empty()) {
    failed("announced no url");
    return;
  }
  state_ = State::kUp;
  deadline_.cancel();
  listens_ = loop_.every(kSignOfLife, [this] { silent_ += kSignOfLife; });
  config_.on_started(url);
}

void SignalingProcess::onExit(const std::string& how) {
  switch (state_) {
    case State::kStarting:
      return failed("ended with " + how);
    case State::kUp:
      return config_.on_exit(how);
    case State::kFailed:
      return;
  }
}

void SignalingProcess::failed(const std::string& what) {
  state_ = State::kFailed;
  deadline_.cancel();
  process_->kill();
  config_.on_started(Error{ErrorCode::kInternal, "the signaling server " + what});
}

void SignalingProcess::stop() {
  process_->terminate(kSignalingStopGrace);
}

void SignalingProcess::kill() {
  process_->kill();
}

}  // namespace turnout
