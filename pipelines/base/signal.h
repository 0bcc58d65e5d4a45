// The only g_signal_connect of the tree. connect<Sig>() ties a callable to a GObject signal and
// returns the connection, which disconnects when it is destroyed.
// A handler may run on a foreign thread, and disconnecting does not wait for one that is running:
// capture a Sender (mailbox.h) or a weak_ptr and plain values, never a bare `this`.
#pragma once

#include "pipelines/base/gobject_ref.h"

#include <functional>
#include <utility>

namespace turnout {

class SignalConnection {
 public:
  SignalConnection() = default;
  SignalConnection(Ref<GObject> object, gulong id) : object_(std::move(object)), id_(id) {}
  SignalConnection(SignalConnection&& other) noexcept
      : object_(std::move(other.object_)), id_(std::exchange(other.id_, 0)) {}
  SignalConnection& operator=(SignalConnection&& other) noexcept {
    disconnect();
    object_ = std::move(other.object_);
    id_ = std::exchange(other.id_, 0);
    return *this;
  }
  SignalConnection(const SignalConnection&) = delete;
  SignalConnection& operator=(const SignalConnection&) = delete;
  ~SignalConnection() { disconnect(); }
  void disconnect() {
    if (const gulong id = std::exchange(id_, 0))
      g_signal_handler_disconnect(object_.get(), id);
    object_.reset();
  }

 private:
  Ref<GObject> object_;
  gulong id_ = 0;
};

template <class Sig>
struct SignalThunk;
template <class R, class... A>
struct SignalThunk<R(A...)> {
  using Function = std::function<R(A...)>;
  static R call(A... args, gpointer data) noexcept {
    return (*static_cast<Function*>(data))(args...);
  }
};

// Sig is the C handler's signature without the trailing user data, e.g.
//   connect<void(GstElement*, guint, const char*)>(bin, "on-ice-candidate", [..](...) {...});
template <class Sig>
SignalConnection connect(gpointer instance, const char* signal, std::function<Sig> handler) {
  using Thunk = SignalThunk<Sig>;
  auto* owned = new std::function<Sig>(std::move(handler));
  const gulong id = g_signal_connect_data(
      instance, signal, reinterpret_cast<GCallback>(&Thunk::call), owned,
      [](gpointer data, GClosure*) { delete static_cast<std::function<Sig>*>(data); },
      static_cast<GConnectFlags>(0));
  return SignalConnection(Ref<GObject>::share(static_cast<GObject*>(instance)), id);
}

}  // namespace turnout
