// Anything as a recording: what is learned of it is JSON of bounded size, and what the draft is made of has been
// in the recording once, however often it was said.

#include "bots/signaling/dialect/dialect.h"
#include "bots/signaling/dialect/learn.h"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace turnout;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto learned = learnDialect({text}, "fuzzed");
  if (!learned)
    return 0;
  TURNOUT_CHECK(JsonValue::parse(learned->text).hasValue(), "a draft is JSON");
  TURNOUT_CHECK(learned->notes.size() <= 100, "a bound");
  TURNOUT_CHECK(learned->text.size() <= 64 * (size + 1024), "a bound");
  const auto again = learnDialect({text, text}, "fuzzed");
  TURNOUT_CHECK(again.hasValue(), "the same recording twice");
  ScenarioProblems problems;
  readDialect(learned->text, problems);
  return 0;
}
