#include "pipelines/probe/udp_race.h"

#include "pipelines/probe/stun_client.h"

#include <algorithm>
#include <utility>

namespace turnout {

UdpRace::UdpRace(Loop& loop, std::vector<Runner> runners, OnDone on_done)
    : loop_(loop),
      runners_(std::move(runners)),
      on_done_(std::move(on_done)),
      request_(codec_.request({})),
      is_out_(runners_.size()) {
  for (std::size_t i = 0; i < runners_.size(); ++i)
    runners_[i].socket->listen(
        {[this, i](const sockaddr_storage&, auto bytes) { onMessage(i, bytes); },
         [this, i](const std::string& why) { onRefused(i, why); }});
  end_ = loop_.after(kLength, [this] { finish(); });
  ask();
}

void UdpRace::ask() {
  for (std::size_t i = 0; i < runners_.size(); ++i)
    if (!is_out_[i])
      runners_[i].socket->send(request_.bytes);
  again_ = loop_.after(StunClient::kFirstPause, [this] { ask(); });
}

// All runners have the same request: who answers first makes the others' answers unknown.
void UdpRace::onMessage(std::size_t runner, std::span<const std::uint8_t> bytes) {
  if (!codec_.understand(bytes))
    return;
  winner_ = runner;
  has_answer_ = true;
  end_ = loop_.after(0s, [this] { finish(); });
}

void UdpRace::onRefused(std::size_t runner, const std::string& why) {
  if (is_out_[runner] || has_answer_)
    return;
  is_out_[runner] = true;
  why_ = why;
  winner_ =
      static_cast<std::size_t>(std::find(is_out_.begin(), is_out_.end(), false) - is_out_.begin());
  if (winner_ == runners_.size())
    end_ = loop_.after(0s, [this] { finish(); });
}

void UdpRace::finish() {
  again_.cancel();
  end_.cancel();
  for (Runner& runner : runners_)
    runner.socket->listen({});
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(winner_ < runners_.size() ? std::move(runners_[winner_]) : Runner{}, why_);
}

}  // namespace turnout
