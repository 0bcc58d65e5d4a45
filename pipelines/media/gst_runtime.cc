#include "pipelines/media/gst_runtime.h"

#include "pipelines/media/gst_ref.h"

#include <set>
#include <string>

#include <gst/gst.h>

namespace turnout {

Result<Done> startGst() {
  Owned<GError> error;
  if (!gst_init_check(nullptr, nullptr, error.out()))
    return Error{ErrorCode::kEnvironment, std::string("GStreamer does not start: ") +
                                              (error ? error->message : "no reason")};
  return Done{};
}

Result<Done> requireElements(const std::vector<RequiredElement>& elements) {
  std::string missing;
  std::set<std::string> packages;
  for (const RequiredElement& element : elements) {
    if (Ref<GstElementFactory>::adopt(gst_element_factory_find(element.name)))
      continue;
    missing += (missing.empty() ? "" : ", ") + std::string(element.name) + " (package " +
               element.debian_package + ")";
    packages.insert(element.debian_package);
  }
  if (missing.empty())
    return Done{};
  std::string command = "apt-get install";
  for (const std::string& package : packages)
    command += " " + package;
  return Error{ErrorCode::kEnvironment,
               "missing GStreamer elements: " + missing + "; install them with: " + command};
}

}  // namespace turnout
