// The only places in the tree that ref, unref or free what C libraries give.
// Ref<T> is a counted reference; the constructor's name repeats the C documentation's word:
//   adopt  (transfer full), share (transfer none), sink (floating).
// Owned<T> is a unique_ptr with the right free function, and out() for C out-parameters.
#pragma once

#include <memory>
#include <utility>

#include <gio/gio.h>
#include <glib-object.h>
#include <glib.h>

namespace turnout {

// Specialise for boxed types that are counted by other functions than g_object_ref.
template <class T>
struct RefOps {
  static void ref(T* p) { g_object_ref(p); }
  static void sink(T* p) { g_object_ref_sink(p); }
  static void unref(T* p) { g_object_unref(p); }
};
template <>
struct RefOps<GBytes> {
  static void ref(GBytes* p) { g_bytes_ref(p); }
  static void unref(GBytes* p) { g_bytes_unref(p); }
};
template <>
struct RefOps<GMainContext> {
  static void ref(GMainContext* p) { g_main_context_ref(p); }
  static void unref(GMainContext* p) { g_main_context_unref(p); }
};
template <>
struct RefOps<GMainLoop> {
  static void ref(GMainLoop* p) { g_main_loop_ref(p); }
  static void unref(GMainLoop* p) { g_main_loop_unref(p); }
};
template <>
struct RefOps<GPtrArray> {
  static void ref(GPtrArray* p) { g_ptr_array_ref(p); }
  static void unref(GPtrArray* p) { g_ptr_array_unref(p); }
};
template <>
struct RefOps<GSource> {
  static void ref(GSource* p) { g_source_ref(p); }
  static void unref(GSource* p) { g_source_unref(p); }
};

template <class T>
class Ref {
 public:
  Ref() = default;
  static Ref adopt(T* p) { return Ref(p); }
  static Ref share(T* p) {
    if (p)
      RefOps<T>::ref(p);
    return Ref(p);
  }
  static Ref sink(T* p) {
    if (p)
      RefOps<T>::sink(p);
    return Ref(p);
  }
  Ref(const Ref& other) : Ref(share(other.p_)) {}
  Ref(Ref&& other) noexcept : p_(std::exchange(other.p_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(p_, other.p_);
    return *this;
  }
  ~Ref() { reset(); }

  T* get() const { return p_; }
  explicit operator bool() const { return p_ != nullptr; }
  void reset() {
    if (T* p = std::exchange(p_, nullptr))
      RefOps<T>::unref(p);
  }
  T* release() { return std::exchange(p_, nullptr); }  // to a C call that takes the reference

 private:
  explicit Ref(T* p) : p_(p) {}
  T* p_ = nullptr;
};

template <class T>
struct OwnedOps;  // one line per type: how it is freed
template <>
struct OwnedOps<char> {
  static void free(char* p) { g_free(p); }
};
template <>
struct OwnedOps<GError> {
  static void free(GError* p) { g_error_free(p); }
};
template <>
struct OwnedOps<GUri> {
  static void free(GUri* p) { g_uri_unref(p); }
};
template <>
struct OwnedOps<GHmac> {
  static void free(GHmac* p) { g_hmac_unref(p); }
};
template <>
struct OwnedOps<guchar> {
  static void free(guchar* p) { g_free(p); }
};
template <>
struct OwnedOps<GTimeZone> {
  static void free(GTimeZone* p) { g_time_zone_unref(p); }
};
template <>
struct OwnedOps<GDateTime> {
  static void free(GDateTime* p) { g_date_time_unref(p); }
};

template <class T>
class Owned {
 public:
  Owned() = default;
  explicit Owned(T* p) : p_(p) {}
  Owned(Owned&& other) noexcept : p_(std::exchange(other.p_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    reset(std::exchange(other.p_, nullptr));
    return *this;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { reset(); }

  T* get() const { return p_; }
  T* operator->() const { return p_; }
  explicit operator bool() const { return p_ != nullptr; }
  T** out() {  // for a C out-parameter
    reset();
    return &p_;
  }
  T* release() { return std::exchange(p_, nullptr); }
  void reset(T* p = nullptr) {
    if (T* old = std::exchange(p_, p))
      OwnedOps<T>::free(old);
  }

 private:
  T* p_ = nullptr;
};

}  // namespace turnout
