#include "orchestrator/live/live_server.h"

#include "orchestrator/live/live_page.h"
#include "pipelines/base/signal.h"

#include <list>

#include <libsoup/soup.h>

namespace turnout {
namespace {

constexpr std::size_t kMostWatchers = 32;
constexpr auto kLastWord = 1s;

// One browser that reads /events.
struct Watcher {
  Ref<SoupServerMessage> message;
  SignalConnection on_finished;

  void send(const std::string& json) const { write("data: " + json + "\n\n"); }
  void sendLast(const std::string& json) const {
    write("event: over\ndata: " + json + "\n\n");
    soup_message_body_complete(body());
    soup_server_message_unpause(message.get());
  }

 private:
  SoupMessageBody* body() const { return soup_server_message_get_response_body(message.get()); }
  void write(const std::string& text) const {
    soup_message_body_append(body(), SOUP_MEMORY_COPY, text.data(), text.size());
    soup_server_message_unpause(message.get());
  }
};

void answer(SoupServerMessage* message, unsigned status, const char* type,
            const std::string& body) {
  soup_server_message_set_status(message, status, nullptr);
  soup_server_message_set_response(message, type, SOUP_MEMORY_COPY, body.data(), body.size());
}

bool namesThisMachine(SoupServerMessage* message) {
  const char* text = g_uri_get_host(soup_server_message_get_uri(message));
  const std::string host = text ? text : "";
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

class SoupLiveServer : public LiveServer {
 public:
  SoupLiveServer(Loop& loop, LiveRun& run) : loop_(loop), run_(run) {}
  ~SoupLiveServer() override;

  Result<Done> start(const LiveAddress& address);
  std::string url() const override;
  void finish() override;

 private:
  void onRequest(SoupServerMessage* message, std::string_view path);
  void watch(SoupServerMessage* message);
  void forget(SoupServerMessage* message);
  void tellAll();

  Loop& loop_;
  LiveRun& run_;
  Ref<SoupServer> server_;
  bool is_loopback_ = true;
  std::list<Watcher> watchers_;
  Timer tick_;
};

SoupLiveServer::~SoupLiveServer() {
  watchers_.clear();
  if (server_)
    soup_server_disconnect(server_.get());
}

Result<Done> SoupLiveServer::start(const LiveAddress& address) {
  const Ref<GInetAddress> ip =
      Ref<GInetAddress>::adopt(g_inet_address_new_from_string(address.address.c_str()));
  if (!ip)
    return Error{ErrorCode::kUsage, "--serve: \"" + address.address + "\" is no IP address"};
  is_loopback_ = g_inet_address_get_is_loopback(ip.get()) != FALSE;
  const auto socket_address = Ref<GSocketAddress>::adopt(
      g_inet_socket_address_new(ip.get(), static_cast<guint16>(address.port)));
  server_ = Ref<SoupServer>::adopt(soup_server_new("server-header", "turnout ", nullptr));
  soup_server_add_handler(
      server_.get(), nullptr,
      [](SoupServer*, SoupServerMessage* message, const char* path, GHashTable*, gpointer self) {
        static_cast<SoupLiveServer*>(self)->onRequest(message, path ? path : "");
      },
      this, nullptr);
  // libsoup takes the thread's default context, which is the loop's while it listens.
  g_main_context_push_thread_default(loop_.context());
  Owned<GError> error;
  const bool listens = soup_server_listen(server_.get(), socket_address.get(),
                                          static_cast<SoupServerListenOptions>(0), error.out());
  g_main_context_pop_thread_default(loop_.context());
  if (!listens)
    return Error{ErrorCode::kEnvironment, "--serve: " + std::string(error->message)};
  tick_ = loop_.every(1s, [this] { tellAll(); });
  return Done{};
}

std::string SoupLiveServer::url() const {
  GSList* uris = soup_server_get_uris(server_.get());
  const Owned<char> text(g_uri_to_string(static_cast<GUri*>(uris->data)));
  g_slist_free_full(uris, [](gpointer uri) { g_uri_unref(static_cast<GUri*>(uri)); });
  return text.get();
}

void SoupLiveServer::onRequest(SoupServerMessage* message, std::string_view path) {
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  soup_message_headers_replace(headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace(headers, "Cache-Control", "no-store");
  if (is_loopback_ && !namesThisMachine(message))
    return answer(message, 421, "text/plain", "this page is of this machine alone\n");
  const std::string_view method = soup_server_message_get_method(message);
  if (method != "GET" && method != "HEAD")
    return answer(message, 405, "text/plain", "only GET\n");
  if (path == "/")
    answer(message, 200, "text/html; charset=utf-8", livePage());
  else if (path == "/metrics")
    answer(message, 200, "text/plain; version=0.0.4; charset=utf-8", run_.metrics());
  else if (path == "/events" && method == "GET")
    watch(message);
  else
    answer(message, 404, "text/plain", "not found\n");
}

void SoupLiveServer::watch(SoupServerMessage* message) {
  if (watchers_.size() >= kMostWatchers)
    return answer(message, 503, "text/plain", "too many watch already\n");
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  soup_server_message_set_status(message, 200, nullptr);
  soup_message_headers_set_content_type(headers, "text/event-stream", nullptr);
  soup_message_headers_set_encoding(headers, SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate(soup_server_message_get_response_body(message), FALSE);
  watchers_.push_back({Ref<SoupServerMessage>::share(message),
                       connect<void(SoupServerMessage*)>(message, "finished",
                                                         [this](auto* gone) { forget(gone); })});
  watchers_.back().send(run_.pageJson());
}

void SoupLiveServer::forget(SoupServerMessage* message) {
  loop_.post([this, message] {  // not from within its own signal
    watchers_.remove_if([&](const Watcher& watcher) { return watcher.message.get() == message; });
  });
}

void SoupLiveServer::tellAll() {
  if (watchers_.empty())
    return;
  const std::string& json = run_.pageJson();
  for (const Watcher& watcher : watchers_)
    watcher.send(json);
}

void SoupLiveServer::finish() {
  tick_.cancel();
  run_.finish();
  for (const Watcher& watcher : watchers_)
    watcher.sendLast(run_.pageJson());
  loop_.runUntil([this] { return watchers_.empty(); }, kLastWord);
}

}  // namespace

Result<LiveAddress> liveAddressFrom(const std::string& text) {
  const Error bad{ErrorCode::kUsage, "--serve wants [ADDRESS]:PORT, got \"" + text + "\""};
  LiveAddress live;
  const std::size_t colon = text.rfind(':');
  std::string address = colon == std::string::npos ? "" : text.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  if (!address.empty())
    live.address = address;
  guint64 port = 0;
  const std::string digits = colon == std::string::npos ? text : text.substr(colon + 1);
  if (!g_ascii_string_to_unsigned(digits.c_str(), 10, 0, 65535, &port, nullptr))
    return bad;
  live.port = static_cast<int>(port);
  return live;
}

Result<std::unique_ptr<LiveServer>> LiveServer::listen(Loop& loop, LiveRun& run,
                                                       const LiveAddress& address) {
  auto server = std::make_unique<SoupLiveServer>(loop, run);
  if (const auto started = server->start(address); !started)
    return started.error();
  return std::unique_ptr<LiveServer>(std::move(server));
}

}  // namespace turnout
