#include "pipelines/ice/agent/ice_elements.h"

#include "pipelines/ice/agent/gobject_type.h"
#include "pipelines/ice/agent/ice_core.h"

#include <utility>

namespace turnout {
namespace {

struct SourceState {
  std::shared_ptr<IceCore> core;
  GstPad* pad = nullptr;  // the element's
};
struct SinkState {
  std::shared_ptr<IceCore> core;
};

GstElementClass* source_parent = nullptr;  // written once, by the class initialiser

GstStateChangeReturn changeSourceState(GstElement* element, GstStateChange change) {
  const auto& state = stateOf<GstElement, SourceState>(element);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
    state.core->stopSource();
  auto result = source_parent->change_state(element, change);
  if (change == GST_STATE_CHANGE_READY_TO_PAUSED && result == GST_STATE_CHANGE_SUCCESS) {
    state.core->startSource(element, state.pad);
    result = GST_STATE_CHANGE_NO_PREROLL;  // live
  }
  return result;
}

void initSourceClass(GstElementClass* klass) {
  source_parent = static_cast<GstElementClass*>(g_type_class_peek_parent(klass));
  klass->change_state = changeSourceState;
  gst_element_class_add_pad_template(
      klass, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_CAPS_ANY));
  gst_element_class_set_static_metadata(klass, "ICE source", "Source/Network",
                                        "Packets received by an ICE agent", "turnout");
}

void initSinkClass(GstElementClass* klass) {
  gst_element_class_add_pad_template(
      klass, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_CAPS_ANY));
  gst_element_class_set_static_metadata(klass, "ICE sink", "Sink/Network",
                                        "Packets to be sent by an ICE agent", "turnout");
}

GType sourceType() {
  static const GType type = defineType<GstElement, GstElementClass, SourceState>(
      "TurnoutIceSource", GST_TYPE_ELEMENT, initSourceClass);
  return type;
}
GType sinkType() {
  static const GType type = defineType<GstElement, GstElementClass, SinkState>(
      "TurnoutIceSink", GST_TYPE_ELEMENT, initSinkClass);
  return type;
}

GstPad* addPad(GstElement* element, const char* name) {
  GstPad* pad = gst_pad_new_from_template(
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element), name), name);
  gst_element_add_pad(element, pad);
  return pad;
}

gboolean answerQuery(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY)
    return gst_pad_query_default(pad, parent, query);
  gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

GstFlowReturn sendBuffer(GstPad*, GstObject* parent, GstBuffer* buffer) {
  GstMapInfo map;
  if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
    stateOf<GstElement, SinkState>(parent).core->send(map.data, map.size);
    gst_buffer_unmap(buffer, &map);
  }
  gst_buffer_unref(buffer);
  return GST_FLOW_OK;  // a lost path is ICE's to tell, never a pipeline error
}

gboolean dropEvent(GstPad*, GstObject*, GstEvent* event) {
  gst_event_unref(event);
  return TRUE;
}

}  // namespace

GstElement* newIceSource(std::shared_ptr<IceCore> core) {
  auto* element = static_cast<GstElement*>(g_object_new(sourceType(), nullptr));
  auto& state = stateOf<GstElement, SourceState>(element);
  state.core = std::move(core);
  state.pad = addPad(element, "src");
  gst_pad_set_query_function(state.pad, answerQuery);
  GST_OBJECT_FLAG_SET(element, GST_ELEMENT_FLAG_SOURCE);
  return element;
}

GstElement* newIceSink(std::shared_ptr<IceCore> core) {
  auto* element = static_cast<GstElement*>(g_object_new(sinkType(), nullptr));
  stateOf<GstElement, SinkState>(element).core = std::move(core);
  GstPad* pad = addPad(element, "sink");
  gst_pad_set_chain_function(pad, sendBuffer);
  gst_pad_set_event_function(pad, dropEvent);
  GST_OBJECT_FLAG_SET(element, GST_ELEMENT_FLAG_SINK);
  return element;
}

}  // namespace turnout
