// What the kinds of call share: the sessions, the letter box and the counters. Owned by
// SignalingApp; one entry into it fills the outbox once.
#pragma once

#include "bots/signaling/app/app_stats.h"
#include "bots/signaling/app/sessions.h"

#include <string>
#include <vector>

namespace turnout {

struct Emit {
  std::string to;        // a connection id
  const char* event;     // its name
  std::string argument;  // JSON
};

struct Desk {
  Sessions sessions;
  std::vector<Emit> outbox;
  AppStats stats;

  // To where the session is reached now; to nobody while it is held.
  void tell(const std::string& key, const char* event, std::string argument) {
    const auto& session = sessions.at(key);
    if (sessions.isReachable(session))
      outbox.push_back({session.address, event, std::move(argument)});
    else
      stats.undelivered++;
  }
};

}  // namespace turnout
