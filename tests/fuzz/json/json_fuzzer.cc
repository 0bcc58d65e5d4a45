// Any bytes as JSON: a document or an error with its place, never a crash; and a document that is
// written and read again says the same. In time that grows as the text does.
#include "pipelines/base/json.h"

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace turnout;  // NOLINT(google-build-using-namespace)
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<JsonProblem> problems;
  const std::clock_t start = std::clock();
  const auto value = JsonValue::parse(text, problems);
  const double cpu_ms = 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  TURNOUT_CHECK(cpu_ms < 20 + 0.005 * static_cast<double>(size), "not linear in the text");
  TURNOUT_CHECK(value.has_value() == problems.empty(), "a document with problems, or neither");
  for (const JsonProblem& problem : problems)
    TURNOUT_CHECK(!problem.message.empty() && problem.line > 0 && problem.column > 0, "no place");
  if (!value)
    return 0;
  const std::string written = value->text();
  const auto again = JsonValue::parse(written);
  TURNOUT_CHECK(again && again->text() == written, written.c_str());
  return 0;
}
