#include "orchestrator/live/live_page.h"

#include "orchestrator/report/html_page.h"

namespace turnout {

std::span<const EmbeddedFile> livePageFiles();  // page/CMakeLists.txt

const std::string& livePage() {
  static const std::string page =
      htmlPage({.files = livePageFiles(), .policy = "; connect-src 'self'"});
  return page;
}

}  // namespace turnout
