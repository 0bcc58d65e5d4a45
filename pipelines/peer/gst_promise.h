// GstPromise with a callable: what webrtcbin answers to a command, on its own thread.
#pragma once

#include "pipelines/media/gst_ref.h"

#include <functional>
#include <string>

namespace turnout {

template <>
struct RefOps<GstPromise> {
  static void ref(GstPromise* p) { gst_promise_ref(p); }
  static void unref(GstPromise* p) { gst_promise_unref(p); }
};

// `answered` gets the reply, which may be null, unless the promise is dropped unanswered. It runs
// on a foreign thread: copy and post.
Ref<GstPromise> promise(std::function<void(const GstStructure*)> answered);

// The message of the "error" in a reply; empty when there is none.
std::string errorOf(const GstStructure* reply);

}  // namespace turnout
