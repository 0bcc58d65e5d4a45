#include "pipelines/lab/lab_check.h"

#include "pipelines/probe/nat_probe.h"
#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>

namespace turnout {
namespace {

constexpr Duration kAnswerLimit = 2000ms;  // of a round of STUN
constexpr Duration kCheckPause = 50ms;     // RFC 8445 14.2: Ta
constexpr Duration kHeadStart = 150ms;     // of the first side's checks: longer than any path here
constexpr const char* kNowhere[] = {"192.168.77.1", "10.250.9.9", "203.0.113.99"};

sockaddr_storage addressOf(const std::string& host, std::uint16_t port) {
  const auto address = socketAddress(host, port);
  TURNOUT_CHECK(address, "an address of the plan");
  return *address;
}

sockaddr_storage stunServer() {
  return addressOf(kStunAddress, StunResponder::kPort);
}

// In whichever order they were taken. Kernels count in either order of bytes.
bool areInARow(std::vector<std::uint16_t> ports) {
  const auto areNeighbours = [](std::vector<std::uint16_t>& values) {
    std::ranges::sort(values);
    return std::ranges::adjacent_find(values, [](int one, int next) { return next != one + 1; }) ==
           values.end();
  };
  if (ports.size() < 3)
    return false;
  if (areNeighbours(ports))
    return true;
  for (std::uint16_t& port : ports)
    port = static_cast<std::uint16_t>(port << 8U | port >> 8U);
  return areNeighbours(ports);
}

}  // namespace

bool isAsPredicted(const NatFinding& finding) {
  const bool is_translated = finding.mapped != finding.local;
  return !finding.mapped.empty() && finding.mapping == mappingOf(finding.kind) &&
         finding.filtering == filteringOf(finding.kind) &&
         is_translated == (finding.kind != NatKind::kPublic) &&
         areInARow(finding.ports) == (finding.kind == NatKind::kSymmetricSequential);
}

std::size_t LabCheckReport::findings() const {
  return nats.size() + paths.size() + firewalls.size() + silences.size() + lines.size();
}

std::size_t LabCheckReport::surprises() const {
  const auto count = [](const auto& all, const auto& isGood) {
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [&](const auto& each) { return !isGood(each); }));
  };
  return count(nats, [](const NatFinding& each) { return each.is_as_predicted; }) +
         count(paths, [](const PathFinding& each) { return each.isAsPredicted(); }) +
         count(firewalls, [](const FirewallFinding& each) { return each.predicted == each.seen; }) +
         count(silences, [](const SilenceFinding& each) { return each.is_silent; }) +
         count(lines, [](const LineFinding& each) { return each.isAsPredicted(); });
}

bool LineFinding::isAsPredicted() const {
  return (!counts_losses || lost == predicted_lost) && fastest_ms &&
         *fastest_ms >= predicted_ms - jitter_ms && *fastest_ms <= predicted_ms + kToleranceMs;
}

// Site 2k and 2k + 1 are of NAT kind k; behind them come the firewalls, then the lines.
std::vector<SiteSpec> labCheckSites() {
  std::vector<SiteSpec> sites;
  for (const NatKind kind : allNatKinds())
    for (const char* which : {"_1", "_2"})
      sites.push_back({.name = std::string(toString(kind)) + which, .nat = kind});
  for (const FirewallKind kind : allFirewallKinds())
    for (const FirewallAction action : {FirewallAction::kDrop, FirewallAction::kReject})
      if (kind != FirewallKind::kNone || action == FirewallAction::kDrop)
        sites.push_back({.name = std::string(toString(kind)) + "_" + toString(action),
                         .firewall = kind,
                         .action = action});
  sites.push_back({.name = "far", .up = {.delay = 50ms}, .down = {.delay = 50ms}});
  sites.push_back({.name = "lossy", .up = {.delay = 10ms, .loss = 0.2}, .down = {.delay = 10ms}});
  return sites;
}

LabCheckPlan labCheckPlan(const std::vector<SiteSpec>& sites) {
  LabCheckPlan plan{.counts_losses = true, .sends_nowhere = 0};
  const std::size_t kinds = allNatKinds().size();
  for (std::size_t one = 0; one < kinds; ++one) {
    plan.nats.push_back(2 * one);
    for (std::size_t other = 0; other < kinds; ++other)
      plan.paths.emplace_back(2 * one, 2 * other + 1);
  }
  for (std::size_t site = 2 * kinds; site < sites.size(); ++site)
    (sites[site].hasLine() ? plan.lines : plan.ways).push_back(site);
  plan.hidden = 2 * kinds;
  return plan;
}

