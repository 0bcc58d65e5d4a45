#include "pipelines/media/no_jitter_buffer.h"

namespace turnout {
namespace {

// rtpbin sets "latency" and webrtcbin "do-retransmission" without asking whether they exist.
enum Property : guint { kLatency = 1, kDoRetransmission };

GstFlowReturn onBuffer(GstPad*, GstObject* parent, GstBuffer* buffer) {
  auto* source = static_cast<GstPad*>(GST_ELEMENT_CAST(parent)->srcpads->data);
  return gst_pad_push(source, buffer);
}

void addPads(GTypeInstance* instance, gpointer klass) {
  auto* element = reinterpret_cast<GstElement*>(instance);
  for (const char* name : {"sink", "src"}) {
    GstPad* pad = gst_pad_new_from_template(
        gst_element_class_get_pad_template(static_cast<GstElementClass*>(klass), name), name);
    if (gst_pad_get_direction(pad) == GST_PAD_SINK)
      gst_pad_set_chain_function(pad, onBuffer);
    GST_PAD_SET_PROXY_CAPS(pad);
    GST_PAD_SET_PROXY_ALLOCATION(pad);
    gst_element_add_pad(element, pad);
  }
}

void describe(gpointer klass, gpointer) {
  auto* element = static_cast<GstElementClass*>(klass);
  gst_element_class_add_pad_template(
      element, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_CAPS_ANY));
  gst_element_class_add_pad_template(
      element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_CAPS_ANY));
  gst_element_class_set_static_metadata(element, "No jitter buffer", "Filter/Network/RTP",
                                        "Passes RTP on at once", "turnout");
  auto* object = static_cast<GObjectClass*>(klass);
  object->set_property = [](GObject*, guint, const GValue*, GParamSpec*) {};
  const auto flags = static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property(
      object, kLatency, g_param_spec_uint("latency", "", "Ignored", 0, G_MAXUINT, 0, flags));
  g_object_class_install_property(
      object, kDoRetransmission,
      g_param_spec_boolean("do-retransmission", "", "Ignored", FALSE, flags));
}

GType noJitterBufferType() {
  static const GType type = g_type_register_static_simple(
      GST_TYPE_ELEMENT, "TurnoutNoJitterBuffer", sizeof(GstElementClass), describe,
      sizeof(GstElement), addPads, static_cast<GTypeFlags>(0));
  return type;
}

}  // namespace

Ref<GstElement> makeNoJitterBuffer() {
  return Ref<GstElement>::sink(
      static_cast<GstElement*>(g_object_new(noJitterBufferType(), nullptr)));
}

}  // namespace turnout
