// How gobject_ref.h counts and frees GStreamer's types that are not GObjects.
#pragma once

#include "pipelines/base/gobject_ref.h"

#include <gst/gst.h>

namespace turnout {

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

}  // namespace turnout
