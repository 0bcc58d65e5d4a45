#include "bots/signaling/server/signaling_server.h"

#include "bots/signaling/server/engine_server.h"
#include "pipelines/base/files.h"
#include "pipelines/base/log.h"
#include "pipelines/base/result.h"

#include <algorithm>
#include <vector>

namespace turnout {

std::span<const EmbeddedFile> pageFiles();  // written by turnout_embed() of page/CMakeLists.txt

namespace {

// Browsers refuse modules and style sheets of another type, the more so with nosniff.
constexpr std::pair<std::string_view, const char*> kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

const char* typeOf(std::string_view name) {
  for (const auto& [ending, type] : kTypes)
    if (name.ends_with(ending))
      return type;
  TURNOUT_CHECK(false, "a file of the page has a type that kTypes does not name");
  return nullptr;
}

std::vector<std::pair<const char*, const char*>> pageHeaders() {
  return {
      {"Cache-Control", "no-cache"},  // a new program may bring a new page
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
       "media-src 'self' blob: mediastream:; connect-src 'self'; form-action 'none'; "
       "base-uri 'none'; frame-ancestors 'none'"},
      {"Referrer-Policy", "no-referrer"},  // parameters may hold secrets
      {"X-Content-Type-Options", "nosniff"},
  };
}

// The page by which a browser takes part in rooms, calls and matches (docs/BROWSER.md): the files of
// page/, compiled in, and how each is served. GET / is the page, /page/NAME its parts.
std::vector<EngineServer::Page> browserPages() {
  std::vector<EngineServer::Page> pages;
  for (const EmbeddedFile& file : pageFiles()) {
    const std::string path = file.name == "index.html" ? "/" : "/page/" + std::string(file.name);
    pages.push_back({path, typeOf(file.name), [bytes = file.bytes] { return std::string(bytes); },
                     pageHeaders()});
  }
  return pages;
}

constexpr Duration kUnconfirmedTime = 10s;
constexpr std::size_t kMostUnconfirmedPerAddress = 64;
constexpr Duration kBarredFor = 60s;

std::string randomId() {
  return Owned<char>(g_uuid_string_random()).get();
}

}  // namespace

Result<Done> SignalingServer::listen() {
  EngineServer::Handlers handlers;
  handlers.on_open = [this](const std::string& sid) { onOpen(sid); };
  handlers.on_message = [this](const std::string& sid, const EnginePacket& message) {
    onMessage(sid, message);
  };
  handlers.on_close = [this](const std::string& sid, const std::string& why) { onClose(sid, why); };
  handlers.pages = browserPages();
  handlers.pages.push_back({"/metrics",
                            "text/plain; version=0.0.4; charset=utf-8",
                            [this] { return metricsOf(stats(), options_.app.bugs); },
                            {},
                            options_.token});
  handlers.endpoints = options_.endpoints;
  auto engine = EngineServer::start(loop_, options_.engine, std::move(handlers));
  if (!engine)
    return engine.error();
  engine_ = *std::move(engine);
  for (const PlantedBug bug : options_.app.bugs)
    log(LogLevel::kWarning, "signaling",
        std::string("makes a mistake on purpose: ") + toString(bug));
  return Done{};
}

SignalingServer::Stats SignalingServer::stats() const {
  return {engine_->stats(),        app_.stats(), app_.census(),
          engine_->sessionCount(), broken_,      bad_tokens_};
}

// With a token, who has none gets next to nothing.
SignalingServerOptions SignalingServer::guarded(SignalingServerOptions options) {
  if (options.token.empty())
    return options;
  options.app.resume = SignalingAppOptions::Resume::kByKey;
  EngineServer::Options& engine = options.engine;
  engine.confirm_within = std::min<Duration>(engine.confirm_within, kUnconfirmedTime);
  Admission::Options& admission = engine.admission;
  admission.max_unconfirmed = std::max<std::size_t>(engine.max_sessions / 4, 1);
  admission.max_unconfirmed_per_address =
      std::min(admission.max_unconfirmed, kMostUnconfirmedPerAddress);
  return options;
}

void SignalingServer::onOpen(const std::string& sid) {
  // The Engine.IO id opens the session to whoever knows it; others only ever see this one.
  sockets_.emplace(sid, SocketSession(randomId(), options_.token));
}

