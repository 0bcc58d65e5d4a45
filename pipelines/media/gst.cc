#include "pipelines/media/gst.h"

#include <set>

namespace turnout {
namespace {

using Answered = std::function<void(const GstStructure*)>;

void onChange(GstPromise* promise, gpointer data) {
  if (gst_promise_wait(promise) == GST_PROMISE_RESULT_REPLIED)
    (*static_cast<Answered*>(data))(gst_promise_get_reply(promise));
}

}  // namespace

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

Ref<GstPromise> promise(Answered answered) {
  return Ref<GstPromise>::adopt(
      gst_promise_new_with_change_func(onChange, new Answered(std::move(answered)),
                                       [](gpointer data) { delete static_cast<Answered*>(data); }));
}

std::string errorOf(const GstStructure* reply) {
  if (!reply || !gst_structure_has_field_typed(reply, "error", G_TYPE_ERROR))
    return "";
  Owned<GError> error;
  gst_structure_get(reply, "error", G_TYPE_ERROR, error.out(), nullptr);
  return error ? error->message : "unknown";
}

}  // namespace turnout
