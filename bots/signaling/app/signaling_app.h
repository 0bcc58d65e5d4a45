// The signaling application of docs/PROTOCOL.md: what the server does with what Socket.IO clients
// say. Three kinds of call at once, conference rooms, calls that ring and random partners, over
// sessions that survive a lost connection.
//
// Pure: inputs with their instant in; emits, at most one acknowledgement and closes out. Instants
// must not go back. What is due before an input's instant happens before the input, what is due at
// that very instant after it: an answer at the last moment is in time.
#pragma once

#include "bots/signaling/app/call_kind.h"
#include "bots/signaling/app/match_calls.h"
#include "bots/signaling/app/ring_calls.h"
#include "bots/signaling/app/room_calls.h"
#include "pipelines/base/clock.h"

#include <array>
#include <string_view>

namespace turnout {

// How many messages one connection may send: a bucket of `burst` messages that refills at
// `per_second`. Beyond it messages are refused; a client that keeps on for another `burst` is
// closed.
class MessageBudget {
 public:
  struct Options {
    double per_second = 200;
    double burst = 1000;  // a mesh of 8 sends about 150 messages at once when one joins
  };
  enum class Verdict { kWithin, kOver, kFlooding };

  MessageBudget(const Options& options, Instant at)
      : options_(options), left_(options.burst), at_(at) {}

  Verdict spend(Instant at);

 private:
  Options options_;
  double left_;  // messages; down to minus burst
  Instant at_;   // when left_ was true
};

struct SignalingAppOptions {
  std::size_t room_capacity = 8;  // members of one room
  Duration grace = 5s;            // in which who lost the connection can come back
  std::size_t max_held = 10'000;  // sessions held at one time
  // How a held session is taken up: by its user's name, or only with its key as well.
  enum class Resume { kByName, kByKey } resume = Resume::kByName;
  Duration ring_timeout = 30s;
  Duration match_timeout = 60s;
  MessageBudget::Options budget{};    // of each connection
  std::size_t max_message = 524'288;  // bytes of one event
  PlantedBugs bugs{};
};

class SignalingApp {
 public:
  enum class Content { kJson, kBinary };  // binary is not for us
  struct Event {
    std::string_view name;
    const std::vector<JsonValue>& arguments;
    std::size_t size = 0;  // bytes, as it came
    Content content = Content::kJson;
  };
  struct Close {
    std::string connection;
    const char* why;
  };
  struct Outcome {    // to be carried out in this order
    std::string ack;  // JSON: the one argument; of onEvent() only
    std::vector<Emit> emits;
    std::vector<Close> closes;  // onGone() is due for each
  };

  explicit SignalingApp(SignalingAppOptions options);

  // `connection`: an id others may see, never used before. `resume_key`: known to this client
  // alone.
  Outcome onConnected(Instant at, const std::string& connection, Secret resume_key);
  Outcome onEvent(Instant at, const std::string& connection, const Event& event);
  Outcome onGone(Instant at, const std::string& connection, Gone how);
  Outcome onTime(Instant at);
  Instant deadline() const;  // when onTime() is due; Instant::max() for never

  const AppStats& stats() const { return shared_.stats; }
  AppCensus census() const;
  bool isConsistent() const;  // slow; for tests

 private:
  struct Request {
    Instant at;
    const std::string& connection;
    const std::string& key;  // of the session
    const JsonValue& body;   // the first argument
  };
  using Handler = Answer (SignalingApp::*)(const Request&);
  static Handler handlerOf(std::string_view name);

  Answer answerTo(Instant at, const std::string& connection, const Event& event);
  Answer enroll(const Request& request);
  Answer join(const Request& request);
  Answer signal(const Request& request);
  Answer leave(const Request& request);
  Answer call(const Request& request);
  Answer answer(const Request& request);
  Answer reject(const Request& request);
  Answer hangUp(const Request& request);
  Answer findPartner(const Request& request);
  Answer nextPartner(const Request& request);

  Answer seekPartner(const Request& request, EndReason why_leave);
  std::string enrolled(const std::string& key, bool was_resumed) const;
  void resumed(Instant at, const std::string& connection, const Sessions::Resumed& resumed);
  void relay(const std::string& from, const std::string& to, const JsonValue& data);
  void leavePlace(Instant at, const std::string& key, EndReason why);
  void endSession(Instant at, const std::string& key, EndReason why);

  CallKind* placeOf(const std::string& key) const;  // null: in nothing
  void letFallDue(Instant at);                      // up to and with `at`
  Outcome finish(std::string ack);

  const SignalingAppOptions options_;
  SharedState shared_;
  RoomCalls rooms_;
  RingCalls rings_;
  MatchCalls matches_;
  const std::array<CallKind*, 3> kinds_ = {&rooms_, &rings_, &matches_};
  std::unordered_map<std::string, MessageBudget> budgets_;  // by connection
  std::vector<Close> closes_;
};

}  // namespace turnout
