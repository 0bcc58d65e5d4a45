#include "tests/bench/peer/run.h"

#include "tests/bench/peer/usage.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <malloc.h>

namespace turnout::bench {
namespace {

constexpr std::chrono::seconds kJoinLimit{20};

struct Bot {
  std::unique_ptr<PeerConnection> peer;
  Instant made_at{}, connected_at{}, media_at{};
  bool isConnected() const { return connected_at != Instant{}; }
};

class Pair {
 public:
  Pair(PeerFactory& factory, std::uint32_t number, std::optional<milliseconds> pacing) {
    for (std::uint32_t i = 0; i < 2; i++) {
      PeerConfig config;
      config.name = "bench-" + std::to_string(2 * number + i);
      config.ice.profile = *iceProfile("fast");
      if (pacing)
        config.ice.profile.pacing = *pacing;
      config.ice.local_addresses = {"127.0.0.1"};
      config.ssrc_base = 4 * number + 2 * i + 100'000;
      bots_[i].made_at = now();
      bots_[i].peer = *factory.makePeer(
          config, [this, i](const PeerEvent& event) { on(bots_[i], bots_[1 - i], event); });
    }
    bots_[0].peer->createOffer();
  }
  bool isConnected() const { return bots_[0].isConnected() && bots_[1].isConnected(); }
  const std::array<Bot, 2>& bots() const { return bots_; }

 private:
  static void on(Bot& bot, Bot& other, const PeerEvent& event) {
    if (const auto* local = std::get_if<LocalDescription>(&event.body))
      (void)other.peer->setRemoteDescription(local->type, local->sdp);
    else if (const auto* candidate = std::get_if<LocalCandidate>(&event.body))
      other.peer->addRemoteCandidate(candidate->mline, candidate->candidate);
    else if (const auto* changed = std::get_if<ConnectionStateChanged>(&event.body))
      bot.connected_at = changed->state == "connected" ? event.at : bot.connected_at;
    else if (std::holds_alternative<FirstMedia>(event.body) && bot.media_at == Instant{})
      bot.media_at = event.at;
  }

  std::array<Bot, 2> bots_;
};

class Crowd {
 public:
  Crowd(Loop& loop, PeerFactory& factory, std::optional<milliseconds> pacing)
      : loop_(loop), factory_(factory), pacing_(pacing) {}

  void joinInSequence(int pairs) {
    for (int i = 0; i < pairs; i++) {
      add();
      loop_.runUntil([this] { return pairs_.back()->isConnected(); }, kJoinLimit);
    }
  }
  void joinAtOnce(int pairs) {
    for (int i = 0; i < pairs; i++)
      add();
    loop_.runUntil(
        [this] {
          return std::all_of(pairs_.begin(), pairs_.end(),
                             [](const auto& pair) { return pair->isConnected(); });
        },
        kJoinLimit);
  }
  void leave() { pairs_.clear(); }
  void talk(Duration time) {
    loop_.runUntil([] { return false; }, time);
  }

  std::uint64_t receivedPackets() const {
    std::uint64_t packets = 0;
    for (const auto& pair : pairs_)
      for (const Bot& bot : pair->bots()) {
        const MediaTotals totals = bot.peer->totals();
        packets += totals.of(MediaKind::kAudio).received.packets +
                   totals.of(MediaKind::kVideo).received.packets;
      }
    return packets;
  }
  double lostPackets() const {
    std::uint64_t lost = 0;
    for (const auto& pair : pairs_)
      for (const Bot& bot : pair->bots()) {
        const MediaTotals totals = bot.peer->totals();
        lost +=
            totals.of(MediaKind::kAudio).received.lost + totals.of(MediaKind::kVideo).received.lost;
      }
    return static_cast<double>(lost);
  }
  // Sorted times from creation, of those bots that got there.
  std::vector<double> times_ms(Instant Bot::*until) const {
    std::vector<double> times;
    for (const auto& pair : pairs_)
      for (const Bot& bot : pair->bots())
        if (bot.*until != Instant{})
          times.push_back(toMs(bot.*until - bot.made_at));
    std::sort(times.begin(), times.end());
    return times;
  }
  double size() const { return static_cast<double>(2 * pairs_.size()); }

