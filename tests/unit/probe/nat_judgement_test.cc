#include "orchestrator/report/reports.h"
#include "pipelines/probe/nat_probe.h"
#include "tests/unit/probe/fake_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;

MappingSeen seen(const char* server, std::uint16_t port, std::uint16_t mapped_port) {
  return {address(server, port), address("203.0.113.1", mapped_port)};
}

struct MappingRow {
  const char* why;
  std::vector<MappingSeen> seen;
  std::optional<NatRule> rule;
};

TEST(MappingRule, ComesFromWhatServersSaw) {
  const MappingRow rows[] = {
      {"nobody answered", {}, std::nullopt},
      {"one address tells nothing", {seen("192.0.2.1", 3478, 4000)}, std::nullopt},
      {"two ports of one address tell nothing when they see the same",
       {seen("192.0.2.1", 3478, 4000), seen("192.0.2.1", 3479, 4000)},
       std::nullopt},
      {"all see the same",
       {seen("192.0.2.1", 3478, 4000), seen("192.0.2.2", 3478, 4000),
        seen("192.0.2.2", 3479, 4000)},
       NatRule::kEndpointIndependent},
      {"each address sees another, each port the same",
       {seen("192.0.2.1", 3478, 4000), seen("192.0.2.2", 3478, 4001),
        seen("192.0.2.2", 3479, 4001)},
       NatRule::kAddressDependent},
      {"each port sees another",
       {seen("192.0.2.1", 3478, 4000), seen("192.0.2.2", 3478, 4001),
        seen("192.0.2.2", 3479, 4002)},
       NatRule::kAddressAndPortDependent},
      {"two servers see another: at least by address",
       {seen("192.0.2.1", 3478, 4000), seen("198.51.100.1", 19302, 4001)},
       NatRule::kAddressDependent},
  };
  for (const MappingRow& row : rows)
    EXPECT_EQ(mappingRule(row.seen), row.rule) << row.why;
}

TEST(FilteringRule, IsTheLoosestThatWasSeen) {
  EXPECT_EQ(filteringRule(true, true), NatRule::kEndpointIndependent);
  EXPECT_EQ(filteringRule(true, false), NatRule::kEndpointIndependent) << "the other got lost";
  EXPECT_EQ(filteringRule(false, true), NatRule::kAddressDependent);
  EXPECT_EQ(filteringRule(false, false), NatRule::kAddressAndPortDependent);
}

TEST(NatSentence, SaysWhatItMeansForCalls) {
  NatReport report;
  EXPECT_THAT(natSentence(report), HasSubstr("TURN over TCP or TLS"));
  report.is_translated = true;
  EXPECT_THAT(natSentence(report), HasSubstr("two STUN servers"));
  report.mapping = NatRule::kAddressAndPortDependent;
  EXPECT_THAT(natSentence(report), HasSubstr("symmetric"));
  report.mapping = NatRule::kEndpointIndependent;
  EXPECT_THAT(natSentence(report), HasSubstr("keeps one address"));
  report.is_translated = false;
  EXPECT_THAT(natSentence(report), HasSubstr("direct calls work"));
  report.filtering = NatRule::kAddressAndPortDependent;
  EXPECT_THAT(natSentence(report), HasSubstr("firewall"));
}

}  // namespace
}  // namespace turnout
