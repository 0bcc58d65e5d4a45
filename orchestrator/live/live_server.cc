#include "orchestrator/live/live_server.h"

#include "orchestrator/report/writers.h"

#include <algorithm>

#include <sys/socket.h>

namespace turnout {

std::span<const EmbeddedFile> livePageFiles();  // page/CMakeLists.txt

namespace {

// One HTML file, which reads /events. docs/REPORTS.md.
const std::string& livePage() {
  static const std::string page =
      htmlPage({.files = livePageFiles(), .policy = "; connect-src 'self'"});
  return page;
}

constexpr std::size_t kMostWatchers = 32;
constexpr std::size_t kMostUnread = 4 << 20;  // bytes
constexpr auto kLastWord = 1s;

SoupMessageBody* bodyFor(const Ref<SoupServerMessage>& message) {
  return soup_server_message_get_response_body(message.get());
}

}  // namespace

void LiveServer::Watcher::write(const std::string& text) {
  unread += text.size();
  soup_message_body_append(bodyFor(message), SOUP_MEMORY_COPY, text.data(), text.size());
  soup_server_message_unpause(message.get());
}

void LiveServer::Watcher::sendLast(const std::string& json) {
  write("event: over\ndata: " + json + "\n\n");
  soup_message_body_complete(bodyFor(message));
  soup_server_message_unpause(message.get());
}

LiveServer::LiveServer(Loop& loop, LiveRun& run) : loop_(loop), run_(run), http_(loop) {
  http_.onRequest(nullptr, [this](SoupServerMessage* message) { onRequest(message); });
}

LiveServer::~LiveServer() {
  watchers_.clear();
}

Result<std::unique_ptr<LiveServer>> LiveServer::listen(Loop& loop, LiveRun& run,
                                                       const LiveAddress& address) {
  std::unique_ptr<LiveServer> server(new LiveServer(loop, run));
  if (const auto listening = server->http_.listen(address.address, address.port); !listening)
    return Error{listening.error().code, "--serve: " + listening.error().what};
  server->tick_ = loop.every(1s, [live = server.get()] { live->notifyAll(); });
  return server;
}

void LiveServer::onRequest(SoupServerMessage* message) {
  setHeader(message, "X-Content-Type-Options", "nosniff");
  setHeader(message, "Cache-Control", "no-store");
  if (http_.isLoopback() && !namesThisMachine(message))
    return answerRequest(message, 421, "text/plain", "this page is of this machine alone\n");
  const std::string_view method = soup_server_message_get_method(message);
  if (method != "GET" && method != "HEAD")
    return answerRequest(message, 405, "text/plain", "only GET\n");
  const std::string_view path = g_uri_get_path(soup_server_message_get_uri(message));
  if (path == "/")
    answerRequest(message, 200, "text/html; charset=utf-8", livePage());
  else if (path == "/metrics")
    answerRequest(message, 200, "text/plain; version=0.0.4; charset=utf-8", run_.metrics());
  else if (path == "/events" && method == "GET")
    watch(message);
  else
    answerRequest(message, 404, "text/plain", "not found\n");
}

void LiveServer::watch(SoupServerMessage* message) {
  if (watchers_.size() >= kMostWatchers)
    return answerRequest(message, 503, "text/plain", "too many watch already\n");
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  soup_server_message_set_status(message, 200, nullptr);
  soup_message_headers_set_content_type(headers, "text/event-stream", nullptr);
  soup_message_headers_set_encoding(headers, SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate(soup_server_message_get_response_body(message), FALSE);
  Watcher& watcher = watchers_.emplace_back();
  watcher.message = Ref<SoupServerMessage>::share(message);
  watcher.on_finished =
      connect<void(SoupServerMessage*)>(message, "finished", [this](auto* gone) { forget(gone); });
  watcher.on_written = connect<void(SoupServerMessage*, guint)>(
      message, "wrote-body-data", [&watcher](auto*, guint bytes) {
        watcher.unread -= std::min<std::size_t>(bytes, watcher.unread);
      });
  watcher.send(run_.pageJson());
}

void LiveServer::forget(SoupServerMessage* message) {
  loop_.post([this, message] {  // not from within its own signal
    watchers_.remove_if([&](const Watcher& watcher) { return watcher.message.get() == message; });
  });
}

void LiveServer::notifyAll() {
  if (watchers_.empty())
    return;
  const std::string& json = run_.pageJson();
  for (Watcher& watcher : watchers_)
    if (watcher.unread <= kMostUnread)
      watcher.send(json);
    else if (GSocket* socket = socketOf(watcher.message.get()))
      ::shutdown(g_socket_get_fd(socket), SHUT_RDWR);  // it does not read; libsoup ends it
}

void LiveServer::finish() {
  tick_.cancel();
  run_.finish();
  for (Watcher& watcher : watchers_)
    watcher.sendLast(run_.pageJson());
  loop_.runUntil([this] { return watchers_.empty(); }, kLastWord);
}

Result<LiveAddress> liveAddressFrom(const std::string& text) {
  const Error bad{ErrorCode::kUsage,
                  "--serve wants [ADDRESS]:PORT with an IPv4 or IPv6 address of this machine, e.g. "
                  ":9900 or 0.0.0.0:9900; got \"" +
                      text + "\""};
  LiveAddress live;
  const std::size_t colon = text.rfind(':');
  std::string address = colon == std::string::npos ? "" : text.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  if (!address.empty() && !g_hostname_is_ip_address(address.c_str()))
    return bad;
  if (!address.empty())
    live.address = address;
  guint64 port = 0;
  const std::string digits = colon == std::string::npos ? text : text.substr(colon + 1);
  if (!g_ascii_string_to_unsigned(digits.c_str(), 10, 0, 65535, &port, nullptr))
    return bad;
  live.port = static_cast<int>(port);
  return live;
}

}  // namespace turnout