LabCheckPlan quickCheckPlan(const std::vector<SiteSpec>& sites,
                            const std::vector<LabCheckPlan::Pair>& pairs) {
  constexpr double kMostLoss = 0.5;           // with more, few requests come through at all
  constexpr std::int64_t kLeastKbps = 1'000;  // with less, the requests themselves take their time
  const auto isSeen = [&](std::size_t site) {
    return std::max(sites[site].up.loss, sites[site].down.loss) <= kMostLoss &&
           passageOf(sites[site].firewall, sites[site].action, WayOut::kUdp) == Passage::kOpen;
  };
  const auto isFast = [](const LineDirection& line) {
    return line.rate_kbps == 0 || line.rate_kbps >= kLeastKbps;
  };
  LabCheckPlan plan;
  for (std::size_t site = 0; site < sites.size(); ++site) {
    if (std::max(sites[site].up.loss, sites[site].down.loss) <= kMostLoss)
      plan.ways.push_back(site);
    if (!isSeen(site))
      continue;
    plan.nats.push_back(site);
    if (sites[site].hasLine() && isFast(sites[site].up) && isFast(sites[site].down))
      plan.lines.push_back(site);
    if (!plan.sends_nowhere)
      plan.sends_nowhere = site;
    if (!plan.hidden && sites[site].nat != NatKind::kPublic)
      plan.hidden = site;
  }
  for (const auto& [one, other] : pairs)
    if (isSeen(one) && isSeen(other))
      plan.paths.emplace_back(one, other);
  return plan;
}

// RFC 5780's tests, all at one time: what comes in opens nothing.
class LabCheck::NatTest {
 public:
  NatTest(Loop& loop, const Lab& lab, std::size_t site) {
    const InNetwork here(lab.host(site));
    finding_.kind = lab.sites()[site].nat;
    finding_.site = lab.sites()[site].name;
    finding_.local = addressesOf(site, finding_.kind).host;
    auto socket = UdpSocket::open(loop, {}), fresh = UdpSocket::open(loop, {});
    if (!socket || !fresh)
      return;
    socket_ = *std::move(socket);
    fresh_ = *std::move(fresh);
    Questions mapping;
    for (const char* host : {kStunAddress, kOtherStunAddress})
      for (const std::uint16_t port : {StunResponder::kPort, StunResponder::kOtherPort})
        mapping.push_back({addressOf(host, port)});
    mapping_.emplace(loop, *socket_, std::move(mapping), kAnswerLimit,
                     [this](const Questions& answered) { onMapping(answered); });
    filtering_.emplace(loop, *fresh_,
                       Questions{{stunServer()},
                                 {stunServer(), ChangeRequest::kAddressAndPort},
                                 {stunServer(), ChangeRequest::kPort}},
                       kAnswerLimit, [this](const Questions& answered) { onFiltering(answered); });
  }

  NatFinding finding() const {
    NatFinding finding = finding_;
    finding.is_as_predicted = isAsPredicted(finding);
    return finding;
  }

 private:
  using Questions = std::vector<BindingRound::Question>;

  void onMapping(const Questions& answered) {
    std::vector<MappingSeen> seen;
    for (const auto& [to, change, answer] : answered)
      if (answer && answer->mapped) {
        seen.push_back({to, *answer->mapped});
        finding_.mapped = hostText(*answer->mapped);
        finding_.ports.push_back(portOf(*answer->mapped));
      }
    finding_.mapping = mappingRule(seen);
  }

  void onFiltering(const Questions& answered) {
    if (answered[0].answer)
      finding_.filtering =
          filteringRule(answered[1].answer.has_value(), answered[2].answer.has_value());
  }

  NatFinding finding_;
  std::unique_ptr<UdpSocket> socket_, fresh_;
  std::optional<BindingRound> mapping_, filtering_;
};

// Two sides that gather, learn of each other at one time, and check: to the host's own address and the
// mapped one, and back to wherever a check came from (RFC 8445 7.3.1.4, triggered checks).
class LabCheck::PathTest {
 public:
  PathTest(Loop& loop, const Lab& lab, std::size_t one, std::size_t other) : loop_(loop) {
    finding_.one = lab.sites()[one].nat;
    finding_.other = lab.sites()[other].nat;
    finding_.one_site = lab.sites()[one].name;
    finding_.other_site = lab.sites()[other].name;
    finding_.is_predicted = canMeet(finding_.one, finding_.other);
    open(sides_[0], lab, one);
    open(sides_[1], lab, other);
  }

