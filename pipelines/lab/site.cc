#include "pipelines/lab/site.h"

#include <algorithm>
#include <array>

namespace turnout {
namespace {

struct NatRow {
  NatKind kind;
  const char* word;
  NatRule mapping, filtering;
};
constexpr auto kAny = NatRule::kEndpointIndependent;
constexpr auto kByAddress = NatRule::kAddressDependent;
constexpr auto kByPort = NatRule::kAddressAndPortDependent;
constexpr std::array kNats{
    NatRow{NatKind::kPublic, "public", kAny, kAny},
    NatRow{NatKind::kFullCone, "full_cone", kAny, kAny},
    NatRow{NatKind::kAddressRestricted, "address_restricted", kAny, kByAddress},
    NatRow{NatKind::kPortRestricted, "port_restricted", kAny, kByPort},
    NatRow{NatKind::kSymmetric, "symmetric", kByPort, kByPort},
    NatRow{NatKind::kSymmetricSequential, "symmetric_sequential", kByPort, kByPort},
    NatRow{NatKind::kCgnat, "cgnat", kAny, kByPort},
};

template <class Kind>
struct Word {
  Kind kind;
  const char* word;
};
constexpr std::array kFirewalls{
    Word<FirewallKind>{FirewallKind::kNone, "none"},
    Word<FirewallKind>{FirewallKind::kNoUdp, "no_udp"},
    Word<FirewallKind>{FirewallKind::kWebOnly, "web_only"},
    Word<FirewallKind>{FirewallKind::kTls443Only, "tls443_only"},
    Word<FirewallKind>{FirewallKind::kTls443Dpi, "tls443_dpi"},
};
constexpr std::array kActions{
    Word<FirewallAction>{FirewallAction::kDrop, "drop"},
    Word<FirewallAction>{FirewallAction::kReject, "reject"},
};
constexpr std::array kWays{
    Word<WayOut>{WayOut::kUdp, "udp"},        Word<WayOut>{WayOut::kTcp80, "tcp_80"},
    Word<WayOut>{WayOut::kTcp443, "tcp_443"}, Word<WayOut>{WayOut::kTcpOther, "tcp_other"},
    Word<WayOut>{WayOut::kTls443, "tls_443"},
};
constexpr std::array kPassages{
    Word<Passage>{Passage::kOpen, "open"},
    Word<Passage>{Passage::kSilent, "silent"},
    Word<Passage>{Passage::kRefused, "refused"},
};

template <class Kind>
const char* wordIn(const auto& rows, Kind kind) {
  return std::ranges::find(rows, kind, [](const auto& row) { return row.kind; })->word;
}

template <class Kind>
std::optional<Kind> kindIn(const auto& rows, std::string_view word) {
  const auto row = std::ranges::find(rows, word, [](const auto& each) { return each.word; });
  return row == rows.end() ? std::nullopt : std::optional<Kind>(row->kind);
}

template <class Kind, std::size_t n>
std::array<Kind, n> kindsOf(const auto& rows) {
  std::array<Kind, n> kinds{};
  std::ranges::transform(rows, kinds.begin(), [](const auto& row) { return row.kind; });
  return kinds;
}

const NatRow& rowOf(NatKind kind) {
  return *std::ranges::find(kNats, kind, [](const NatRow& row) { return row.kind; });
}

LineDirection line(Duration delay, Duration jitter, double loss, std::int64_t rate_kbps,
                   Duration queue) {
  return {delay, jitter, loss, rate_kbps, queue};
}

std::vector<SiteSpec> makePresets() {
  using enum NatKind;
  using enum FirewallKind;
  using enum FirewallAction;
  return {
      {"home", kPortRestricted, kNone, kDrop, line(8ms, 2ms, 0, 20'000, 100ms),
       line(8ms, 2ms, 0, 100'000, 100ms)},
      {"office", kPortRestricted, kNoUdp, kReject, line(4ms, 1ms, 0, 100'000, 200ms),
       line(4ms, 1ms, 0, 100'000, 200ms)},
      {"mobile_hotspot", kSymmetric, kNone, kDrop, line(30ms, 10ms, 0.005, 8'000, 400ms),
       line(30ms, 10ms, 0.005, 30'000, 400ms)},
      {"mobile_cgnat", kCgnat, kNone, kDrop, line(25ms, 8ms, 0.003, 10'000, 400ms),
       line(25ms, 8ms, 0.003, 40'000, 400ms)},
      {"corporate", kSymmetric, kTls443Only, kReject, line(10ms, 1ms, 0, 50'000, 200ms),
       line(10ms, 1ms, 0, 50'000, 200ms)},
      {"hotel", kPortRestricted, kWebOnly, kDrop, line(20ms, 10ms, 0.01, 3'000, 500ms),
       line(20ms, 10ms, 0.01, 10'000, 500ms)},
      {"satellite", kPortRestricted, kNone, kDrop, line(280ms, 15ms, 0.002, 3'000, 500ms),
       line(280ms, 15ms, 0.002, 25'000, 500ms)},
      {"data_center", kPublic, kNone, kDrop},
  };
}

}  // namespace

std::span<const NatKind> allNatKinds() {
  static const auto kAll = kindsOf<NatKind, kNats.size()>(kNats);
  return kAll;
}

std::span<const FirewallKind> allFirewallKinds() {
  static const auto kAll = kindsOf<FirewallKind, kFirewalls.size()>(kFirewalls);
  return kAll;
}

std::span<const WayOut> allWaysOut() {
  static const auto kAll = kindsOf<WayOut, kWays.size()>(kWays);
  return kAll;
}

const char* toString(NatKind kind) {
  return rowOf(kind).word;
}
const char* toString(FirewallKind kind) {
  return wordIn(kFirewalls, kind);
}
const char* toString(FirewallAction what) {
  return wordIn(kActions, what);
}
const char* toString(WayOut way) {
  return wordIn(kWays, way);
}
const char* toString(Passage passage) {
  return wordIn(kPassages, passage);
}

std::optional<NatKind> natKind(std::string_view word) {
  return kindIn<NatKind>(kNats, word);
}
std::optional<FirewallKind> firewallKind(std::string_view word) {
  return kindIn<FirewallKind>(kFirewalls, word);
}
std::optional<FirewallAction> firewallAction(std::string_view word) {
  return kindIn<FirewallAction>(kActions, word);
}

std::span<const SiteSpec> sitePresets() {
  static const std::vector<SiteSpec> kPresets = makePresets();
  return kPresets;
}

std::optional<SiteSpec> siteNamed(std::string_view word) {
  const auto presets = sitePresets();
  if (const auto preset = std::ranges::find(presets, word, &SiteSpec::name);
      preset != presets.end())
    return *preset;
  if (const auto nat = natKind(word))
    return SiteSpec{.name = std::string(word), .nat = *nat};
  return {};
}

std::vector<std::string> siteWords() {
  std::vector<std::string> words;
  for (const SiteSpec& preset : sitePresets())
    words.push_back(preset.name);
  for (const NatKind kind : allNatKinds())
    words.emplace_back(toString(kind));
  return words;
}

NatRule mappingOf(NatKind kind) {
  return rowOf(kind).mapping;
}
NatRule filteringOf(NatKind kind) {
  return rowOf(kind).filtering;
}

// A side whose mapping is the same for all is met where STUN said. The other side's real port is known
// to nobody before its check arrives, and it does when the first side lets in any port of that address.
bool canMeet(NatKind one, NatKind other) {
  const bool one_stays = mappingOf(one) == kAny, other_stays = mappingOf(other) == kAny;
  if (one_stays && other_stays)
    return true;
  if (one_stays || other_stays)
    return filteringOf(one_stays ? one : other) != kByPort;
  return false;
}

Passage passageOf(FirewallKind kind, FirewallAction action, WayOut way) {
  const Passage closed = action == FirewallAction::kDrop ? Passage::kSilent : Passage::kRefused;
  const auto openIf = [closed](bool is_open) { return is_open ? Passage::kOpen : closed; };
  switch (kind) {
    case FirewallKind::kNone:
      break;
    case FirewallKind::kNoUdp:
      return openIf(way != WayOut::kUdp);
    case FirewallKind::kWebOnly:
      return openIf(way != WayOut::kUdp && way != WayOut::kTcpOther);
    case FirewallKind::kTls443Only:
      return openIf(way == WayOut::kTcp443 || way == WayOut::kTls443);
    case FirewallKind::kTls443Dpi:  // a reset is a refusal, whatever is done with the rest
      return way == WayOut::kTcp443 ? Passage::kRefused : openIf(way == WayOut::kTls443);
  }
  return Passage::kOpen;
}

}  // namespace turnout
