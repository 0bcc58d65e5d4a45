// Result<T>: a value, or one Error that a person can act on. The whole tree reports tool failures
// this way (docs/ARCHITECTURE.md, "Errors"); a call that failed to connect is data, not an Error.
// Named after std::expected, which g++ 12 offers only in C++23 mode.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace turnout {

enum class ErrorCode {
  kUsage,        // the command line is wrong
  kBadScenario,  // a scenario, server list or stored run cannot be used
  kEnvironment,  // something the machine lacks: a package, a right, a free port
  kIo,           // a file or socket failed
  kInternal,     // a bug of ours
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string what;  // what, where, and what to do: one line for a person
};

struct Done {};  // the value of an operation that only succeeds or fails

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool hasValue() const { return state_.index() == 0; }
  explicit operator bool() const { return hasValue(); }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }
  T valueOr(T other) && { return hasValue() ? std::get<0>(std::move(state_)) : std::move(other); }

 private:
  std::variant<T, Error> state_;
};

[[noreturn]] inline void checkFailed(const char* condition, const char* why, const char* file,
                                     int line) {
  std::fprintf(stderr, "turnout: bug: %s (%s) at %s:%d\n", why, condition, file, line);
  std::abort();
}

// Visitor made of lambdas, for std::visit.
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace turnout

// An impossible state is a bug: abort with the place. A bot host dies alone and its calls are data.
#define TURNOUT_CHECK(condition, why) \
  ((condition) ? void() : ::turnout::checkFailed(#condition, why, __FILE__, __LINE__))
// The same where it costs too much, or kills too much, for a release: on in debug and sanitizer
// builds.
#if !defined(NDEBUG) || defined(TURNOUT_DCHECKS)
#define TURNOUT_DCHECK(condition, why) TURNOUT_CHECK(condition, why)
#else
#define TURNOUT_DCHECK(condition, why) ((void)sizeof(condition))
#endif
