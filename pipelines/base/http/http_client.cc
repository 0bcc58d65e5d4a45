#include "pipelines/base/http/http_client.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/http/soup_call.h"
#include "pipelines/base/http/web_socket.h"
#include "pipelines/base/signal.h"

#include <algorithm>
#include <cstdio>

#include <libsoup/soup.h>

namespace turnout {
namespace {

constexpr gsize kChunk = 16 * 1024;

// Retry-After: seconds; the form with a date is left unread.
std::optional<std::chrono::seconds> retryAfter(SoupMessage* message) {
  const char* text =
      soup_message_headers_get_one(soup_message_get_response_headers(message), "Retry-After");
  guint64 seconds = 0;
  if (!text || !g_ascii_string_to_unsigned(text, 10, 0, 86'400, &seconds, nullptr))
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::string locationOf(SoupMessage* message) {
  const char* text =
      soup_message_headers_get_one(soup_message_get_response_headers(message), "Location");
  const std::string location = text ? text : "";
  return location.substr(0, location.find_first_of("?#"));
}

std::vector<Secret> cookiesOf(SoupMessage* message) {
  std::vector<Secret> cookies;
  SoupMessageHeadersIter all;
  const char *name = nullptr, *value = nullptr;
  soup_message_headers_iter_init(&all, soup_message_get_response_headers(message));
  while (soup_message_headers_iter_next(&all, &name, &value))
    if (g_ascii_strcasecmp(name, "Set-Cookie") == 0)
      cookies.emplace_back(std::string(value).substr(0, std::string_view(value).find(';')));
  return cookies;
}

HttpFailure failureOf(const GError& error) {
  if (error.domain == G_TLS_ERROR)
    return {HttpFailure::Kind::kUntrusted, std::string("no TLS with it: ") + error.message};
  const bool hung_up = g_error_matches(&error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) ||
                       g_error_matches(&error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  if (error.domain == SOUP_SESSION_ERROR || hung_up)
    return {HttpFailure::Kind::kNotHttp, error.message};
  return {HttpFailure::Kind::kUnreachable, error.message};
}

}  // namespace

class HttpClient::Session {
 public:
  Session(Loop& loop, const Options& options) : loop_(loop), options_(options) {
    const OnLoopContext on_loop(loop_);
    // No time-out of libsoup's: a long poll may rightly wait.
    soup_ = Ref<SoupSession>::adopt(soup_session_new_with_options(
        "timeout", 0u, "max-conns-per-host", 6, "user-agent", "turnout ", nullptr));
    soup_session_remove_feature_by_type(soup_.get(), SOUP_TYPE_CONTENT_DECODER);
    if (options_.goes_direct)
      g_object_set(soup_.get(), "proxy-resolver", nullptr, nullptr);
    if (!options_.tls.ca_file.empty())
      if (const auto authorities = tlsAuthorities(options_.tls.ca_file))
        soup_session_set_tls_database(soup_.get(), authorities.get());
  }
  ~Session() { soup_session_abort(soup_.get()); }

  Loop& loop() { return loop_; }
  const Options& options() const { return options_; }
  SoupSession* soup() { return soup_.get(); }

 private:
  Loop& loop_;
  const Options options_;
  Ref<SoupSession> soup_;
};

namespace {

// Callbacks of GIO may come after the exchange is gone: they hold a weak_ptr to `alive_`.
class Exchange final : public HttpClient::Pending {
 public:
  Exchange(Loop& loop, SoupSession* session, const HttpClient::Options& options,
           std::function<void(const HttpClient::Answer&)> on_answer)
      : loop_(loop),
        session_(session),
        options_(options),
        on_answer_(std::move(on_answer)),
        cancel_(Ref<GCancellable>::adopt(g_cancellable_new())) {}
  ~Exchange() override { g_cancellable_cancel(cancel_.get()); }

  void start(const HttpRequest& request) {
    message_ = Ref<SoupMessage>::adopt(
        soup_message_new(request.method.c_str(), request.url.reveal().c_str()));
    if (!message_)
      return failLater({HttpFailure::Kind::kUnreachable, "its URL cannot be used"});
    soup_message_add_flags(message_.get(), SOUP_MESSAGE_NO_REDIRECT);
    SoupMessageHeaders* headers = soup_message_get_request_headers(message_.get());
    if (options_.accept)
      soup_message_headers_replace(headers, "Accept", options_.accept);
    for (const HttpHeader& header : request.headers)
      soup_message_headers_append(headers, header.name.c_str(), header.value.reveal().c_str());
    if (!request.content_type.empty()) {
      const std::string& body = request.body.reveal();
      const auto bytes = Ref<GBytes>::adopt(g_bytes_new(body.data(), body.size()));
      soup_message_set_request_body_from_bytes(message_.get(), request.content_type.c_str(),
                                               bytes.get());
    }
    if (!options_.tls.verifies)
      any_certificate_ = connect<gboolean(SoupMessage*, GTlsCertificate*, GTlsCertificateFlags)>(
          message_.get(), "accept-certificate",
          [](SoupMessage*, GTlsCertificate*, GTlsCertificateFlags) -> gboolean { return TRUE; });
    if (options_.timeout != Duration::max())
      overdue_ = loop_.after(options_.timeout, [this] { onOverdue(); });
    const OnLoopContext on_loop(loop_);
    soup_session_send_async(session_, message_.get(), G_PRIORITY_DEFAULT, cancel_.get(), callReady,
                            asCallData(whileAlive([this](GAsyncResult* r) { onHeaders(r); })));
  }

 private:
  template <class F>
  OnReady whileAlive(F then) {
    return [alive = std::weak_ptr<bool>(alive_), then](GObject*, GAsyncResult* result) {
      if (!alive.expired())
        then(result);
    };
  }

  void onHeaders(GAsyncResult* result) {
    Owned<GError> error;
    stream_ = Ref<GInputStream>::adopt(soup_session_send_finish(session_, result, error.out()));
    if (!stream_)
      return finish(failureOf(*error.get()));
    response_.status = soup_message_get_status(message_.get());
    response_.retry_after = retryAfter(message_.get());
    response_.location = locationOf(message_.get());
    response_.cookies = cookiesOf(message_.get());
    read();
  }

  void read() {
    const OnLoopContext on_loop(loop_);
    g_input_stream_read_bytes_async(
        stream_.get(), kChunk, G_PRIORITY_DEFAULT, cancel_.get(), callReady,
        asCallData(whileAlive([this](GAsyncResult* result) { onBytes(result); })));
  }

  void onBytes(GAsyncResult* result) {
    Owned<GError> error;
    const auto bytes =
        Ref<GBytes>::adopt(g_input_stream_read_bytes_finish(stream_.get(), result, error.out()));
    if (!bytes)
      return finish(failureOf(*error.get()));
    gsize size = 0;
    const auto* data = static_cast<const char*>(g_bytes_get_data(bytes.get(), &size));
    if (size == 0)
      return finish(response_);
    response_.body.append(data, size);
    if (response_.body.size() > options_.largest_body)
      return finish(HttpFailure{
          HttpFailure::Kind::kTooLarge,
          "its answer is over " + std::to_string(options_.largest_body / 1024) + " KiB"});
    read();
  }

  void onOverdue() {
    char text[64];
    std::snprintf(text, sizeof text, "no answer within %.0f ms", toMs(options_.timeout));
    finish(HttpFailure{HttpFailure::Kind::kTimeout, text});
  }

  void failLater(HttpFailure failure) {
    overdue_ =
        loop_.after(Duration::zero(), [this, failure = std::move(failure)] { finish(failure); });
  }

  void finish(const HttpClient::Answer& answer) {
    alive_.reset();
    g_cancellable_cancel(cancel_.get());
    const auto on_answer = std::move(on_answer_);
    const HttpClient::Answer kept = answer;  // ours may be destroyed by the handler
    const Timer overdue = std::move(overdue_);
    on_answer(kept);
  }

  Loop& loop_;
  SoupSession* const session_;
  const HttpClient::Options options_;
  std::function<void(const HttpClient::Answer&)> on_answer_;
  const Ref<GCancellable> cancel_;
  Ref<SoupMessage> message_;
  SignalConnection any_certificate_;
  Ref<GInputStream> stream_;
  HttpResponse response_;
  Timer overdue_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

HttpClient::HttpClient(Loop& loop, const Options& options)
    : session_(std::make_unique<Session>(loop, options)) {}

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Pending> HttpClient::send(
    const HttpRequest& request, std::function<void(const Answer&)> on_answer) {
  auto exchange = std::make_unique<Exchange>(session_->loop(), session_->soup(),
                                             session_->options(), std::move(on_answer));
  exchange->start(request);
  return exchange;
}

}  // namespace turnout