void SignalingServer::onMessage(const std::string& sid, const EnginePacket& message) {
  for (const auto& action : sockets_.at(sid).take(message))
    std::visit([&](const auto& a) { take(sid, a, message.data.size()); }, action);
}

void SignalingServer::onClose(const std::string& sid, const std::string& why) {
  log(LogLevel::kDebug, "signaling", "session closed: " + why);
  const auto socket = sockets_.extract(sid);
  depart(socket.mapped().id(), why == EngineSession::kGoodbye ? Gone::kLeft : Gone::kLost);
}

void SignalingServer::take(const std::string& sid, const SocketSession::Reply& action,
                           std::size_t) {
  send(sid, action.text);
}

void SignalingServer::take(const std::string& sid, const SocketSession::Entered&, std::size_t) {
  const auto socket = sockets_.find(sid);
  if (socket == sockets_.end())  // closed by the reply: it does not read
    return;
  engine_sid_of_.emplace(socket->second.id(), sid);
  engine_->confirm(sid);
  carryOut(app_.onConnected(now(), socket->second.id(), Secret(randomId())));
}

// Guesses are few: a minute without any after a handful.
void SignalingServer::take(const std::string& sid, const SocketSession::Refused&, std::size_t) {
  bad_tokens_++;
  const std::string address = engine_->addressOf(sid);
  if (wrong_tokens_.ask(address, now()))
    engine_->bar(address, kBarredFor);
}

void SignalingServer::take(const std::string& sid, const SocketSession::Event& action,
                           std::size_t size) {
  const SocketPacket& packet = action.packet;
  const std::string name = packet.eventName(), id = sockets_.at(sid).id();
  const auto arguments = packet.arguments();
  const auto content =
      packet.isBinary() ? SignalingApp::Content::kBinary : SignalingApp::Content::kJson;
  const auto outcome = app_.onEvent(now(), id, {name, arguments, size, content});
  if (packet.id)
    send(sid, encodeSocketPacket(SocketPacketType::kAck, packet.nsp, packet.id,
                                 "[" + outcome.ack + "]"));
  carryOut(outcome);
}

void SignalingServer::take(const std::string& sid, const SocketSession::Left&, std::size_t) {
  depart(sockets_.at(sid).id(), Gone::kLeft);
}

void SignalingServer::take(const std::string& sid, const SocketSession::Broken& action,
                           std::size_t) {
  broken_++;
  depart(sockets_.at(sid).id(), Gone::kClosed);
  engine_->close(sid, action.why);
}

// Whatever it is heard of first is how it went.
void SignalingServer::depart(const std::string& id, Gone how) {
  if (engine_sid_of_.erase(id) > 0)
    carryOut(app_.onGone(now(), id, how));
}

void SignalingServer::carryOut(const SignalingApp::Outcome& outcome) {
  for (const auto& emit : outcome.emits)
    if (const auto found = engine_sid_of_.find(emit.to); found != engine_sid_of_.end())
      send(found->second, encodeSocketEvent("/", std::nullopt, emit.event, {emit.argument}));
  for (const auto& close : outcome.closes)
    if (const auto found = engine_sid_of_.find(close.connection); found != engine_sid_of_.end()) {
      const std::string sid = found->second;
      depart(close.connection, Gone::kClosed);
      engine_->close(sid, close.why);
    }
  schedule();
}

void SignalingServer::send(const std::string& sid, std::string text) {
  engine_->send(sid, {EnginePacketType::kMessage, std::move(text)});
}

void SignalingServer::schedule() {
  const Instant due = app_.deadline();
  if (due == due_)
    return;
  due_ = due;
  timer_.cancel();
  if (due == Instant::max())
    return;
  timer_ = loop_.at(due, [this] {
    due_ = Instant::max();
    carryOut(app_.onTime(now()));
  });
}

Result<std::unique_ptr<SignalingServer>> SignalingServer::start(Loop& loop,
                                                                SignalingServerOptions options) {
  std::unique_ptr<SignalingServer> server(new SignalingServer(loop, std::move(options)));
  if (auto listening = server->listen(); !listening)
    return listening.error();
  return server;
}

}  // namespace turnout