  const PathFinding& finding() const { return finding_; }

 private:
  enum class Word : std::uint8_t { kCheck = 'C', kAnswer = 'A' };
  struct Side {
    std::string host;
    std::unique_ptr<UdpSocket> socket;
    std::optional<BindingRound> gathering;
    std::optional<sockaddr_storage> mapped;
    std::vector<sockaddr_storage> targets;
    Timer next;
    bool checks = false, has_path = false;
  };

  void open(Side& side, const Lab& lab, std::size_t site) {
    const InNetwork here(lab.host(site));
    side.host = addressesOf(site, lab.sites()[site].nat).host;
    auto socket = UdpSocket::open(loop_, {});
    if (!socket)
      return;
    side.socket = *std::move(socket);
    side.gathering.emplace(loop_, *side.socket, std::vector<BindingRound::Question>{{stunServer()}},
                           kAnswerLimit, [this, &side](const auto& answered) {
                             if (answered[0].answer)
                               side.mapped = answered[0].answer->mapped;
                             onGathered(side);
                           });
  }

  void onGathered(Side& side) {
    side.socket->listen(
        {[this, &side](const sockaddr_storage& from, auto bytes) { onDatagram(side, from, bytes); },
         {}});
    if (!sides_[0].mapped || !sides_[1].mapped)
      return;
    began_ = now();
    for (const auto& [self, peer] : {std::pair(&sides_[0], &sides_[1]), {&sides_[1], &sides_[0]}})
      self->targets = {addressOf(peer->host, portOf(peer->socket->localAddress())), *peer->mapped};
    check(sides_[0]);
    sides_[1].next = loop_.after(kHeadStart, [this] { check(sides_[1]); });
  }

  void check(Side& side) {
    side.checks = true;
    for (const sockaddr_storage& target : side.targets)
      send(side, target, Word::kCheck);
    side.next = loop_.after(kCheckPause, [this, &side] { check(side); });
  }

  void onDatagram(Side& side, const sockaddr_storage& from, std::span<const std::uint8_t> bytes) {
    if (bytes.size() != 1)
      return;
    if (bytes[0] == static_cast<std::uint8_t>(Word::kCheck)) {
      send(side, from, Word::kAnswer);
      const auto isFrom = [&](const sockaddr_storage& each) {
        return socketAddressText(each) == socketAddressText(from);
      };
      if (std::ranges::none_of(side.targets, isFrom)) {
        side.targets.push_back(from);
        if (side.checks)
          send(side, from, Word::kCheck);
      }
      return;
    }
    side.has_path = true;
    if (sides_[0].has_path && sides_[1].has_path && !finding_.met_ms)
      finding_.met_ms = toMs(now() - began_);
  }

  static void send(Side& side, const sockaddr_storage& to, Word word) {
    const std::array bytes{static_cast<std::uint8_t>(word)};
    side.socket->send(to, bytes);
  }

  Loop& loop_;
  PathFinding finding_;
  std::array<Side, 2> sides_;
  Instant began_{};
};

// One way out: something is sent, and what comes back decides: an answer, a refusal, nothing.
class LabCheck::WayTest {
 public:
  WayTest(Loop& loop, const Lab& lab, std::size_t site, WayOut way) : loop_(loop) {
    const SiteSpec& spec = lab.sites()[site];
    finding_ = {spec.firewall, spec.action, way, passageOf(spec.firewall, spec.action, way)};
    finding_.site = spec.name;
    const InNetwork here(lab.host(site));
    if (way == WayOut::kUdp)
      openUdp();
    else
      openTcp();
  }

  const FirewallFinding& finding() const { return finding_; }

 private:
  void openUdp() {
    auto socket = UdpSocket::connectTo(loop_, stunServer(), {});
    if (!socket)
      return;
    udp_ = *std::move(socket);
    udp_->listen({[this](const sockaddr_storage&, auto) { finding_.seen = Passage::kOpen; },
                  [this](const GError&) { finding_.seen = Passage::kRefused; }});
    ask();
  }

