#include "pipelines/lab/line.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

namespace turnout {
namespace {

constexpr std::size_t kLargestFrame = 2048;
constexpr int kFramesAtOnce = 64;
constexpr std::uint32_t kWake = ~std::uint32_t{0};

bool comesLater(const FrameInFlight& one, const FrameInFlight& other) {
  return std::pair(one.due, one.number) > std::pair(other.due, other.number);
}

Error noLine(const std::string& what) {
  return {ErrorCode::kIo, "the lab's lines: " + what + ": " + std::strerror(errno)};
}

ifreq requestFor(const std::string& device) {
  ifreq request{};
  device.copy(request.ifr_name, sizeof(request.ifr_name) - 1);
  return request;
}

}  // namespace

std::optional<Instant> Line::arrivalOf(std::size_t bytes, Instant at) {
  const double chance = random_.uniform(), shift = random_.uniform() * 2 - 1;
  if (chance < how_.loss)
    return {};
  Instant due = at;
  if (how_.rate_kbps > 0) {
    free_ = std::max(free_, at);
    if (free_ - at > how_.queue)
      return {};
    free_ += Duration(static_cast<std::int64_t>(bytes) * 8'000'000 / how_.rate_kbps);
    due = free_;
  }
  const auto jitter =
      Duration(static_cast<std::int64_t>(shift * static_cast<double>(how_.jitter.count())));
  last_ = std::max({last_, at, due + how_.delay + jitter});
  return last_;
}

Result<std::unique_ptr<LineEmulator>> LineEmulator::start(std::vector<Ends> lines,
                                                          std::uint64_t seed) {
  std::unique_ptr<LineEmulator> emulator(new LineEmulator);
  emulator->ends_ = std::move(lines);
  emulator->epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
  emulator->wake_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!emulator->epoll_ || !emulator->wake_)
    return noLine("epoll");
  for (const Ends& each : emulator->ends_) {
    const std::uint64_t stream = emulator->sides_.size();
    emulator->sides_.push_back({each.site.get(), each.internet.get(), Line(each.up, seed, stream)});
    emulator->sides_.push_back(
        {each.internet.get(), each.site.get(), Line(each.down, seed, stream + 1)});
  }
  const auto watch = [&](int fd, std::uint32_t which) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = which;
    return ::epoll_ctl(emulator->epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
  };
  for (std::uint32_t i = 0; i < emulator->sides_.size(); ++i)
    if (!watch(emulator->sides_[i].from, i))
      return noLine("epoll");
  if (!watch(emulator->wake_.get(), kWake))
    return noLine("epoll");
  emulator->thread_ = std::thread([self = emulator.get()] { self->carry(); });
  return emulator;
}

LineEmulator::~LineEmulator() {
  if (!thread_.joinable())
    return;
  stops_ = true;
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof(one));
  thread_.join();
}

void LineEmulator::change(std::size_t line, const LineDirection& up, const LineDirection& down) {
  const std::lock_guard lock(mutex_);
  sides_[2 * line].rule.change(up);
  sides_[2 * line + 1].rule.change(down);
}

// As punctual as the machine lets it be: first among all where that is allowed.
void LineEmulator::carry() {
  ::prctl(PR_SET_NAME, "lab-lines");
  ::prctl(PR_SET_TIMERSLACK, 1);
  const sched_param first{.sched_priority = 20};
  ::sched_setscheduler(0, SCHED_FIFO, &first);
  while (!stops_) {
    deliverDue();
    timespec wait{}, *until = nullptr;
    if (!flying_.empty()) {
      const Duration rest = std::max(Duration::zero(), flying_.front().due - now());
      wait.tv_sec = static_cast<time_t>(rest / 1s);
      wait.tv_nsec = static_cast<long>((rest % 1s).count());
      until = &wait;
    }
    epoll_event events[kFramesAtOnce];
    const int count = ::epoll_pwait2(epoll_.get(), events, kFramesAtOnce, until, nullptr);
    for (int i = 0; i < count; ++i)
      if (events[i].data.u32 != kWake)
        take(sides_[events[i].data.u32]);
  }
}

void LineEmulator::take(Side& side) {
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < kFramesAtOnce; ++i) {
    std::vector<std::uint8_t> bytes = buffer();
    const ssize_t got = ::recv(side.from, bytes.data(), bytes.size(), 0);
    if (got <= 0)
      return spare_.push_back(std::move(bytes));
    bytes.resize(static_cast<std::size_t>(got));
    const auto due = side.rule.arrivalOf(bytes.size(), now());
    if (!due) {
      spare_.push_back(std::move(bytes));
      continue;
    }
    flying_.push_back({*due, frames_++, side.to, std::move(bytes)});
    std::ranges::push_heap(flying_, comesLater);
  }
}

void LineEmulator::deliverDue() {
  for (const Instant at = now(); !flying_.empty() && flying_.front().due <= at;) {
    std::ranges::pop_heap(flying_, comesLater);
    FrameInFlight& frame = flying_.back();
    (void)!::send(frame.to, frame.bytes.data(), frame.bytes.size(), 0);
    spare_.push_back(std::move(frame.bytes));
    flying_.pop_back();
  }
}

std::vector<std::uint8_t> LineEmulator::buffer() {
  if (spare_.empty())
    return std::vector<std::uint8_t>(kLargestFrame);
  std::vector<std::uint8_t> bytes = std::move(spare_.back());
  spare_.pop_back();
  bytes.resize(kLargestFrame);
  return bytes;
}

Result<Fd> packetSocket(const std::string& device) {
  constexpr int kBuffer = 4 << 20, kOn = 1;
  Fd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  ifreq request = requestFor(device);
  if (!fd || ::ioctl(fd.get(), SIOCGIFINDEX, &request) != 0)
    return noLine(device);
  ::setsockopt(fd.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &kOn, sizeof(kOn));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof(kBuffer));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = request.ifr_ifindex;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return noLine(device);
  return fd;
}

Result<Done> forbidOffloading(const std::string& device) {
  const Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  for (const std::uint32_t what : {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_STXCSUM}) {
    ethtool_value off{what, 0};
    ifreq request = requestFor(device);
    request.ifr_data = reinterpret_cast<char*>(&off);
    if (!fd || ::ioctl(fd.get(), SIOCETHTOOL, &request) != 0)
      return noLine(device + ", offloading");
  }
  return Done{};
}

}  // namespace turnout
