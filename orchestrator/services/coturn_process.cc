#include "orchestrator/services/coturn_process.h"

#include "orchestrator/services/coturn_config.h"
#include "pipelines/stun/socket_address.h"
#include "pipelines/stun/stun_message.h"
#include "pipelines/stun/udp_socket.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <glib.h>
#include <sys/random.h>

namespace turnout {
namespace {

constexpr int kMaxLaunches = 3;       // when ports are taken under our feet
constexpr auto kStartLimit = 5s;      // usual: 50 ms
constexpr auto kAskAgain = 10ms;      // for its first sign of life
constexpr auto kAskInterval = 250ms;  // whether it still lives
constexpr auto kStallLeast = 500ms;   // that two unanswered questions show
constexpr auto kStopGrace = 100ms;    // a relay has nothing to lose; on SIGTERM it may take 1.7 s
constexpr std::size_t kErrorTail = 300;  // bytes of the log quoted in an Error

Secret randomSecret() {
  std::array<unsigned char, 16> bytes;
  TURNOUT_CHECK(::getrandom(bytes.data(), bytes.size(), 0) == 16, "no random bytes");
  std::string hex;
  for (const unsigned char byte : bytes)
    for (const int nibble : {byte >> 4, byte & 15})
      hex += "0123456789abcdef"[nibble];
  return Secret(hex);
}

std::string fileText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

int quotaOf(Placeholder::Kind kind) {
  return kind == Placeholder::Kind::kCoturnQuota ? 1 : 0;
}

Result<Done> writePrivately(const std::string& path, const std::string& text) {
  Owned<GError> error;
  if (!g_file_set_contents_full(path.c_str(), text.data(), static_cast<gssize>(text.size()),
                                G_FILE_SET_CONTENTS_NONE, 0600, error.out()))
    return Error{ErrorCode::kIo, error->message};
  return Done{};
}

}  // namespace

// Binding requests, which need no credential (RFC 8489 5): how we know that the server is up, and that
// it has not come to a stand since. Errors are the port unreachable of one that is not there yet.
struct CoturnProcess::SignOfLife {
  std::unique_ptr<UdpSocket> socket = {};
  StunCodec codec;
  StunCodec::Sent request = codec.request({});
  int unanswered = 0;
  Timer again = {}, seen = {};