 private:
  void add() { pairs_.push_back(std::make_unique<Pair>(factory_, next_++, pacing_)); }

  Loop& loop_;
  PeerFactory& factory_;
  const std::optional<milliseconds> pacing_;
  std::uint32_t next_ = 0;
  std::vector<std::unique_ptr<Pair>> pairs_;
};

double percentile(const std::vector<double>& sorted, double fraction) {
  if (sorted.empty())
    return 0;
  const auto index = static_cast<std::size_t>(fraction * static_cast<double>(sorted.size()));
  return sorted[std::min(index, sorted.size() - 1)];
}

void addTimes(Figures& figures, const std::string& name, const std::vector<double>& times) {
  figures[name + "_p50_ms"] = percentile(times, 0.50);
  figures[name + "_p95_ms"] = percentile(times, 0.95);
}

}  // namespace

Figures measure(Loop& loop, PeerFactory& factory, const RunOptions& options) {
  Figures figures;
  Crowd crowd(loop, factory, options.pacing);
  const Usage before = usageNow();
  crowd.joinInSequence(options.pairs);
  const Usage joined = usageNow();
  crowd.talk(std::chrono::seconds(options.settle_s));
  factory.takeHealth();
  const Instant from = now();
  const Usage first = usageNow();
  const std::uint64_t packets = crowd.receivedPackets();
  crowd.talk(std::chrono::seconds(options.steady_s));
  const Usage last = usageNow();
  const double bots = crowd.size();
  const double per_bot_s = toMs(now() - from) / 1'000 * bots;
  figures["cpu_cores_per_bot"] = (last.cpu_s - first.cpu_s) / per_bot_s;
  figures["packets_in_per_bot_s"] =
      static_cast<double>(crowd.receivedPackets() - packets) / per_bot_s;
  figures["packets_lost"] = crowd.lostPackets();
  figures["threads_per_bot"] = static_cast<double>(last.threads - before.threads) / bots;
  figures["files_per_bot"] = static_cast<double>(last.files - before.files) / bots;
  figures["rss_kb_per_bot"] = (last.rss_kb - before.rss_kb) / bots;
  figures["join_cpu_ms_per_bot"] = (joined.cpu_s - before.cpu_s) * 1'000 / bots;
  figures["pacer_late_p99_ms"] = factory.takeHealth().pacer_late_p99_ms;
  addTimes(figures, "join_sequence", crowd.times_ms(&Bot::connected_at));
  addTimes(figures, "first_rtp", crowd.times_ms(&Bot::media_at));
  double connected = static_cast<double>(crowd.times_ms(&Bot::connected_at).size());
  crowd.leave();

  crowd.joinAtOnce(options.pairs);
  addTimes(figures, "join_storm", crowd.times_ms(&Bot::connected_at));
  connected += static_cast<double>(crowd.times_ms(&Bot::connected_at).size());
  figures["connected_percent"] = 100 * connected / (2 * bots);
  return figures;
}

Figures measureCycles(Loop& loop, PeerFactory& factory, const RunOptions& options) {
  Figures figures;
  Crowd crowd(loop, factory, options.pacing);
  const auto cycle = [&crowd] {
    crowd.joinInSequence(1);
    crowd.talk(milliseconds(20));
    const bool connected = crowd.times_ms(&Bot::connected_at).size() == 2;
    crowd.leave();
    return connected;
  };
  const auto rest = [&crowd] {
    crowd.talk(std::chrono::seconds(1));
    malloc_trim(0);
    return usageNow();
  };
  cycle();
  const Usage before = rest();
  int connected = 0;
  for (int i = 0; i < options.cycles; i++)
    connected += cycle() ? 1 : 0;
  const Usage after = rest();
  figures["cycles"] = options.cycles;
  figures["cycles_connected"] = connected;
  figures["threads_left"] =
      static_cast<double>(after.threads) - static_cast<double>(before.threads);
  figures["files_left"] = static_cast<double>(after.files) - static_cast<double>(before.files);
  figures["rss_growth_kb_per_bot"] = (after.rss_kb - before.rss_kb) / (2.0 * options.cycles);
  return figures;
}

}  // namespace turnout::bench
