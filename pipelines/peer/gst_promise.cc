#include "pipelines/peer/gst_promise.h"

namespace turnout {
namespace {

using Answered = std::function<void(const GstStructure*)>;

void onChange(GstPromise* promise, gpointer data) {
  if (gst_promise_wait(promise) == GST_PROMISE_RESULT_REPLIED)
    (*static_cast<Answered*>(data))(gst_promise_get_reply(promise));
}

}  // namespace

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