  void ask() {
    if (finding_.seen != Passage::kSilent)
      return;
    StunCodec codec;
    udp_->send(codec.request({}).bytes);
    again_ = loop_.after(200ms, [this] { ask(); });
  }

  std::uint16_t port() const {
    switch (finding_.way) {
      case WayOut::kTcp80:
        return 80;
      case WayOut::kTcp443:
      case WayOut::kTls443:
        return 443;
      case WayOut::kUdp:
      case WayOut::kTcpOther:
        break;
    }
    return StunResponder::kPort;
  }

  void openTcp() {
    const sockaddr_storage to = addressOf(kStunAddress, port());
    tcp_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(tcp_.get(), reinterpret_cast<const sockaddr*>(&to), sizeOf(to)) != 0 &&
        errno != EINPROGRESS) {
      finding_.seen = Passage::kRefused;
      return;
    }
    connected_ = whenWritable(loop_, tcp_.get(), [this] { onConnected(); });
  }

  // The first bytes of a TLS record with a ClientHello, or of a STUN request.
  void onConnected() {
    connected_.cancel();
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(tcp_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    constexpr std::array<std::uint8_t, 6> kTls{22, 3, 1, 0, 1, 1}, kStun{0, 3, 0, 0, 0x21, 0x12};
    const auto& greeting = finding_.way == WayOut::kTls443 ? kTls : kStun;
    if (error != 0 || ::send(tcp_.get(), greeting.data(), greeting.size(), MSG_NOSIGNAL) < 0) {
      finding_.seen = Passage::kRefused;
      return;
    }
    answered_ = whenReadable(loop_, tcp_.get(), [this] { onAnswer(); });
  }

  void onAnswer() {
    answered_.cancel();
    std::array<std::uint8_t, 16> bytes;
    finding_.seen =
        ::recv(tcp_.get(), bytes.data(), bytes.size(), 0) > 0 ? Passage::kOpen : Passage::kRefused;
  }

  Loop& loop_;
  FirewallFinding finding_;
  std::unique_ptr<UdpSocket> udp_;
  Fd tcp_;
  Timer again_, connected_, answered_;
};

class LabCheck::SilenceTest {
 public:
  SilenceTest(Loop& loop, const NetworkNamespace& network, const std::string& from,
              const std::string& to)
      : loop_(loop), finding_{from, to} {
    const InNetwork here(network);
    auto socket = UdpSocket::connectTo(loop, addressOf(to, 9), {});
    if (!socket)
      return;
    socket_ = *std::move(socket);
    finding_.is_silent = true;
    socket_->listen({[this](const sockaddr_storage&, auto) { finding_.is_silent = false; },
                     [this](const GError&) { finding_.is_silent = false; }});
    ask();
  }

  const SilenceFinding& finding() const { return finding_; }

 private:
  void ask() {
    constexpr std::array<std::uint8_t, 1> kByte{0};
    socket_->send(kByte);
    again_ = loop_.after(200ms, [this] { ask(); });
  }

  Loop& loop_;
  SilenceFinding finding_;
  std::unique_ptr<UdpSocket> socket_;
  Timer again_;
};

// Requests with a pause between them: each is one packet up and at most one down.
class LabCheck::LineTest {
 public:
  // `line`: the how manieth of the lab's.
  LineTest(Loop& loop, const Lab& lab, std::size_t site, std::size_t line, bool counts_losses)
      : loop_(loop) {
    const SiteSpec& spec = lab.sites()[site];
    finding_.site = spec.name;
    finding_.counts_losses = counts_losses;
    finding_.jitter_ms = toMs(spec.up.jitter + spec.down.jitter);
    finding_.predicted_ms = toMs(spec.up.delay + spec.down.delay);
    Line up(spec.up, Lab::kSeed, 2 * line);
    for (std::size_t i = 0; i < kRequests; ++i)
      finding_.predicted_lost += up.arrivalOf(1, {}).has_value() ? 0U : 1U;
    const InNetwork here(lab.host(site));
    auto socket = UdpSocket::connectTo(loop, stunServer(), {});
    if (!socket)
      return;
    socket_ = *std::move(socket);
    socket_->listen({[this](const sockaddr_storage&, auto bytes) { onAnswer(bytes); }, {}});
    ask();
  }

  LineFinding finding() const {
    LineFinding finding = finding_;
    finding.lost = finding.sent - answers_;
    return finding;
  }

