// A lab that is not what it says is found out: the traps of such labs, set on purpose; and one that was
// changed is what it has become. Each in a world of its own, which is this program again: only a process
// without threads can leave for one.
#include "pipelines/lab/lab_check.h"
#include "tests/lab/lab/lab_program.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace turnout {
namespace {

constexpr const char* kInside = "TURNOUT_LAB_TEST_INSIDE";

std::size_t siteOf(NatKind kind, std::size_t which) {
  return 2 * static_cast<std::size_t>(kind) + which;
}

std::size_t siteNamed(const Lab& lab, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(lab.sites(), name, &SiteSpec::name) -
                                  lab.sites().begin());
}

void spoil(Lab& lab) {
  const auto apply = [&](std::size_t site, const std::string& rules) {
    const auto applied = lab.applyRules({NodeKind::kRouter, site}, rules);
    EXPECT_TRUE(applied) << applied.error().what;
  };
  for (const std::size_t which : {0U, 1U}) {
    apply(siteOf(NatKind::kPortRestricted, which), "delete chain ip lab_nat uninvited\n");
    apply(siteOf(NatKind::kSymmetric, which), natRules(NatKind::kAddressRestricted, ""));
  }
  apply(siteOf(NatKind::kFullCone, 0), natRules(NatKind::kPortRestricted, ""));
  apply(siteNamed(lab, "no_udp_drop"), firewallRules(FirewallKind::kNone, FirewallAction::kDrop));
  apply(siteNamed(lab, "web_only_reject"),
        firewallRules(FirewallKind::kWebOnly, FirewallAction::kDrop));
  EXPECT_TRUE(Subprocess::run({"ip", "-batch", "-"}, "route replace unreachable 192.168.0.0/16\n",
                              lab.services().fd()));
}

void expectAllFound(const LabCheckReport& report) {
  const auto natOf = [&](NatKind kind) {
    return report.nats[static_cast<std::size_t>(kind)].is_as_predicted;
  };
  const auto meets = [&](NatKind one, NatKind other) {
    return std::ranges::any_of(report.paths, [&](const PathFinding& each) {
      return each.one == one && each.other == other && each.met_ms;
    });
  };
  // RFC 5780's tests see nothing wrong with it; ICE does.
  EXPECT_TRUE(natOf(NatKind::kPortRestricted));
  EXPECT_FALSE(meets(NatKind::kPortRestricted, NatKind::kPortRestricted));
  EXPECT_FALSE(natOf(NatKind::kSymmetric));
  EXPECT_TRUE(meets(NatKind::kSymmetric, NatKind::kCgnat));
  EXPECT_FALSE(natOf(NatKind::kFullCone));
  EXPECT_TRUE(natOf(NatKind::kAddressRestricted));

  const auto seen = [&](FirewallKind kind, FirewallAction action, WayOut way) {
    return std::ranges::find_if(report.firewalls,
                                [&](const FirewallFinding& each) {
                                  return each.kind == kind && each.action == action &&
                                         each.way == way;
                                })
        ->seen;
  };
  EXPECT_EQ(seen(FirewallKind::kNoUdp, FirewallAction::kDrop, WayOut::kUdp), Passage::kOpen);
  EXPECT_EQ(seen(FirewallKind::kWebOnly, FirewallAction::kReject, WayOut::kUdp), Passage::kSilent);
  EXPECT_TRUE(std::ranges::any_of(report.silences, [](const SilenceFinding& each) {
    return each.from == "services" && each.to == "192.168.77.1" && !each.is_silent;
  }));
  EXPECT_FALSE(report.holds());
}

class LabInside : public test::LabProgram {
 protected:
  void SetUp() override {
    if (!std::getenv(kInside))
      LabProgram::SetUp();
  }

  // False: this is the outer program, and the test was run inside.
  static bool isInside() {
    if (!std::getenv(kInside)) {
      const auto* info = testing::UnitTest::GetInstance()->current_test_info();
      const auto end = test::runToEnd(
          {"unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork",
           "--kill-child", "env", std::string(kInside) + "=1", *ownProgram(),
           std::string("--gtest_filter=") + info->test_suite_name() + "." + info->name()});
      EXPECT_EQ(end.status, 0) << end.text();
      return false;
    }
    const auto furnished = furnishOwnWorld();
    EXPECT_TRUE(furnished) << furnished.error().what;
    return true;
  }

