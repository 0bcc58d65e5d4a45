// The seat of a bot in an app that a dialect describes: a DialectSession over an AppWire, behind the
// HTTP requests that come before it.
#include "bots/signaling/client/app_wire.h"
#include "bots/signaling/client/signaling_client.h"
#include "bots/signaling/wire/engine_io.h"
#include "pipelines/base/http/http_client.h"
#include "pipelines/base/log.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace turnout {
namespace {

constexpr Duration kPrologueWithin = 10s;
constexpr std::size_t kLargestAnswer = 1 << 20;
constexpr std::size_t kMostKindsMisheard = 4;

std::string escaped(const std::string& text) {
  return Owned<char>(g_uri_escape_string(text.c_str(), nullptr, FALSE)).get();
}

std::string plainText(const JsonValue& value) {
  return value.asString().value_or(value.text());
}

class DialectClient final : public SignalingClient {
 public:
  DialectClient(Loop& loop, const Server& server, std::shared_ptr<const Dialect> dialect,
                DialectSession::Identity identity, OnEvent on_event, OnPassed on_passed)
      : loop_(loop),
        server_(server),
        dialect_(std::move(dialect)),
        session_(dialect_, std::move(identity)),
        on_event_(std::move(on_event)),
        on_passed_(std::move(on_passed)) {
    begin_ = loop_.after(0ms, [this] { proceed(); });
  }

  void registerUser(const std::string&, const std::string&, const std::string& key) override {
    session_.comeWith(key);
    ask(SignalRequest::kRegister, "");
  }
  void joinRoom(const std::string& room, const std::string&) override {
    ask(SignalRequest::kJoin, room);
  }
  void callUser(const std::string& user) override { ask(SignalRequest::kCall, user); }
  void answerCall(const std::string& call) override { ask(SignalRequest::kAnswer, call); }
  void hangUp(const std::string& call) override { ask(SignalRequest::kHangUp, call); }
  void findPartner(const std::string& pool) override { ask(SignalRequest::kFindPartner, pool); }
  void nextPartner(const std::string& pool) override { ask(SignalRequest::kNextPartner, pool); }
  void leave() override { ask(SignalRequest::kLeave, ""); }
  void sayGoodbye() override {
    if (wire_)
      wire_->sayGoodbye();
    else
      end("closed by us");
  }

  void sendDescription(const std::string& to, int connection, const std::string& type,
                       const std::string& sdp) override {
    session_.describe(now(), to, connection, type, sdp);
    settle();
  }
  void sendCandidate(const std::string& to, int connection, unsigned mline,
                     const std::string& candidate, const std::string& mid) override {
    session_.sendCandidate(now(), to, connection, mline, mid, candidate);
    settle();
  }
  void sendPing(const std::string& to, std::int64_t number, int padding_bytes) override {
    session_.sendPing(now(), to, false, number,
                      std::string(static_cast<std::size_t>(padding_bytes), '.'));
    settle();
  }
  void answerPing(const std::string& to, std::int64_t number) override {
    session_.sendPing(now(), to, true, number, "");
    settle();
  }
  void setPaused(bool is_paused) override {
    is_paused_ = is_paused;
    for (AppWire* wire : {wire_.get(), beside_.get()})
      if (wire)
        wire->setPaused(is_paused);
  }
  void closeSocket() override {
    if (wire_)
      wire_->closeSocket();
    else
      end("closed by us");
  }
  std::vector<std::string> stuck() const override { return session_.stuck(); }
  std::vector<std::string> misheard() const override {
    std::vector<std::string> all;
    for (const auto& [words, times] : misheard_)
      all.push_back(std::to_string(times) + " x " + words);
    return all;
  }
  void resetSocket() override {
    begin_.cancel();
    prologue_.reset();
    for (AppWire* wire : {wire_.get(), beside_.get()})
      if (wire)
        wire->resetSocket();
  }

 private:
  void ask(SignalRequest request, const std::string& text) {
    session_.request(now(), request, text);
    settle();
  }

