// Subclassing a C class in a few lines: an instance is the C base struct followed by one C++
// object, which is constructed with the instance and destroyed with it. Used only for the classes
// webrtcbin must see; everything else of ours is plain C++.
#pragma once

#include <new>

#include <glib-object.h>

namespace turnout {

template <class Base, class State>
struct Instance {
  Base base;
  State state;
};

template <class Base, class State>
State& stateOf(gpointer object) {
  return static_cast<Instance<Base, State>*>(object)->state;
}

// Registers the type. `Base`, `BaseClass` and `State` must name it uniquely: the parent class is
// kept per instantiation. Call once per type (from a static initialiser in a function).
template <class Base, class BaseClass, class State>
GType defineType(const char* name, GType parent, void (*class_init)(BaseClass*)) {
  static gpointer parent_class;
  GTypeInfo info{};
  info.class_size = sizeof(BaseClass);
  info.instance_size = sizeof(Instance<Base, State>);
  info.class_data = reinterpret_cast<gconstpointer>(class_init);
  info.class_init = [](gpointer klass, gpointer data) {
    parent_class = g_type_class_peek_parent(klass);
    G_OBJECT_CLASS(klass)->finalize = [](GObject* object) {
      stateOf<Base, State>(object).~State();
      G_OBJECT_CLASS(parent_class)->finalize(object);
    };
    reinterpret_cast<void (*)(BaseClass*)>(data)(static_cast<BaseClass*>(klass));
  };
  info.instance_init = [](GTypeInstance* object, gpointer) {
    new (&stateOf<Base, State>(object)) State();
  };
  return g_type_register_static(parent, name, &info, static_cast<GTypeFlags>(0));
}

}  // namespace turnout
