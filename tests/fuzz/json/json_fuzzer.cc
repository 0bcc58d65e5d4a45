// Any bytes as JSON: a document or an error with its place, never a crash; and a document that is
// written and read again says the same.
#include "pipelines/base/json.h"
#include "pipelines/base/json_syntax.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace turnout;  // NOLINT(google-build-using-namespace)
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& problem : jsonSyntaxProblems(text))
    TURNOUT_CHECK(!problem.message.empty() && problem.line > 0 && problem.column > 0, "no place");
  const auto value = JsonValue::parse(text);
  if (!value) {
    TURNOUT_CHECK(!value.error().what.empty(), "refused without a reason");
    return 0;
  }
  const std::string written = value->text();
  const auto again = JsonValue::parse(written);
  TURNOUT_CHECK(again && again->text() == written, written.c_str());
  return 0;
}
