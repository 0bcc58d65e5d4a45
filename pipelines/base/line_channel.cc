#include "pipelines/base/line_channel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/socket.h>

namespace turnout {
namespace {

bool isTransient(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

gboolean runTask(gint, GIOCondition, gpointer data) {
  (*static_cast<Loop::Task*>(data))();
  return G_SOURCE_CONTINUE;
}

Timer watch(Loop& loop, int fd, GIOCondition condition, Loop::Task task) {
  GSource* source = g_unix_fd_source_new(fd, condition);
  g_source_set_callback(source, G_SOURCE_FUNC(runTask), new Loop::Task(std::move(task)),
                        [](gpointer data) { delete static_cast<Loop::Task*>(data); });
  g_source_attach(source, loop.context());
  return Timer(Ref<GSource>::adopt(source));
}

}  // namespace

Result<std::pair<Fd, Fd>> LineChannel::socketPair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Error{ErrorCode::kIo, std::string("no socket pair: ") + std::strerror(errno)};
  return std::pair(Fd(ends[0]), Fd(ends[1]));
}

LineChannel::LineChannel(Loop& loop, Fd fd, OnLine on_line, OnClosed on_closed)
    : loop_(loop),
      fd_(std::move(fd)),
      on_line_(std::move(on_line)),
      on_closed_(std::move(on_closed)) {
  ::fcntl(fd_.get(), F_SETFL, ::fcntl(fd_.get(), F_GETFL) | O_NONBLOCK);
  ::fcntl(fd_.get(), F_SETFD, FD_CLOEXEC);
  constexpr auto kReadable = static_cast<GIOCondition>(G_IO_IN | G_IO_HUP | G_IO_ERR);
  input_ = watch(loop_, fd_.get(), kReadable, [this] { readSome(); });
}

bool LineChannel::readSome() {
  std::array<char, kReadSize> chunk;
  const ssize_t got = ::read(fd_.get(), chunk.data(), chunk.size());
  if (got < 0 && isTransient(errno))
    return false;
  if (got > 0) {
    const std::size_t before = received_.size();
    received_.append(chunk.data(), static_cast<std::size_t>(got));
    deliverLines(before);
  }
  if (got <= 0 || received_.size() > kMaxLine)
    close();
  return isOpen();
}

void LineChannel::deliverLines(std::size_t search_from) {
  std::size_t start = 0;
  for (std::size_t end = received_.find('\n', search_from); end != std::string::npos;
       end = received_.find('\n', start)) {
    on_line_(std::string_view(received_).substr(start, end - start));
    start = end + 1;
  }
  received_.erase(0, start);
}

void LineChannel::drain() {
  while (isOpen() && readSome()) {
  }
}

bool LineChannel::send(std::string_view line) {
  if (!isOpen() || broken_)
    return false;
  const bool idle = unsent_.empty();
  unsent_ += line;
  unsent_ += '\n';
  if (idle)
    writeSome();
  if (unsent_.size() > kMaxUnsent)
    giveUp();
  return !broken_;
}

void LineChannel::writeSome() {
  const ssize_t sent = ::send(fd_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent < 0 && !isTransient(errno)) {
    giveUp();
    return;
  }
  unsent_.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  if (unsent_.empty())
    output_.reset();
  else if (!output_)
    output_ = watch(loop_, fd_.get(), G_IO_OUT, [this] { writeSome(); });
}

// What the far end has already sent is still read; its end of file closes the channel.
void LineChannel::giveUp() {
  broken_ = true;
  unsent_.clear();
  output_.reset();
  ::shutdown(fd_.get(), SHUT_RDWR);
}

void LineChannel::flush(Duration limit) {
  const Instant end = now() + limit;
  while (isOpen() && !unsent_.empty() && now() < end) {
    pollfd ready{fd_.get(), POLLOUT, 0};
    ::poll(&ready, 1, static_cast<int>(toMs(end - now())));
    writeSome();
  }
}

void LineChannel::close() {
  input_.cancel();
  output_.reset();
  unsent_.clear();
  fd_.reset();
  on_closed_();
}

}  // namespace turnout
