#include "bots/signaling/app/sessions.h"

#include "pipelines/base/result.h"

namespace turnout {

const char* toString(Sessions::Phase phase) {
  switch (phase) {
    case Sessions::Phase::kAnonymous:
      return "anonymous";
    case Sessions::Phase::kNamed:
      return "named";
    case Sessions::Phase::kHeld:
      return "held";
    case Sessions::Phase::kGhost:
      return "ghost";
  }
  return "";
}

void Sessions::connected(const std::string& connection, Secret resume_key) {
  TURNOUT_CHECK(!contains(connection) && !keys_.count(connection), "a connection id came twice");
  sessions_.emplace(connection, Session{.key = connection,
                                        .address = connection,
                                        .page = "",
                                        .user = "",
                                        .resume_key = std::move(resume_key),
                                        .former_key = {}});
  keys_.emplace(connection, connection);
  connections_.emplace(connection, connection);
}

Sessions::Enrolled Sessions::enroll(const std::string& connection, const Enrollment& who) {
  Session& self = sessions_.at(keys_.at(connection));
  if (self.phase != Phase::kAnonymous)
    return AppError::kAlreadyRegistered;
  const auto known = key_of_user_.find(who.user);
  if (known == key_of_user_.end()) {
    self.phase = Phase::kNamed;
    self.user = who.user;
    self.page = who.page;
    key_of_user_.emplace(who.user, self.key);
    return Registered{};
  }
  Session& session = sessions_.at(known->second);
  const bool has_key =
      who.resume_key &&
      (session.resume_key.matches(*who.resume_key) ||
       (!session.former_key.empty() && session.former_key.matches(*who.resume_key)));
  const bool by_name = !who.resume_key && !options_.needs_key;
  const bool may_resume = session.phase == Phase::kHeld    ? has_key || by_name
                          : session.phase == Phase::kNamed ? has_key
                                                           : false;
  if (!may_resume)
    return AppError::kSessionActive;
  session.page = who.page;
  session.former_key = who.resume_key ? Secret(*who.resume_key) : session.resume_key;
  return resume(session, connection);
}

// A key is good for one return: a stolen one is worth nothing later.
Sessions::Enrolled Sessions::resume(Session& session, const std::string& connection) {
  session.resume_key = sessions_.at(keys_.at(connection)).resume_key;
  forget(keys_.at(connection));
  Resumed resumed{session.key, session.address, std::nullopt};
  if (const auto old = connections_.find(session.key); old != connections_.end()) {
    resumed.replaced = old->second;
    keys_.erase(old->second);
    connections_.erase(old);
  }
  graces_.clear(session.key);
  session.phase = Phase::kNamed;
  keys_.emplace(connection, session.key);
  connections_.emplace(session.key, connection);
  // Planted bug: others go on writing to the connection that is gone.
  if (!options_.bugs.contains(PlantedBug::kStaleId))
    session.address = connection;
  return resumed;
}

void Sessions::speaks(const std::string& key) {
  sessions_.at(key).former_key = {};
}

void Sessions::introduce(const std::string& key, const std::string& user) {
  if (Session& session = sessions_.at(key); session.phase == Phase::kAnonymous)
    session.user = user;
}

std::optional<std::string> Sessions::gone(Instant at, const std::string& connection, Gone how) {
  const auto found = keys_.find(connection);
  if (found == keys_.end())  // replaced before
    return std::nullopt;
  Session& session = sessions_.at(found->second);
  keys_.erase(found);
  connections_.erase(session.key);
  // Planted bug: nobody notices.
  if (how == Gone::kLost && options_.bugs.contains(PlantedBug::kNoCleanup)) {
    session.phase = Phase::kGhost;
    return std::nullopt;
  }
  // Planted bug: a lost connection is taken for a goodbye.
  const bool no_grace = options_.bugs.contains(PlantedBug::kNoGrace);
  if (session.phase == Phase::kAnonymous || how != Gone::kLost || no_grace ||
      graces_.size() >= options_.max_held)
    return session.key;
  session.phase = Phase::kHeld;
  graces_.set(session.key, at + options_.grace);
  return std::nullopt;
}

void Sessions::forget(std::string key) {
  const auto session = sessions_.find(key);
  const auto name = key_of_user_.find(session->second.user);
  if (name != key_of_user_.end() && name->second == key)
    key_of_user_.erase(name);
  graces_.clear(key);
  if (const auto connection = connections_.find(key); connection != connections_.end()) {
    keys_.erase(connection->second);
    connections_.erase(connection);
  }
  sessions_.erase(session);
}

const Sessions::Session* Sessions::ofConnection(const std::string& connection) const {
  const auto found = keys_.find(connection);
  return found != keys_.end() ? &sessions_.at(found->second) : nullptr;
}

const Sessions::Session* Sessions::named(const std::string& user) const {
  const auto found = key_of_user_.find(user);
  return found != key_of_user_.end() ? &sessions_.at(found->second) : nullptr;
}

}  // namespace turnout
