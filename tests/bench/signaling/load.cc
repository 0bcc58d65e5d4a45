#include "tests/bench/signaling/load.h"

namespace turnout::bench {
namespace {

constexpr Duration kPatience = 20s;  // for those who are late, after each phase
constexpr Duration kKnocking = 50ms;

// What bots say to each other most: a candidate.
constexpr const char* kCandidate =
    R"({"candidate":"candidate:1 1 UDP 2130706431 192.0.2.17 50017 typ host","sdpMLineIndex":0})";

SocketIoClient::Options clientOf(const std::string& url, EngineStart start) {
  return {.engine = {.url = url, .start = start}, .auth = "", .timeout = kPatience};
}

}  // namespace

Load::Load(Loop& loop, std::string url, const LoadOptions& options)
    : loop_(loop), url_(std::move(url)), options_(options) {}

void Load::pace(int count, int rate, const std::function<void(std::size_t, Instant)>& act) {
  const auto all = static_cast<std::size_t>(count);
  const Instant start = now() + 10ms;
  const auto due = [&](std::size_t i) {
    return start + Duration(static_cast<std::int64_t>(i) * 1'000'000'000 / rate);
  };
  std::size_t next = 0;
  Timer timer;
  const std::function<void()> catch_up = [&] {
    for (const Instant at = now(); next < all && due(next) <= at; next++)
      act(next, due(next));
    if (next < all)
      timer = loop_.at(due(next), catch_up);
  };
  timer = loop_.at(start, catch_up);
  loop_.runUntil([&] { return next == all; }, due(all) - now() + kPatience);
}

void Load::connect() {
  pace(options_.sockets, options_.ramp, [this](std::size_t, Instant due) {
    Bot& bot = bots_.emplace_back();
    bot.began = due;
    bot.client = std::make_unique<SocketIoClient>(
        loops_.next(), clientOf(url_, EngineStart::kWebSocket),
        [this, &bot](SocketIoClient::Event event) { onEvent(bot, event); });
  });
  loop_.runUntil([this] { return figures_.connected + figures_.lost >= bots_.size(); }, kPatience);
}

void Load::match() {
  const int people = 2 * options_.pairs;
  pace(people, options_.ramp, [this](std::size_t i, Instant due) {
    bots_[i].began = due;
    bots_[i].client->emit("find-partner", {"{}"});
  });
  loop_.runUntil([&] { return figures_.matched == static_cast<std::size_t>(people); }, kPatience);
}

void Load::talk() {
  for (Bot& bot : bots_)
    if (bot.leads)
      leaders_.push_back(&bot);
  if (leaders_.empty())
    return;
  const Timer knocking = loop_.every(kKnocking, [this] { knock(); });
  const int questions = options_.rate / 2;  // a second; the other half answers them
  pace(questions * options_.seconds, questions, [this](std::size_t i, Instant due) {
    figures_.lag.add(now() - due);
    due_.push_back(due);
    say(*leaders_[i % leaders_.size()], i, "ask");
  });
  figures_.sent = due_.size();
  loop_.runUntil([this] { return answered_ == due_.size(); }, 2s);
  figures_.unanswered = due_.size() - answered_;
}

void Load::say(Bot& bot, std::size_t number, const char* word) {
  JsonWriter json;
  json.beginObject().field("to", bot.partner).key("data").beginObject();
  json.field(word, static_cast<std::int64_t>(number)).key("candidate").raw(kCandidate);
  bot.client->emit("signal", {json.endObject().endObject().take()});
}

// Over polling, where the refusal's text reaches a client.
void Load::knock() {
  auto& guest = guests_.emplace_back();
  guest = std::make_unique<SocketIoClient>(
      loop_, clientOf(url_, EngineStart::kPollingThenUpgrade),
      [this, began = now()](SocketIoClient::Event event) {
        const auto* down = std::get_if<SocketIoClient::Disconnected>(&event.body);
        const bool is_polite = down && down->why.starts_with("HTTP 503 {");
        (is_polite ? figures_.refusals : figures_.rude_refusals)++;
        figures_.refused_lag.add(event.at - began);
      });
}

void Load::onEvent(Bot& bot, SocketIoClient::Event& event) {
  if (std::holds_alternative<SocketIoClient::Connected>(event.body)) {
    figures_.connected++;
    figures_.connect.add(event.at - bot.began);
  } else if (const auto* message = std::get_if<SocketIoClient::Message>(&event.body)) {
    onMessage(bot, event.at, *message);
  } else if (!std::holds_alternative<SocketIoClient::Acknowledged>(event.body)) {
    figures_.lost++;
  }
}

void Load::onMessage(Bot& bot, Instant at, const SocketIoClient::Message& message) {
  const JsonValue argument = message.arguments.empty() ? JsonValue() : message.arguments[0];
  if (message.name == "matched") {
    bot.partner = argument.get("peer").stringOr("id", "");
    bot.leads = argument.boolOr("initiator", false);
    figures_.matched++;
    figures_.match.add(at - bot.began);
  } else if (message.name == "signal") {
    const JsonValue data = argument.get("data");
    if (const auto question = data.get("ask").asInteger())
      return say(bot, static_cast<std::size_t>(*question), "answer");
    const auto number = static_cast<std::size_t>(data.integerOr("answer", -1));
    if (number < due_.size()) {
      figures_.round_trip.add(at - due_[number]);
      answered_++;
    }
  }
}

}  // namespace turnout::bench
