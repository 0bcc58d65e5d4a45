#include "pipelines/probe/binding_round.h"

#include "pipelines/probe/stun_client.h"

#include <algorithm>
#include <utility>

namespace turnout {

BindingRound::BindingRound(Loop& loop, UdpSocket& socket, std::vector<Question> questions,
                           Duration limit, OnDone on_done)
    : loop_(loop),
      socket_(socket),
      questions_(std::move(questions)),
      on_done_(std::move(on_done)),
      pause_(StunClient::kFirstPause) {
  for (const Question& question : questions_)
    sent_.push_back(codec_.request({.change = question.change}));
  // Errors are of one address among several: it just does not answer.
  socket_.listen({[this](const sockaddr_storage&, auto bytes) { onDatagram(bytes); }, {}});
  limit_ = loop_.after(limit, [this] { finish(); });
  sendUnanswered();
}

void BindingRound::sendUnanswered() {
  for (std::size_t i = 0; i < questions_.size(); ++i)
    if (!questions_[i].answer)
      socket_.send(questions_[i].to, sent_[i].bytes);
  again_ = loop_.after(pause_, [this] { sendUnanswered(); });
  pause_ *= 2;
}

void BindingRound::onDatagram(std::span<const std::uint8_t> bytes) {
  auto answer = codec_.understand(bytes);
  if (!answer)
    return;
  const auto sent =
      std::ranges::find_if(sent_, [&](const auto& request) { return request.id == answer->id; });
  if (sent == sent_.end())
    return;
  questions_[static_cast<std::size_t>(sent - sent_.begin())].answer = std::move(answer);
  if (std::all_of(questions_.begin(), questions_.end(),
                  [](const Question& question) { return question.answer.has_value(); }))
    done_ = loop_.after(0s, [this] { finish(); });
}

void BindingRound::finish() {
  again_.cancel();
  limit_.cancel();
  done_.cancel();
  socket_.listen({});
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(questions_);
}

}  // namespace turnout