  void proceed();
  void ask(const DialectPrologue& prologue);
  void onAnswer(const DialectPrologue& prologue, const HttpClient::Answer& answer);
  void connect();
  void connectBeside();
  std::optional<AppWire::Address> address(const ServerUrl& server,
                                          const DialectTransport& transport);
  void onBeside(AppWire::Event event);
  std::optional<std::vector<HttpHeader>> headers(const JsonValue& templates);
  std::optional<std::string> query(const JsonValue& templates, const char* separator);
  template <class Words>
  void pass(Instant at, Passed::Kind kind, Words&& words);
  void tellMisheard(Instant at);
  void tellPassed(const AppWire::Event& event);
  void onWire(AppWire::Event event);
  void end(const std::string& why);
  void settle();
  void send();
  void deliver();

  Loop& loop_;
  const Server server_;
  const std::shared_ptr<const Dialect> dialect_;
  DialectSession session_;
  const OnEvent on_event_;
  const OnPassed on_passed_;
  std::size_t asked_before_ = 0;  // requests of the prologue
  std::optional<HttpClient> http_;
  std::unique_ptr<HttpClient::Pending> prologue_;
  std::vector<Secret> cookies_;
  std::unique_ptr<AppWire> wire_, beside_;
  bool is_in_ = false;          // the first connection is there
  bool was_beside_in_ = false;  // and the second one was
  bool is_paused_ = false;
  std::deque<SignalEvent> events_;  // to be told
  std::vector<std::pair<std::string, int>> misheard_;
  Timer begin_, tell_, due_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// The next request before the socket, or the socket.
void DialectClient::proceed() {
  if (asked_before_ < dialect_->transport.before.size())
    ask(dialect_->transport.before[asked_before_++]);
  else
    connect();
}

void DialectClient::ask(const DialectPrologue& prologue) {
  const auto server = serverUrl(server_.url);
  const auto path = session_.text(prologue.path);
  auto sent_headers = headers(prologue.headers);
  auto json = prologue.json.isPresent() ? session_.json(prologue.json) : std::string();
  auto form = prologue.form.isPresent() ? query(prologue.form, "&") : std::string();
  if (!server || !path || !sent_headers || !json || !form)
    return end("a request before the socket needs a value that nothing has given");
  std::string cookies;
  for (const Secret& cookie : cookies_)
    cookies += (cookies.empty() ? "" : "; ") + cookie.reveal();
  if (!cookies.empty())
    sent_headers->push_back({"Cookie", Secret(std::move(cookies))});
  if (!http_)
    http_.emplace(loop_, HttpClient::Options{.timeout = kPrologueWithin,
                                             .largest_body = kLargestAnswer,
                                             .accept = nullptr,
                                             .goes_direct = true,
                                             .tls = server_.tls});
  const bool is_form = prologue.form.isPresent();
  prologue_ = http_->send(
      {.method = prologue.method,
       .url = Secret(server->origin + (path->starts_with("/") ? "" : "/") + *path),
       .headers = *std::move(sent_headers),
       .content_type = is_form                     ? "application/x-www-form-urlencoded"
                       : prologue.json.isPresent() ? "application/json"
                                                   : "",
       .body = Secret(is_form ? *std::move(form) : *std::move(json))},
      [this, &prologue](const HttpClient::Answer& answer) { onAnswer(prologue, answer); });
}

void DialectClient::onAnswer(const DialectPrologue& prologue, const HttpClient::Answer& answer) {
  const std::string name = prologue.method + " " + prologue.path;
  pass(now(), Passed::Kind::kHeard, [&] {
    const auto* response = std::get_if<HttpResponse>(&answer);
    return "(" + name + ") " +
           (response ? "HTTP " + std::to_string(response->status) + " " + response->body
                     : std::get<HttpFailure>(answer).what);
  });
  if (const auto* failure = std::get_if<HttpFailure>(&answer))
    return end(name + ": " + failure->what);
  const auto& response = std::get<HttpResponse>(answer);
  if (response.status >= 400)
    return end(name + ": HTTP " + std::to_string(response.status) + " " +
               response.body.substr(0, 120));
  cookies_.insert(cookies_.end(), response.cookies.begin(), response.cookies.end());
  auto body = JsonValue::parse(response.body);
  if (!body)
    body = JsonValue::parse(JsonWriter().string(response.body).text());
  if (body)
    session_.take(prologue.take, *body);
  proceed();
}

std::optional<std::vector<HttpHeader>> DialectClient::headers(const JsonValue& templates) {
  std::vector<HttpHeader> headers;
  for (const auto& [name, value] : templates.members()) {
    auto text = session_.text(plainText(value));
    if (!text)
      return std::nullopt;
    std::erase_if(*text, [](char c) { return c == '\r' || c == '\n'; });
    headers.push_back({name, Secret(*std::move(text))});
  }
  return headers;
}

std::optional<std::string> DialectClient::query(const JsonValue& templates, const char* separator) {
  std::string query;
  for (const auto& [name, value] : templates.members()) {
    const auto text = value.isString() ? session_.text(plainText(value)) : session_.json(value);
    if (!text)
      return std::nullopt;
    query += (query.empty() ? "" : separator) + escaped(name) + "=" + escaped(*text);
  }
  return query;
}

// The URL that was given says what the dialect leaves open: on a plain WebSocket its path, on Socket.IO
// the namespace, as the official client reads it.
std::optional<AppWire::Address> DialectClient::address(const ServerUrl& server,
                                                       const DialectTransport& transport) {
  const bool is_socket_io = transport.kind == DialectTransport::Kind::kSocketIo;
  const auto path = session_.text(transport.path), nsp = session_.text(transport.nsp);
  auto more = query(transport.query, "&");
  auto sent_headers = headers(transport.headers);
  const auto auth =
      transport.auth.isPresent() ? session_.json(transport.auth) : std::optional(std::string());
  if (!path || !nsp || !more || !sent_headers || !auth)
    return std::nullopt;
  const bool has_path = !server.path.empty() && server.path != "/";
  AppWire::Address address{.origin = server.origin,
                           .path = *path,
                           .query = server.query,
                           .headers = *std::move(sent_headers),
                           .cookies = cookies_,
                           .nsp = *nsp,
                           .auth = *auth,
                           .start = server_.start.value_or(transport.start),
                           .tls = server_.tls};
  if (is_socket_io) {
    if (address.nsp.empty())
      address.nsp = has_path ? server.path : "/";
    if (address.path.empty())
      address.path = "/socket.io/";
  } else if (has_path) {
    address.path = server.path;
  }
  if (!address.path.starts_with("/"))
    address.path.insert(0, "/");
  if (!more->empty())
    address.query += (address.query.empty() ? "" : "&") + *more;
  return address;
}

void DialectClient::connect() {
  prologue_.reset();
  http_.reset();
  const auto server = serverUrl(server_.url);
  if (!server)
    return end("signaling URL: " + server.error().what);
  auto where = address(*server, dialect_->transport);
  if (!where)
    return end("the handshake needs a value that nothing has given");
  wire_ = AppWire::open(loop_, dialect_->transport, *std::move(where),
                        [this](AppWire::Event event) { onWire(std::move(event)); });
  if (is_paused_)
    wire_->setPaused(true);
}

// As soon as all that its address needs is known.
void DialectClient::connectBeside() {
  if (!dialect_->beside || beside_ || !is_in_)
    return;
  const auto url = session_.text(dialect_->beside->url);
  if (!url)
    return;
  const auto server = serverUrl(url->empty() ? server_.url : *url);
  if (!server) {
    is_in_ = false;
    wire_.reset();
    return end("the second connection: URL: " + server.error().what);
  }
  auto where = address(*server, *dialect_->beside);
  if (!where)
    return;
  beside_ = AppWire::open(loop_, *dialect_->beside, *std::move(where),
                          [this](AppWire::Event event) { onBeside(std::move(event)); });
  if (is_paused_)
    beside_->setPaused(true);
}

void DialectClient::onBeside(AppWire::Event event) {
  const Instant at = event.at;
  tellPassed(event);
  std::optional<std::string> never_came;
  const auto gone = [&](const std::string& why) {
    session_.onBesideGone(at, why);
    if (!was_beside_in_)
      never_came = "the second connection: " + why;
  };
  std::visit(Overloaded{[&](AppWire::Connected&) {
                          was_beside_in_ = true;
                          session_.onBesideConnected(at);
                        },
                        [&](AppWire::TurnedAway& away) { gone(away.message); },
                        [&](DialectSession::Heard& heard) {
                          heard.is_beside = true;
                          session_.onHeard(at, heard);
                        },
                        [&](AppWire::Acknowledged& answer) {
                          session_.onAcknowledged(at, answer.ack, answer.arguments);
                        },
                        [&](AppWire::Gone& it) { gone(it.why); }},
             event.body);
  tellMisheard(at);
  if (never_came) {  // nothing comes of a page that has only one of the two
    wire_.reset();
    session_.onGone(at, *never_came);
  }
  send();
  for (auto& body : session_.takeEvents())
    events_.push_back({at, std::move(body)});
  deliver();
}

// In words, for who looks on; nothing is put together for nobody.
template <class Words>
void DialectClient::pass(Instant at, Passed::Kind kind, Words&& words) {
  if (on_passed_)
    on_passed_({at, kind, words()});
}

void DialectClient::tellMisheard(Instant at) {
  for (const DialectSession::Misheard& one : session_.takeMisheard()) {
    std::string words = inWords(one);
    pass(at, Passed::Kind::kMisheard, [&] { return words; });
    const auto known = std::ranges::find(misheard_, words, &std::pair<std::string, int>::first);
    if (known != misheard_.end())
      ++known->second;
    else if (misheard_.size() < kMostKindsMisheard)
      misheard_.emplace_back(std::move(words), 1);
  }
}

void DialectClient::tellPassed(const AppWire::Event& event) {
  const auto listed = [](std::string text, const std::vector<JsonValue>& arguments) {
    for (const JsonValue& argument : arguments)
      text += (text.empty() ? "" : " ") + argument.text();
    return text;
  };
  pass(event.at, Passed::Kind::kHeard, [&] {
    return std::visit(
        Overloaded{
            [](const AppWire::Connected&) { return std::string("(connected)"); },
            [](const AppWire::TurnedAway& away) { return "(turned away) " + away.message; },
            [&](const DialectSession::Heard& heard) {
              return listed(heard.event, heard.arguments);
            },
            [&](const AppWire::Acknowledged& answer) { return listed("(ack)", answer.arguments); },
            [](const AppWire::Gone& gone) { return "(gone) " + gone.why; }},
        event.body);
  });
}

void DialectClient::onWire(AppWire::Event event) {
  const Instant at = event.at;
  tellPassed(event);
  std::visit(Overloaded{[&](AppWire::Connected& in) {
                          is_in_ = true;
                          session_.onConnected(at, in.id);
                        },
                        [&](AppWire::TurnedAway& away) { session_.onTurnedAway(at, away.message); },
                        [&](DialectSession::Heard& heard) { session_.onHeard(at, heard); },
                        [&](AppWire::Acknowledged& answer) {
                          session_.onAcknowledged(at, answer.ack, answer.arguments);
                        },
                        [&](AppWire::Gone& gone) { session_.onGone(at, gone.why); }},
             event.body);
  tellMisheard(at);
  send();
  for (auto& body : session_.takeEvents())
    events_.push_back({at, std::move(body)});
  deliver();
}

void DialectClient::end(const std::string& why) {
  session_.onGone(now(), why);
  settle();
}

// After what we were asked: its answers come from the loop, never from within the question.
void DialectClient::settle() {
  send();
  for (auto& body : session_.takeEvents())
    events_.push_back({now(), std::move(body)});
  if (!events_.empty())
    tell_ = loop_.after(0ms, [this] { deliver(); });
}

void DialectClient::send() {
  for (const DialectSession::Emit& emit : session_.takeEmits()) {
    pass(now(), Passed::Kind::kSent, [&] {
      std::string text = emit.event;
      for (const std::string& argument : emit.arguments)
        text += (text.empty() ? "" : " ") + argument;
      return text;
    });
    if (AppWire* wire = emit.is_beside ? beside_.get() : wire_.get())
      wire->send(emit);
  }
  connectBeside();
  due_.cancel();
  if (const auto due = session_.due())
    due_ = loop_.at(*due, [this] {
      session_.onTime(now());
      settle();
    });
}

// The receiver may destroy us.
void DialectClient::deliver() {
  const std::weak_ptr<bool> alive = alive_;
  const OnEvent on_event = on_event_;
  while (!events_.empty()) {
    SignalEvent event = std::move(events_.front());
    events_.pop_front();
    on_event(std::move(event));
    if (alive.expired())
      return;
  }
}

}  // namespace

std::unique_ptr<SignalingClient> SignalingClient::connect(Loop& loop, const Server& server,
                                                          std::shared_ptr<const Dialect> dialect,
                                                          DialectSession::Identity identity,
                                                          OnEvent on_event, OnPassed on_passed) {
  return std::make_unique<DialectClient>(loop, server, std::move(dialect), std::move(identity),
                                         std::move(on_event), std::move(on_passed));
}

}  // namespace turnout
