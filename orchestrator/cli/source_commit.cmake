# A build step: writes the source of sourceCommit(), only when its text changes.
if(NOT COMMIT)
  execute_process(COMMAND git -C ${SOURCES} rev-parse --short=9 HEAD OUTPUT_VARIABLE COMMIT
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[// Written by source_commit.cmake.
namespace turnout {
const char* sourceCommit();
const char* sourceCommit() {
  return "@COMMIT@";
}
}  // namespace turnout
]] @ONLY)
