#include "orchestrator/cli/versions.h"

#include "pipelines/base/json.h"
#include "pipelines/base/subprocess.h"

namespace turnout {

const char* sourceCommit();  // "" outside a checkout; written by source_commit.cmake

namespace {

// turnserver --version prints the number on its last line.
std::string coturnVersion() {
  const auto printed = Subprocess::run({"turnserver", "--version"});
  if (!printed)
    return "";
  const std::size_t end = printed->find_last_not_of(" \n");
  const std::size_t start = printed->find_last_of(" \n", end);
  return printed->substr(start + 1, end - start);
}

}  // namespace

std::string versionText() {
  const std::string commit = sourceCommit();
  return "turnout " TURNOUT_VERSION + (commit.empty() ? "" : " (commit " + commit + ")") +
         "\ngstreamer " TURNOUT_GSTREAMER_VERSION "\nlibnice " TURNOUT_LIBNICE_VERSION
         "\nlibsoup " TURNOUT_LIBSOUP_VERSION "\n";
}

std::string versionsJson() {
  JsonWriter out;
  out.beginObject()
      .field("turnout", TURNOUT_VERSION)
      .field("commit", sourceCommit())
      .field("gstreamer", TURNOUT_GSTREAMER_VERSION)
      .field("libnice", TURNOUT_LIBNICE_VERSION)
      .field("libsoup", TURNOUT_LIBSOUP_VERSION);
  if (const std::string coturn = coturnVersion(); !coturn.empty())
    out.field("coturn", coturn);
  return out.endObject().take();
}

}  // namespace turnout