 private:
  static constexpr std::size_t kRequests = 60;
  static constexpr Duration kPause = 25ms;

  void ask() {
    const auto request = codec_.request({});
    sent_.emplace_back(request.id, now());
    ++finding_.sent;
    socket_->send(request.bytes);
    if (finding_.sent < kRequests)
      again_ = loop_.after(kPause, [this] { ask(); });
  }

  void onAnswer(std::span<const std::uint8_t> bytes) {
    const auto answer = codec_.understand(bytes);
    if (!answer)
      return;
    const auto request =
        std::ranges::find_if(sent_, [&](const auto& each) { return each.first == answer->id; });
    if (request == sent_.end())
      return;
    ++answers_;
    const double ms = toMs(now() - request->second);
    finding_.fastest_ms = std::min(ms, finding_.fastest_ms.value_or(ms));
  }

  Loop& loop_;
  LineFinding finding_;
  StunCodec codec_;
  std::unique_ptr<UdpSocket> socket_;
  std::vector<std::pair<StunId, Instant>> sent_;
  std::size_t answers_ = 0;
  Timer again_;
};

LabCheck::LabCheck(Loop& loop, std::function<void(LabCheckReport)> on_done)
    : loop_(loop), on_done_(std::move(on_done)), began_(now()) {}

LabCheck::~LabCheck() = default;

Result<std::unique_ptr<LabCheck>> LabCheck::start(Loop& loop, const Lab& lab,
                                                  const LabCheckPlan& plan,
                                                  std::function<void(LabCheckReport)> on_done) {
  std::unique_ptr<LabCheck> check(new LabCheck(loop, std::move(on_done)));
  if (const auto begun = check->begin(lab, plan); !begun)
    return begun.error();
  return check;
}

Result<Done> LabCheck::startServers(const Lab& lab) {
  const InNetwork here(lab.services());
  auto stun = StunResponder::start(loop_, kStunAddress, kOtherStunAddress);
  if (!stun)
    return stun.error();
  auto echo = TcpEcho::start(loop_, kStunAddress, {80, 443, StunResponder::kPort});
  if (!echo)
    return echo.error();
  stun_ = *std::move(stun);
  echo_ = *std::move(echo);
  return Done{};
}

Result<Done> LabCheck::begin(const Lab& lab, const LabCheckPlan& plan) {
  sites_ = lab.sites().size();
  if (auto started = startServers(lab); !started)
    return started;
  for (const std::size_t site : plan.nats)
    nats_.push_back(std::make_unique<NatTest>(loop_, lab, site));
  for (const auto& [one, other] : plan.paths)
    paths_.push_back(std::make_unique<PathTest>(loop_, lab, one, other));
  for (const std::size_t site : plan.lines)
    lines_.push_back(
        std::make_unique<LineTest>(loop_, lab, site, lines_.size(), plan.counts_losses));
  for (const std::size_t site : plan.ways)
    for (const WayOut way : allWaysOut())
      ways_.push_back(std::make_unique<WayTest>(loop_, lab, site, way));
  const auto expectSilence = [&](const NetworkNamespace& network, const std::string& from,
                                 const std::string& to) {
    silences_.push_back(std::make_unique<SilenceTest>(loop_, network, from, to));
  };
  for (const char* to : kNowhere) {
    expectSilence(lab.services(), "services", to);
    if (const auto& site = plan.sends_nowhere)
      expectSilence(lab.host(*site), lab.sites()[*site].name, to);
  }
  // A host behind a NAT, from outside: its own address is nobody's on the internet.
  if (const auto& site = plan.hidden)
    expectSilence(lab.services(), "services", addressesOf(*site, lab.sites()[*site].nat).host);
  end_ = loop_.after(kLength, [this] { finish(); });
  return Done{};
}

void LabCheck::finish() {
  LabCheckReport report;
  for (const auto& each : nats_)
    report.nats.push_back(each->finding());
  for (const auto& each : paths_)
    report.paths.push_back(each->finding());
  for (const auto& each : ways_)
    report.firewalls.push_back(each->finding());
  for (const auto& each : silences_)
    report.silences.push_back(each->finding());
  for (const auto& each : lines_)
    report.lines.push_back(each->finding());
  report.sites = sites_;
  report.check_ms = toMs(now() - began_);
  const auto on_done = std::exchange(on_done_, nullptr);
  on_done(std::move(report));
}

}  // namespace turnout
