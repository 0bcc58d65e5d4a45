#include "bots/attempt/message_link.h"
#include "bots/host/link.h"

#include <utility>

namespace turnout {
namespace {

class MessageOnlyLink final : public Link {
 public:
  MessageOnlyLink(Setup setup, Listener listener)
      : setup_(std::move(setup)),
        listener_(std::move(listener)),
        peer_id_(setup_.open.peer.id),
        machine_(*setup_.world.setup.messages, setup_.open.begin + setup_.open.connect,
                 setup_.lost_at) {}

  void start() override {
    machine_.start(now(), setup_.open.peer.we_offer ? LinkAttempt::Role::kOfferer
                                                    : LinkAttempt::Role::kAnswerer);
    drain();
  }
  void onPing(Instant at, const SignalPing& ping) override {
    last_heard_ = at;
    if (ping.is_answer)
      machine_.onAnswer(at, ping.number);
    else
      machine_.onPing(at, ping.number);
    drain();
  }
  void onSignalingLost(Instant at, const std::string& what) override {
    machine_.onSignalingLost(at, what);
    drain();
  }
  void rebind(const std::string& peer_id) override { peer_id_ = peer_id; }
  void close() override {
    machine_.end(now());
    drain();
  }
  Instant lastHeard() const override { return last_heard_.value_or(now()); }

 private:
  void drain();
  void perform(MessageLinkAction action);

  const Setup setup_;
  const Listener listener_;
  std::string peer_id_;
  MessageLink machine_;
  std::optional<Instant> last_heard_;
  Timer timer_;
  bool draining_ = false;
};

void MessageOnlyLink::drain() {
  if (std::exchange(draining_, true))
    return;
  for (auto actions = machine_.takeActions(); !actions.empty(); actions = machine_.takeActions()) {
    for (MessageLinkAction& action : actions)
      perform(std::move(action));
  }
  draining_ = false;
  timer_.cancel();
  if (const auto due = machine_.due())
    timer_ = setup_.world.loop.at(*due, [this] {
      machine_.onTime(now());
      drain();
    });
}

void MessageOnlyLink::perform(MessageLinkAction action) {
  SignalingClient* signaling = setup_.signaling();
  const std::string& to = peer_id_;
  std::visit(Overloaded{[&](const SendPing& ping) {
                          if (signaling)
                            signaling->sendPing(to, ping.number,
                                                setup_.world.setup.messages->size_bytes);
                        },
                        [&](const AnswerPing& ping) {
                          if (signaling)
                            signaling->answerPing(to, ping.number);
                        },
                        [&](Record& note) { listener_.record(note.at, std::move(note.body)); },
                        [&](const Connected&) { listener_.connected(); },
                        [&](const Settled& settled) { listener_.settled(settled); }},
             action);
}

}  // namespace

std::unique_ptr<Link> Link::makeOfMessages(Setup setup, Listener listener) {
  return std::make_unique<MessageOnlyLink>(std::move(setup), std::move(listener));
}

}  // namespace turnout