  void ask() {
    codec.forget(request.id);
    request = codec.request({});
    unanswered++;
    socket->send(request.bytes);
  }
};

CoturnProcess::~CoturnProcess() = default;

Result<std::unique_ptr<CoturnProcess>> CoturnProcess::start(Loop& loop, Config config) {
  if (!Owned<char>(g_find_program_in_path("turnserver")))
    return Error{ErrorCode::kEnvironment,
                 "the TURN server coturn is not installed (no turnserver in PATH): "
                 "apt-get install coturn"};
  auto directory = TempDir::create("coturn");
  if (!directory)
    return directory.error();
  std::unique_ptr<CoturnProcess> made(
      new CoturnProcess(loop, std::move(config), std::move(*directory)));
  if (const auto launched = made->launch(); !launched)
    return launched.error();
  return made;
}

CoturnProcess::CoturnProcess(Loop& loop, Config config, TempDir directory)
    : loop_(loop), config_(std::move(config)), directory_(std::move(directory)) {
  if (config_.kind == Placeholder::Kind::kCoturnRest)
    service_.access = CoturnRestSecret{randomSecret()};
  else
    service_.access = CoturnUser{"turnout", randomSecret()};
}

Result<Done> CoturnProcess::launch() {
  state_ = State::kStarting;
  launches_++;
  if (auto chosen = choosePorts(); !chosen)
    return chosen;
  const auto certificate = makeLoopbackCertificate(directory_.path(), service_.host);
  if (!certificate)
    return certificate.error();
  service_.ca_file = certificate->ca_file;

  config_file_ = directory_.file("turnserver.conf");
  const auto written = writePrivately(
      config_file_, coturnConfigText({.address = service_.host,
                                      .port = service_.port,
                                      .tls_port = service_.tls_port,
                                      .access = service_.access,
                                      .user_quota = quotaOf(config_.kind),
                                      .directory = directory_.path(),
                                      .certificate_file = certificate->certificate_file,
                                      .key_file = certificate->key_file,
                                      .log_file = config_.log_file}));
  if (!written)
    return written.error();
  std::error_code ignored;
  std::filesystem::remove(config_.log_file, ignored);
  return runChild();
}

Result<Done> CoturnProcess::choosePorts() {
  if (const auto& place = config_.place) {
    service_.host = place->address;
    service_.port = place->port;
    service_.tls_port = place->tls_port;
    return Done{};
  }
  const auto ports = freePorts(2);
  if (!ports)
    return ports.error();
  service_.port = (*ports)[0];
  service_.tls_port = (*ports)[1];
  return Done{};
}

Result<Done> CoturnProcess::restart() {
  TURNOUT_CHECK(state_ == State::kDown, "coturn runs already");
  state_ = State::kRestarting;
  return runChild();
}

Result<Done> CoturnProcess::runChild() {
  auto process =
      Subprocess::start(loop_, {.argv = {"turnserver", "-c", config_file_},
                                .output = Subprocess::OutputToFile{config_.log_file},
                                .on_exit = [this](const std::string& how) { onExit(how); },
                                .network = config_.place ? config_.place->network->fd() : -1});
  if (!process)
    return process.error();
  process_ = std::move(*process);
  if (const auto awaited = awaitSignOfLife(); !awaited)
    return awaited;
  deadline_ = loop_.after(kStartLimit, [this] { failed("gave no answer"); });
  return Done{};
}

Result<Done> CoturnProcess::awaitSignOfLife() {
  auto socket = [this] {
    std::optional<InNetwork> there;
    if (config_.place)
      there.emplace(*config_.place->network);
    return UdpSocket::connectTo(loop_, *socketAddress(service_.host, service_.port), {});
  }();
  if (!socket)
    return socket.error();
  sign_ = std::make_unique<SignOfLife>();
  SignOfLife& sign = *sign_;
  sign.socket = *std::move(socket);
  sign.socket->listen({[this, &sign](const sockaddr_storage&, auto bytes) {
                         if (!sign.codec.understand(bytes))
                           return;
                         const int asked = std::exchange(sign.unanswered, 0);
                         sign.seen = loop_.after(0s, [this, asked] { onAnswer(asked); });
                       },
                       {}});
  sign.again = loop_.every(kAskAgain, [&sign] { sign.ask(); });
  return Done{};
}

// What it could not answer because we did not ask, as our own loop stood still, is no fault of its.
void CoturnProcess::onAnswer(int asked) {
  const Instant heard_before = std::exchange(heard_at_, now());
  if (state_ == State::kStarting || state_ == State::kRestarting)
    return onUp();
  const Duration silent = std::min<Duration>(heard_at_ - heard_before - kAskInterval,
                                             (asked - 1) * Duration(kAskInterval));
  if (silent >= kStallLeast && config_.on_stall)
    config_.on_stall({.thread = "process", .began = heard_before + kAskInterval, .length = silent});
}

Duration CoturnProcess::silence() const {
  return state_ == State::kUp && sign_ ? sign_->unanswered * Duration(kAskInterval)
                                       : Duration::zero();
}

// UDP answers last of all its listeners (measured): all that could be bound, is.
void CoturnProcess::onUp() {
  if (tellsPortConflict(fileText(config_.log_file))) {
    failed("found its ports taken");
    return;
  }
  deadline_.cancel();
  state_ = State::kUp;
  sign_->again = loop_.every(kAskInterval, [sign = sign_.get()] { sign->ask(); });
  config_.on_started(Done{});
}

void CoturnProcess::onExit(const std::string& how) {
  if (state_ != State::kUp)
    return failed("ended with " + how);
  state_ = State::kDown;
  sign_.reset();
  config_.on_exit(how);
}

void CoturnProcess::failed(const std::string& how) {
  const std::string log = fileText(config_.log_file);
  sign_.reset();
  process_.reset();
  const bool may_move = state_ == State::kStarting && launches_ < kMaxLaunches && !config_.place;
  if (tellsPortConflict(log) && may_move) {
    if (const auto launched = launch(); !launched)
      config_.on_started(launched.error());
    return;
  }
  deadline_.cancel();
  state_ = State::kDown;
  config_.on_started(Error{ErrorCode::kEnvironment,
                           "coturn " + how + " at start; end of its log: " +
                               log.substr(log.size() - std::min(log.size(), kErrorTail))});
}

void CoturnProcess::stop() {
  if (process_)
    process_->terminate(kStopGrace);
}

void CoturnProcess::kill() {
  if (process_)
    process_->kill();
}

}  // namespace turnout
