#include "orchestrator/report/reports.h"
#include "orchestrator/report/writers.h"

namespace turnout {

std::span<const EmbeddedFile> reportPageFiles();  // html/CMakeLists.txt

std::string htmlReport(const JudgedRun& run, const CallEvents& events) {
  return htmlPage(
      {.files = reportPageFiles(), .library = "d3.min.js", .data = pageData(run, events)});
}

}  // namespace turnout
