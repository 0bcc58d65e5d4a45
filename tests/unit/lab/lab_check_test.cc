#include "pipelines/lab/lab_check.h"

#include "orchestrator/report/lab_report_text.h"

namespace turnout {
namespace {

using ::testing::HasSubstr;

NatFinding natFinding(NatKind kind) {
  NatFinding finding{.kind = kind,
                     .mapping = mappingOf(kind),
                     .filtering = filteringOf(kind),
                     .local = "10.77.0.2",
                     .mapped = "198.51.100.10",
                     .ports = {4001, 4001, 4001, 4001}};
  if (kind == NatKind::kPublic)
    finding.mapped = finding.local;
  if (kind == NatKind::kSymmetric)
    finding.ports = {50123, 1044, 33000, 7};
  if (kind == NatKind::kSymmetricSequential)
    finding.ports = {16540, 16796, 17052, 17308};
  finding.is_as_predicted = isAsPredicted(finding);
  return finding;
}

LabCheckReport goodReport() {
  LabCheckReport report{.up_ms = 812.3, .check_ms = 2500, .sites = 23};
  for (const NatKind one : allNatKinds()) {
    report.nats.push_back(natFinding(one));
    for (const NatKind other : allNatKinds())
      report.paths.push_back({one, other, canMeet(one, other),
                              canMeet(one, other) ? std::optional(151.2) : std::nullopt});
  }
  for (const SiteSpec& site : labCheckSites())
    if (site.name.starts_with("no") || site.name.starts_with("t") || site.name.starts_with("w"))
      for (const WayOut way : allWaysOut()) {
        const Passage passage = passageOf(site.firewall, site.action, way);
        report.firewalls.push_back({site.firewall, site.action, way, passage, passage});
      }
  report.lines = {{"far", 100, 100.2, 60, 0, 0}, {"lossy", 20, 20.1, 60, 13, 13}};
  report.silences = {{"services", "192.168.77.1", true}, {"public_1", "192.168.77.1", true}};
  return report;
}

TEST(LabCheckTest, EachKindIsToldFromTheOthers) {
  for (const NatKind kind : allNatKinds()) {
    NatFinding finding = natFinding(kind);
    EXPECT_TRUE(finding.is_as_predicted) << toString(kind);
    finding.mapped.clear();
    EXPECT_FALSE(isAsPredicted(finding));
  }
  NatFinding finding = natFinding(NatKind::kSymmetric);
  finding.kind = NatKind::kSymmetricSequential;
  EXPECT_FALSE(isAsPredicted(finding));
  finding = natFinding(NatKind::kSymmetricSequential);
  finding.kind = NatKind::kSymmetric;
  EXPECT_FALSE(isAsPredicted(finding));
  finding = natFinding(NatKind::kFullCone);
  finding.kind = NatKind::kPublic;  // a public host is not translated
  EXPECT_FALSE(isAsPredicted(finding));
}

TEST(LabCheckTest, OneSurpriseIsEnough) {
  LabCheckReport report = goodReport();
  EXPECT_TRUE(report.holds());
  report.silences[0].is_silent = false;
  EXPECT_FALSE(report.holds());
  EXPECT_EQ(report.surprises(), 1U);
  EXPECT_FALSE(LabCheckReport{}.holds());
}

TEST(LabCheckTest, ALineIsHeldToItsDelayAndToItsSeed) {
  const LineFinding good{"far", 100, 100.2, 60, 5, 5};
  EXPECT_TRUE(good.isAsPredicted());
  LineFinding finding = good;
  finding.fastest_ms = 99.9;
  EXPECT_FALSE(finding.isAsPredicted());
  finding.fastest_ms = 100 + LineFinding::kToleranceMs + 0.1;
  EXPECT_FALSE(finding.isAsPredicted());
  finding = good;
  finding.lost = 6;
  EXPECT_FALSE(finding.isAsPredicted());
  finding = good;
  finding.fastest_ms.reset();
  EXPECT_FALSE(finding.isAsPredicted());
}

TEST(LabCheckTest, LooksAtEveryNatTwiceAndEveryFirewall) {
  const auto sites = labCheckSites();
  EXPECT_EQ(sites.size(), 7U * 2 + 9 + 2);
  EXPECT_EQ(sites[2 * static_cast<std::size_t>(NatKind::kSymmetric) + 1].nat, NatKind::kSymmetric);
}

TEST(LabCheckTest, ReportsAsTables) {
  const std::string text = labCheckText(goodReport());
  EXPECT_THAT(text, HasSubstr("  no_udp, reject"));
  EXPECT_THAT(text, HasSubstr("50123 1044 33000 7"));
  EXPECT_THAT(text, HasSubstr("the lab is what it says: "));
  EXPECT_EQ(text.find('!'), std::string::npos);
  const auto json = JsonValue::parse(labCheckJson(goodReport()));
  ASSERT_TRUE(json);
  EXPECT_TRUE(json->boolOr("holds", false));
  EXPECT_EQ(json->at("paths[0].first").asString(), "public");
}

TEST(LabCheckTest, MarksWhatIsNotAsPredicted) {
  LabCheckReport report = goodReport();
  report.paths.back().met_ms.reset();
  report.firewalls.back().seen = Passage::kSilent;
  const std::string text = labCheckText(report);
  EXPECT_THAT(text, HasSubstr("THE LAB IS NOT WHAT IT SAYS"));
  EXPECT_THAT(text, HasSubstr("- !"));
  EXPECT_THAT(text, HasSubstr("silent !"));
}

}  // namespace
}  // namespace turnout
