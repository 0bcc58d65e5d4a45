#include "pipelines/base/http/held_poll.h"

#include "pipelines/base/http/acceptor.h"

#include <sys/socket.h>

namespace turnout {

HeldPoll::HeldPoll(Loop& loop, SoupServerMessage* message, std::function<void()> on_aborted)
    : message_(Ref<SoupServerMessage>::share(message)), on_aborted_(std::move(on_aborted)) {
  // The status keeps libsoup from trying a WebSocket handshake on it.
  soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
  soup_server_message_pause(message);
  on_finished_ = connect<void(SoupServerMessage*)>(message, "finished", [this](auto*) {
    message_.reset();  // libsoup gave up on it: there is nobody to answer
    abort();
  });
  // Readable and nothing to read is end of file.
  GSocket* socket = socketOf(message);
  auto source = Ref<GSource>::adopt(g_socket_create_source(socket, G_IO_IN, nullptr));
  g_source_set_callback(source.get(), G_SOURCE_FUNC(&HeldPoll::onReadable), this, nullptr);
  g_source_attach(source.get(), loop.context());
  watch_ = Timer(std::move(source));
}

HeldPoll::~HeldPoll() {
  if (message_)
    answer("");
}

void HeldPoll::answer(const std::string& body) {
  on_finished_.disconnect();
  watch_.cancel();
  soup_server_message_set_response(message_.get(), "text/plain; charset=UTF-8", SOUP_MEMORY_COPY,
                                   body.data(), body.size());
  soup_server_message_unpause(message_.get());
  message_.reset();
}

gboolean HeldPoll::onReadable(GSocket* socket, GIOCondition, gpointer data) {
  char byte = 0;
  const bool is_open = recv(g_socket_get_fd(socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
  auto* self = static_cast<HeldPoll*>(data);
  if (is_open)
    self->watch_.cancel();  // a pipelined request, for libsoup to read after the answer
  else
    self->abort();
  return G_SOURCE_REMOVE;
}

void HeldPoll::abort() {
  const auto on_aborted = on_aborted_;  // we may be destroyed in it
  on_aborted();
}

}  // namespace turnout
