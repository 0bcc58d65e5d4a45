// Whether a lab is what it says: every NAT by RFC 5780's tests and by checks as ICE sends them, every
// firewall, and the silence of the internet. A result from a lab is worth as much as this.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/lab/lab.h"
#include "pipelines/lab/lab_servers.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

// By RFC 5780 4.3 and 4.4, from the site's host. Nothing: no answer, or too few to tell.
struct NatFinding {
  NatKind kind = NatKind::kPublic;
  std::optional<NatRule> mapping, filtering;
  std::string local, mapped;         // addresses without ports; mapped is empty: no answer at all
  std::vector<std::uint16_t> ports;  // mapped, of one socket, for four destinations in a row
  bool is_as_predicted = false;
  std::string site{};
};

// Two hosts that know each other's addresses by STUN and send checks, one of them a bit earlier. The
// order matters: RFC 5780 does not see a NAT that a peer's early check turns into a symmetric one.
struct PathFinding {
  NatKind one = NatKind::kPublic, other = NatKind::kPublic;
  bool is_predicted = false;     // canMeet
  std::optional<double> met_ms;  // from the first check to the answer that came last
  std::string one_site{}, other_site{};
  bool isAsPredicted() const { return is_predicted == met_ms.has_value(); }
};

struct FirewallFinding {
  FirewallKind kind = FirewallKind::kNone;
  FirewallAction action = FirewallAction::kDrop;
  WayOut way = WayOut::kUdp;
  Passage predicted = Passage::kOpen, seen = Passage::kSilent;
  std::string site{};
};

// Sent to an address that is nowhere: a network that says so is not like the internet.
struct SilenceFinding {
  std::string from, to;
  bool is_silent = false;
};

// Requests to a server, one after the other: how long the fastest answer took, and how many were lost.
// The loss is as the seed has it, to the packet.
struct LineFinding {
  std::string site;
  double predicted_ms = 0;
  std::optional<double> fastest_ms;
  std::size_t sent = 0, predicted_lost = 0, lost = 0;
  double jitter_ms = 0;       // of both ways
  bool counts_losses = true;  // else others used the line, and which packets were lost is open

  static constexpr double kToleranceMs = 5;
  bool isAsPredicted() const;
};

struct LabCheckReport {
  std::vector<NatFinding> nats{};
  std::vector<PathFinding> paths{};
  std::vector<FirewallFinding> firewalls{};
  std::vector<SilenceFinding> silences{};
  std::vector<LineFinding> lines{};
  double up_ms = 0, check_ms = 0;
  std::size_t sites = 0;

  std::size_t findings() const;
  std::size_t surprises() const;
  bool holds() const { return findings() > 0 && surprises() == 0; }
};

// The sites that `turnout lab check` looks at: two of each NAT kind, one of each firewall, some with a line.
std::vector<SiteSpec> labCheckSites();

// What a check looks at; sites as the lab counts them.
struct LabCheckPlan {
  using Pair = std::pair<std::size_t, std::size_t>;
  std::vector<std::size_t> nats{};
  std::vector<Pair> paths{};
  std::vector<std::size_t> ways{};  // out through the firewall, each of them
  std::vector<std::size_t> lines{};
  bool counts_losses = false;                  // of lines, by the seed: nothing else uses them then
  std::optional<std::size_t> sends_nowhere{};  // whose host does, beside the services
  std::optional<std::size_t> hidden{};         // behind a NAT: its own address is nowhere
};
// Of labCheckSites(), maybe changed since.
LabCheckPlan labCheckPlan(const std::vector<SiteSpec>& sites);
// The quick one, before a run uses these sites in these pairs. What a firewall, or a line that loses most,
// makes impossible to see is left out.
LabCheckPlan quickCheckPlan(const std::vector<SiteSpec>& sites,
                            const std::vector<LabCheckPlan::Pair>& pairs);

// Whether the findings of RFC 5780's tests are those of the kind.
bool isAsPredicted(const NatFinding& finding);

class LabCheck {
 public:
  static constexpr Duration kLength = 3500ms;  // silence takes its time

  // `on_done` comes once, from the loop; it may destroy the check. Error (kIo): its servers cannot listen.
  static Result<std::unique_ptr<LabCheck>> start(Loop& loop, const Lab& lab,
                                                 const LabCheckPlan& plan,
                                                 std::function<void(LabCheckReport)> on_done);
  ~LabCheck();
  LabCheck(const LabCheck&) = delete;
  LabCheck& operator=(const LabCheck&) = delete;

 private:
  class NatTest;
  class PathTest;
  class WayTest;
  class SilenceTest;
  class LineTest;

  LabCheck(Loop& loop, std::function<void(LabCheckReport)> on_done);
  Result<Done> begin(const Lab& lab, const LabCheckPlan& plan);
  Result<Done> startServers(const Lab& lab);
  void finish();

  Loop& loop_;
  std::function<void(LabCheckReport)> on_done_;
  const Instant began_;
  std::size_t sites_ = 0;
  std::unique_ptr<StunResponder> stun_;
  std::unique_ptr<TcpEcho> echo_;
  std::vector<std::unique_ptr<NatTest>> nats_;
  std::vector<std::unique_ptr<PathTest>> paths_;
  std::vector<std::unique_ptr<WayTest>> ways_;
  std::vector<std::unique_ptr<SilenceTest>> silences_;
  std::vector<std::unique_ptr<LineTest>> lines_;
  Timer end_;
};

}  // namespace turnout