  static LabCheckReport look(const Lab& lab, const LabCheckPlan& plan) {
    Loop loop;
    LabCheckReport report;
    const auto check = LabCheck::start(loop, lab, plan, [&](LabCheckReport done) {
      report = std::move(done);
      loop.quit();
    });
    EXPECT_TRUE(check) << check.error().what;
    loop.run();
    return report;
  }

  // What a check says of labCheckSites() to which `change` was done; nothing in the outer program.
  static std::optional<LabCheckReport> checkInside(const std::function<void(Lab&)>& change) {
    if (!isInside())
      return {};
    auto lab = Lab::bringUp(labCheckSites());
    EXPECT_TRUE(lab) << lab.error().what;
    change(*lab);
    return look(*lab, labCheckPlan(lab->sites()));
  }
};

TEST_F(LabInside, FindsOutALabThatIsNotWhatItSays) {
  if (const auto report = checkInside(spoil))
    expectAllFound(*report);
}

TEST_F(LabInside, AHundredSitesComeUp) {
  if (!isInside())
    return;
  std::vector<SiteSpec> sites;
  const auto kinds = allNatKinds();
  for (std::size_t i = 0; i < 100; ++i)
    sites.push_back({.name = "site-" + std::to_string(i), .nat = kinds[i % kinds.size()]});
  const Instant began = now();
  const auto lab = Lab::bringUp(sites);
  ASSERT_TRUE(lab) << lab.error().what;
  std::printf("100 sites came up in %.0f ms\n", toMs(now() - began));
  LabCheckPlan plan = quickCheckPlan(sites, {{0, 99}, {2, 98}, {50, 51}});
  plan.nats = {0, 1, 49, 95, 99};
  plan.ways = {99};
  EXPECT_TRUE(look(*lab, plan).holds());
}

// A link that was cut and an outage that is over leave nothing behind.
TEST_F(LabInside, WhatIsRestoredIsAsBefore) {
  const auto report = checkInside([](Lab& lab) {
    for (std::size_t site = 0; site < lab.sites().size(); ++site)
      for (const auto& result :
           {lab.cutLink(site), lab.beginOutage(site), lab.restoreLink(site), lab.endOutage(site)})
        EXPECT_TRUE(result) << result.error().what;
  });
  if (!report)
    return;
  EXPECT_TRUE(report->holds()) << report->surprises() << " surprises";
}

TEST_F(LabInside, AnOutageIsSilentAndACutLinkIsNot) {
  if (!isInside())
    return;
  auto lab = Lab::bringUp({{.name = "silent"}, {.name = "cut"}});
  ASSERT_TRUE(lab) << lab.error().what;
  ASSERT_TRUE(lab->beginOutage(0));
  ASSERT_TRUE(lab->cutLink(1));
  LabCheckPlan plan;
  plan.ways = {0, 1};
  for (const FirewallFinding& each : look(*lab, plan).firewalls)
    EXPECT_EQ(each.seen, each.site == "silent" || each.way == WayOut::kUdp ? Passage::kSilent
                                                                           : Passage::kRefused)
        << each.site << " " << toString(each.way);
}

TEST_F(LabInside, AChangedSiteIsWhatItHasBecome) {
  const auto report = checkInside([](Lab& lab) {
    const auto expectDone = [](const Result<Done>& result) {
      EXPECT_TRUE(result) << result.error().what;
    };
    expectDone(lab.setNat(siteOf(NatKind::kFullCone, 0), NatKind::kSymmetric));
    expectDone(lab.setNat(siteOf(NatKind::kSymmetric, 1), NatKind::kAddressRestricted));
    expectDone(lab.setFirewall(siteNamed(lab, "no_udp_drop"), FirewallKind::kTls443Only,
                               FirewallAction::kReject));
    expectDone(lab.rebind(siteOf(NatKind::kCgnat, 0)));
  });
  if (!report)
    return;
  EXPECT_TRUE(report->holds()) << report->surprises() << " surprises";
}

}  // namespace
}  // namespace turnout
