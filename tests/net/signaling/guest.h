// A signaling client that writes down what it is told, for tests.
#pragma once

#include "bots/signaling/client/signaling_client.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

struct Guest {
  Guest(Loop& loop, const std::string& url, const std::string& room, const std::string& user,
        EngineStart start = EngineStart::kWebSocket)
      : client(SignalingClient::connect(loop, {.url = url, .start = start},
                                        [this, room, user](SignalEvent event) {
                                          if (std::holds_alternative<SignalConnected>(event.body))
                                            client->joinRoom(room, user);
                                          events.push_back(std::move(event));
                                        })) {}

  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& event : events)
      if (const T* body = std::get_if<T>(&event.body))
        found.push_back(*body);
    return found;
  }
  template <class T>
  bool has() const {
    return !all<T>().empty();
  }
  std::string id() const { return all<SignalJoined>().at(0).id; }

  std::vector<SignalEvent> events;
  std::unique_ptr<SignalingClient> client;
};

}  // namespace turnout
