#include "orchestrator/ice_servers/read/settings.h"

#include <map>
#include <ostream>

#include <gtest/gtest.h>

namespace turnout {
namespace {

struct Row {
  std::optional<std::string> option;
  std::map<std::string, std::string> environment;
  std::optional<Deployment> expected;  // absent: an error
};
std::ostream& operator<<(std::ostream& out, const Row& row) {
  out << row.option.value_or("-");
  for (const auto& [name, value] : row.environment)
    out << " " << name << "=" << value;
  return out;
}

class DetectDeployment : public testing::TestWithParam<Row> {};

TEST_P(DetectDeployment, TakesTheStrongestWord) {
  const Row& row = GetParam();
  const auto found =
      detectDeployment(row.option, [&](const std::string& name) -> std::optional<std::string> {
        const auto variable = row.environment.find(name);
        return variable == row.environment.end() ? std::nullopt : std::optional(variable->second);
      });
  ASSERT_EQ(found.hasValue(), row.expected.has_value());
  if (found)
    EXPECT_EQ(*found, *row.expected);
  else
    EXPECT_EQ(found.error().code, ErrorCode::kUsage);
}

constexpr auto kDevelopment = Deployment::kDevelopment;
constexpr auto kProduction = Deployment::kProduction;

INSTANTIATE_TEST_SUITE_P(
    Rows, DetectDeployment,
    testing::Values(
        Row{{}, {}, kDevelopment}, Row{"production", {}, kProduction},
        Row{"development", {{"TURNOUT_ENV", "production"}}, kDevelopment},
        Row{{}, {{"TURNOUT_ENV", "production"}, {"NODE_ENV", "development"}}, kProduction},
        Row{{}, {{"TURNOUT_ENV", "development"}, {"NODE_ENV", "production"}}, kDevelopment},
        Row{{}, {{"TURNOUT_ENV", ""}, {"NODE_ENV", "production"}}, kProduction},
        Row{{}, {{"NODE_ENV", "test"}}, kDevelopment}, Row{"staging", {}, std::nullopt},
        Row{{}, {{"TURNOUT_ENV", "prod"}}, std::nullopt}));

}  // namespace
}  // namespace turnout
