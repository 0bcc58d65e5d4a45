// A Socket.IO client that writes down what it hears and is answered, for tests.
#pragma once

#include "bots/signaling/client/socket_io_client.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace turnout {

class Caller {
 public:
  Caller(Loop& loop, const std::string& url, const std::string& auth = "")
      : loop_(loop),
        client_(std::make_unique<SocketIoClient>(
            loop, SocketIoClient::Options{.engine = {.url = url}, .auth = auth},
            [this](SocketIoClient::Event event) {
              std::visit([this](auto& body) { on(body); }, event.body);
            })) {}

  bool isIn() {
    return loop_.runUntil([this] { return !id.empty() || !refused.empty() || is_down; }, 5s) &&
           !id.empty();
  }
  // The acknowledgement; absent when none comes.
  JsonValue ask(const char* event, const std::string& argument = "{}") {
    const auto ack = client_->emitWithAck(event, {argument});
    loop_.runUntil([&] { return acks_.count(ack) > 0 || is_down; }, 5s);
    return acks_[ack];
  }
  // The argument of the next such event; absent when none comes. Those before it are forgotten.
  JsonValue hear(const std::string& event) {
    std::optional<JsonValue> found;
    loop_.runUntil(
        [&] {
          while (!found && !heard_.empty()) {
            if (heard_.front().name == event)
              found = heard_.front().arguments.at(0);
            heard_.erase(heard_.begin());
          }
          return found || is_down;
        },
        5s);
    return found.value_or(JsonValue());
  }
  bool goesDown() {
    return loop_.runUntil([this] { return is_down; }, 5s);
  }
  void vanish() { client_.reset(); }  // without a goodbye
  SocketIoClient& client() { return *client_; }

  std::string id;       // our socket id, once in
  std::string refused;  // why not
  bool is_down = false;

 private:
  void on(SocketIoClient::Connected& event) { id = event.id; }
  void on(SocketIoClient::ConnectRefused& event) { refused = event.message; }
  void on(SocketIoClient::Message& event) { heard_.push_back(event); }
  void on(SocketIoClient::Acknowledged& event) {
    acks_[event.id] = event.arguments.empty() ? JsonValue() : event.arguments[0];
  }
  void on(SocketIoClient::Disconnected&) { is_down = true; }

  Loop& loop_;
  std::vector<SocketIoClient::Message> heard_;
  std::map<std::uint64_t, JsonValue> acks_;
  std::unique_ptr<SocketIoClient> client_;
};

}  // namespace turnout
