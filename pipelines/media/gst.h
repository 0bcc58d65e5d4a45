// GStreamer as this process uses it: started once, its elements checked for, its counted types in
// Ref, and a GstPromise with a callable.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"

#include <functional>
#include <string>
#include <vector>

#include <gst/gst.h>

namespace turnout {

// How Ref counts GStreamer's types that are not GObjects.
template <>
struct RefOps<GstCaps> {
  static void ref(GstCaps* p) { gst_caps_ref(p); }
  static void unref(GstCaps* p) { gst_caps_unref(p); }
};
template <>
struct RefOps<GstBuffer> {
  static void ref(GstBuffer* p) { gst_buffer_ref(p); }
  static void unref(GstBuffer* p) { gst_buffer_unref(p); }
};
template <>
struct RefOps<GstSample> {
  static void ref(GstSample* p) { gst_sample_ref(p); }
  static void unref(GstSample* p) { gst_sample_unref(p); }
};
template <>
struct RefOps<GstMessage> {
  static void ref(GstMessage* p) { gst_message_ref(p); }
  static void unref(GstMessage* p) { gst_message_unref(p); }
};
template <>
struct RefOps<GstPromise> {
  static void ref(GstPromise* p) { gst_promise_ref(p); }
  static void unref(GstPromise* p) { gst_promise_unref(p); }
};

struct RequiredElement {
  const char* name;            // the element's factory
  const char* debian_package;  // where it comes from
};

// Idempotent. An error when GStreamer itself cannot start. Any thread.
Result<Done> startGst();

// An error of kind kEnvironment that names every missing element, its package and the command that
// installs them all. startGst() first.
Result<Done> requireElements(const std::vector<RequiredElement>& elements);

// `answered` gets the reply, which may be null, unless the promise is dropped unanswered. It runs
// on the thread that answers: copy and post.
Ref<GstPromise> promise(std::function<void(const GstStructure*)> answered);

// The message of the "error" in a reply; empty when there is none.
std::string errorOf(const GstStructure* reply);

}  // namespace turnout
