// Who is here: which connection speaks for which session, and which user stands behind it. A
// session begins with a connection and ends with it, unless its user registered a name: then a lost
// connection leaves the session held for the grace period, in which the same user takes it up
// again. A session's key is the id of its first connection and never changes; its address, by which
// others reach it, is the id of the present one. Pure.
//
//   phase       input                                  next
//   (none)      connected                              kAnonymous
//   kAnonymous  enroll, name free                      kNamed
//   kAnonymous  enroll, name held, no or right key     this one ends; that one -> kNamed, resumed,
//                                                      with a new key
//   kAnonymous  enroll, name in use, right key         the same; its old connection is replaced
//   kAnonymous  enroll, name in use, no or wrong key   same; refused session_active
//   kAnonymous  gone, however                          over
//   kNamed      enroll                                 same; refused already_registered
//   kNamed      gone: left or closed                   over
//   kNamed      gone: lost                             kHeld, the grace period starts
//   kHeld       grace has passed                       over
//   any         lost, planted bug no-cleanup           kGhost: for ever
// "Over" means: the caller frees what the session holds and then forgets it.
#pragma once

#include "bots/signaling/app/app_error.h"
#include "bots/signaling/app/deadlines.h"
#include "bots/signaling/app/planted_bug.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/secret.h"

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

namespace turnout {

enum class Gone {
  kLeft,    // said goodbye
  kClosed,  // closed by us, or by the client in an orderly way
  kLost,    // vanished
};

class Sessions {
 public:
  enum class Phase { kAnonymous, kNamed, kHeld, kGhost };
  struct Session {
    std::string key;
    Phase phase = Phase::kAnonymous;
    std::string address;  // a connection id
    std::string page;     // which page of the user speaks, by its own word; may be empty
    std::string user;     // registered, or as an anonymous one introduced itself; may be empty
    Secret resume_key;    // its holder may take the session up while it is in use
    Secret former_key;    // the one before, good until its user speaks again: the new may be lost
    bool has_held_place = false;  // was ever in a room, call or match
  };
  struct Options {
    Duration grace = 5s;
    std::size_t max_held = 10'000;  // beyond it, lost is as good as left
    PlantedBugs bugs;
    bool needs_key = false;  // a held session, too, is taken up with its key only
  };

  struct Registered {};
  struct Resumed {
    std::string key;                      // of the session that goes on
    std::string was;                      // its address before
    std::optional<std::string> replaced;  // a connection to be closed
  };
  using Enrolled = std::variant<Registered, Resumed, AppError>;

  explicit Sessions(Options options) : options_(std::move(options)) {}

  void connected(const std::string& connection, Secret resume_key);
  struct Enrollment {
    std::string user;
    std::string page;  // as Session::page
    std::optional<std::string> resume_key;
  };
  Enrolled enroll(const std::string& connection, const Enrollment& who);
  void speaks(const std::string& key);  // its user has had our last answer
  void introduce(const std::string& key, const std::string& user);  // ignored once registered
  void holdsPlace(const std::string& key) { sessions_.at(key).has_held_place = true; }

  // The key of the session that is over, if one is.
  std::optional<std::string> gone(Instant at, const std::string& connection, Gone how);
  std::optional<std::string> takeExpired(Instant at) { return graces_.takeDue(at); }
  void forget(std::string key);  // by value: it may be a string that goes with the session

  const Session* ofConnection(const std::string& connection) const;
  const Session* named(const std::string& user) const;
  const Session& at(const std::string& key) const { return sessions_.at(key); }
  bool contains(const std::string& key) const { return sessions_.count(key) > 0; }
  bool isReachable(const Session& session) const { return keys_.count(session.address) > 0; }

  const std::unordered_map<std::string, Session>& all() const { return sessions_; }  // by key

  Instant deadline() const { return graces_.next(); }
  std::size_t count() const { return sessions_.size(); }
  std::size_t connectionCount() const { return keys_.size(); }
  std::size_t heldCount() const { return graces_.size(); }
  std::size_t namedCount() const { return key_of_user_.size(); }

 private:
  Enrolled resume(Session& session, const std::string& connection);

  const Options options_;
  std::unordered_map<std::string, Session> sessions_;         // by key
  std::unordered_map<std::string, std::string> keys_;         // by connection
  std::unordered_map<std::string, std::string> connections_;  // by key, while there is one
  std::unordered_map<std::string, std::string> key_of_user_;
  Deadlines graces_;  // by key
};

const char* toString(Sessions::Phase phase);

}  // namespace turnout
