#include "orchestrator/cli/dialect_rehearsal.h"

#include "pipelines/base/loop.h"

#include <algorithm>
#include <array>
#include <utility>

#include <unistd.h>

namespace turnout {
namespace {

constexpr Duration kToHearOfLeaving = 1500ms;
constexpr Duration kSecondLater =
    150ms;  // in a room and a queue the second one comes after the first

// What a browser with one audio track says, in short.
constexpr const char* kSdp =
    "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:turn\r\na=ice-pwd:0123456789abcdef01234567\r\na=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:"
    "88:99:AA:BB:CC:DD:EE:FF\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\n";
constexpr const char* kCandidate = "candidate:1 1 udp 2122260223 127.0.0.1 9 typ host";

CallMode kindOf(const Dialect& dialect) {
  using M = DialectMeaning;
  if (dialect.step("call") || dialect.hasMeaning(M::kIncoming))
    return dialect.step("join") ? CallMode::kRoom : CallMode::kCall;
  if (dialect.step("find-partner") || dialect.hasMeaning(M::kMatched))
    return dialect.step("join") ? CallMode::kRoom : CallMode::kMatch;
  return CallMode::kRoom;
}

class Stage {
 public:
  explicit Stage(const RehearsalSetup& setup)
      : setup_(setup),
        kind_(setup.kind.value_or(kindOf(*setup.dialect))),
        room_("turnout-check-" + std::to_string(::getpid())),
        directory_(std::make_shared<DialectDirectory>()),
        began_(now()) {}

  Rehearsal run() {
    open(0);
    if (kind_ == CallMode::kCall)
      open(1);
    loop_.runUntil([this] { return isExchanged() || has_failed_; }, setup_.longest);
    result_.is_complete = isExchanged();
    if (result_.is_complete)
      leave();
    else
      tellWhatIsMissing();
    return std::move(result_);
  }

 private:
  struct Actor {
    std::unique_ptr<SignalingClient> client;
    std::string peer;  // whom it exchanges with
    bool is_registered = false, is_in = false, is_told_of_leaving = false;
    bool heard_description = false, heard_candidate = false;
    std::string call;
  };

  std::string userOf(int bot) const { return room_ + "-bot-" + std::to_string(bot); }
  std::string hidden(std::string text) const {
    for (const auto& value : setup_.values)
      for (const Secret& secret : value.values)
        for (std::size_t at = text.find(secret.reveal());
             !secret.empty() && at != std::string::npos; at = text.find(secret.reveal(), at + 3))
          text.replace(at, secret.reveal().size(), "***");
    return text;
  }
  void note(int bot, Instant at, RehearsalLine::Kind kind, const std::string& text) {
    result_.lines.push_back({at - began_, bot, kind, hidden(text)});
  }

  void open(int bot) {
    Actor& actor = actors_.at(static_cast<std::size_t>(bot));
    if (actor.client)
      return;
    DialectSession::Identity identity{
        .user = userOf(bot),
        .room = room_,
        .pool = room_,
        .bot = bot,
        .seed = static_cast<std::uint64_t>(::getpid()) * 2 + static_cast<std::uint64_t>(bot),
        .page = 1,
        .directory = directory_};
    for (const auto& value : setup_.values)
      if (!value.values.empty())
        identity.given[value.name] =
            value.values[static_cast<std::size_t>(bot) % value.values.size()];
    actor.client = SignalingClient::connect(
        loop_, setup_.server, setup_.dialect, std::move(identity),
        [this, bot](const SignalEvent& event) { onEvent(bot, event); },
        [this, bot](const SignalingClient::Passed& passed) {
          using Kind = RehearsalLine::Kind;
          using Passed = SignalingClient::Passed::Kind;
          note(bot, passed.at,
               passed.kind == Passed::kSent    ? Kind::kSent
               : passed.kind == Passed::kHeard ? Kind::kHeard
                                               : Kind::kMeans,
               passed.kind == Passed::kMisheard ? "nothing: " + passed.what : passed.what);
        });
  }

  void means(int bot, Instant at, const std::string& what) {
    note(bot, at, RehearsalLine::Kind::kMeans, what);
  }

  void onEvent(int bot, const SignalEvent& event);
  void onDescription(Actor& actor, const SignalDescription& said);
  void onRefused(int bot, const SignalRefused& refused);
  void onDown(int bot, const SignalDown& down);
  void onRegistered(int bot);
  void onIn(int bot, const std::string& peer, bool we_offer);
  void offer(Actor& actor, const char* type);
  void leave();
  void tellWhatIsMissing();
  bool isExchanged() const {
    return std::ranges::all_of(actors_, [this](const Actor& actor) {
      return actor.heard_description && (actor.heard_candidate || !setup_.dialect->trickles);
    });
  }

  const RehearsalSetup& setup_;
  const CallMode kind_;
  const std::string room_;
  const std::shared_ptr<DialectDirectory> directory_;
  const Instant began_;
  Loop loop_;
  Rehearsal result_;
  bool has_failed_ = false;
  Timer second_;
  std::array<Actor, 2> actors_;
};

void Stage::onRegistered(int bot) {
  Actor& actor = actors_.at(static_cast<std::size_t>(bot));
  actor.is_registered = true;
  if (kind_ == CallMode::kRoom)
    return actor.client->joinRoom(room_, userOf(bot));
  if (kind_ == CallMode::kMatch)
    actor.client->findPartner(room_);
  else if (actors_[0].is_registered && actors_[1].is_registered)
    actors_[0].client->callUser(userOf(1));
}

// The second one comes when the first one is where it waits.
void Stage::onIn(int bot, const std::string& peer, bool we_offer) {
  Actor& actor = actors_.at(static_cast<std::size_t>(bot));
  actor.is_in = true;
  if (!actors_[1].client)
    second_ = loop_.after(kSecondLater, [this] { open(1); });
  if (peer.empty())
    return;
  actor.peer = peer;
  if (we_offer)
    offer(actor, "offer");
}

void Stage::offer(Actor& actor, const char* type) {
  actor.client->sendDescription(actor.peer, 1, type, kSdp);
  actor.client->sendCandidate(actor.peer, 1, 0, kCandidate, "0");
  actor.client->sendCandidate(actor.peer, 1, 0, "", "0");
}

void Stage::onDescription(Actor& actor, const SignalDescription& said) {
  actor.heard_description = true;
  actor.peer = said.from;
  if (said.type == "offer")
    offer(actor, "answer");
}

void Stage::onRefused(int bot, const SignalRefused& refused) {
  has_failed_ = has_failed_ || refused.refusal != Refusal::kNoSuchUser;
  result_.findings.push_back("bot " + std::to_string(bot) + " was refused (" +
                             toString(refused.refusal) + "): " + refused.inWords());
}

void Stage::onDown(int bot, const SignalDown& down) {
  if (!result_.is_complete)
    result_.findings.push_back("bot " + std::to_string(bot) + " lost its socket: " + down.what);
  has_failed_ = true;
}

void Stage::onEvent(int bot, const SignalEvent& event) {
  Actor& actor = actors_.at(static_cast<std::size_t>(bot));
  const auto say = [&](const std::string& what) { means(bot, event.at, what); };
  const auto side = [](bool we_offer) { return we_offer ? ", offers" : ", waits for the offer"; };
  std::visit(
      Overloaded{
          [&](const SignalConnected&) { actor.client->registerUser(userOf(bot), "1", ""); },
          [&](const SignalRegistered&) {
            say("registered");
            onRegistered(bot);
          },
          [&](const SignalJoined& joined) {
            say("joined, " + std::to_string(joined.peers.size()) + " there");
            onIn(bot, "", false);
            for (const RoomPeer& peer : joined.peers)
              onIn(bot, peer.id, true);
          },
          [&](const SignalPeerJoined& peer) {
            say("a peer: " + peer.peer.id + side(peer.we_offer));
            onIn(bot, peer.peer.id, peer.we_offer);
          },
          [&](const SignalQueued&) {
            say("queued");
            onIn(bot, "", false);
          },
          [&](const SignalRinging&) { say("rings at the other end"); },
          [&](const SignalIncoming& incoming) {
            say("a call of " + incoming.from.id);
            actor.call = incoming.call;
            actor.client->answerCall(incoming.call);
          },
          [&](const SignalAnswered& answered) {
            say("answered: " + answered.peer.id + side(answered.initiator));
            actor.call = answered.call;
            onIn(bot, answered.peer.id, answered.initiator);
          },
          [&](const SignalMatched& matched) {
            say("matched with " + matched.peer.id + side(matched.initiator));
            actor.call = matched.call;
            onIn(bot, matched.peer.id, matched.initiator);
          },
          [&](const SignalDescription& said) {
            say(said.type + " of " + said.from);
            onDescription(actor, said);
          },
          [&](const SignalCandidate& said) {
            say((said.candidate.empty() ? "end of candidates of " : "a candidate of ") + said.from);
            actor.heard_candidate = actor.heard_candidate || !said.candidate.empty();
          },
          [&](const SignalRefused& refused) {
            say(std::string("refused: ") + toString(refused.refusal) + ", " + refused.inWords());
            onRefused(bot, refused);
          },
          [&](const SignalPeerLeft& left) {
            say("a peer left: " + left.id);
            actor.is_told_of_leaving = true;
          },
          [&](const SignalCallOver&) {
            say("it is over");
            actor.is_told_of_leaving = true;
          },
          [&](const SignalLeft&) { say("left"); },
          [&](const SignalDown& down) {
            say("the socket is gone: " + down.what);
            onDown(bot, down);
          },
          [](const auto&) {}},
      event.body);
}

void Stage::leave() {
  if (kind_ == CallMode::kCall)
    actors_[0].client->hangUp(actors_[0].call);
  else
    actors_[0].client->leave();
  loop_.runUntil([this] { return actors_[1].is_told_of_leaving; }, kToHearOfLeaving);
  result_.findings.push_back(
      actors_[1].is_told_of_leaving
          ? "the other one is told when somebody leaves"
          : "the other one is not told when somebody leaves: its call ends by "
            "silence of the media");
}

void Stage::tellWhatIsMissing() {
  for (int bot = 0; bot < 2; bot++) {
    const Actor& actor = actors_.at(static_cast<std::size_t>(bot));
    const std::string who = "bot " + std::to_string(bot);
    if (!actor.client) {
      result_.findings.push_back(who + " was not started: bot 0 never got in");
      continue;
    }
    for (const std::string& line : actor.client->stuck())
      result_.findings.push_back(who + " has a message that waits: " + line);
    for (const std::string& line : actor.client->misheard())
      result_.findings.push_back(who + " heard what came to nothing: " + line);
    if (has_failed_)
      continue;  // and that is why
    if (!actor.is_registered)
      result_.findings.push_back(who + " was never registered: does a rule mean \"registered\"?");
    else if (!actor.is_in)
      result_.findings.push_back(who +
                                 " never got into a call: no message meant \"joined\", "
                                 "\"answered\" or \"matched\"");
    else if (!actor.heard_description)
      result_.findings.push_back(who + " never understood a description of the other one");
    else if (!actor.heard_candidate && setup_.dialect->trickles)
      result_.findings.push_back(who + " never understood a candidate of the other one");
  }
}

// Of UTF-8, whole characters.
std::string cut(std::string text, std::size_t width) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (text.size() <= width)
    return text;
  text.resize(width - 3);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80)
    text.pop_back();
  return text + "...";
}

std::string escapedHtml(const std::string& text) {
  std::string escaped;
  for (const char c : text)
    escaped += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return escaped;
}

constexpr std::size_t kHalf = 52;  // columns between a bot and the server

std::string arrow(const RehearsalLine& line) {
  using Kind = RehearsalLine::Kind;
  const bool to_right = (line.bot == 0) == (line.kind == Kind::kSent);
  std::string text = cut(line.text, kHalf - 8);
  text = (to_right ? "-- " : "<- ") + text + " ";
  text.resize(std::max(text.size(), kHalf - 1), '-');
  return text + (to_right ? ">" : "-");
}

}  // namespace

Rehearsal rehearse(const RehearsalSetup& setup) {
  return Stage(setup).run();
}

std::string chartText(const Rehearsal& rehearsal, const std::string& name) {
  const std::string empty(kHalf, ' ');
  std::string out = name + ": two bots and the server\n\n     ms  bot 0";
  out += std::string(kHalf - 8, ' ') + "server" + std::string(kHalf - 5, ' ') + "bot 1\n";
  for (const RehearsalLine& line : rehearsal.lines) {
    std::string at = std::to_string(std::chrono::duration_cast<milliseconds>(line.at).count());
    at.insert(0, at.size() < 7 ? 7 - at.size() : 0, ' ');
    std::string half = line.kind == RehearsalLine::Kind::kMeans
                           ? "   = " + cut(line.text, kHalf - 6)
                           : arrow(line);
    half.resize(std::max(half.size(), kHalf), ' ');
    out +=
        at + "  |" + (line.bot == 0 ? half : empty) + "|" + (line.bot == 1 ? half : empty) + "|\n";
  }
  out += '\n';
  if (std::ranges::any_of(rehearsal.lines,
                          [](const RehearsalLine& line) { return line.text.size() > kHalf - 8; }))
    out += "  Long texts are cut: --html FILE has them whole.\n";
  for (const std::string& finding : rehearsal.findings)
    out += "  " + finding + '\n';
  return out + (rehearsal.is_complete ? "  complete: descriptions and candidates went both ways\n"
                                      : "  not complete\n");
}

std::string chartHtml(const Rehearsal& rehearsal, const std::string& name) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>" + escapedHtml(name) +
      "</title>\n<style>body{font:14px/1.4 system-ui,sans-serif;margin:2em auto;max-width:75em}"
      "table{border-collapse:collapse;width:100%;table-layout:fixed}td,th{padding:2px 8px;"
      "vertical-align:top;overflow-wrap:anywhere}td:first-child,th:first-child{width:4em;"
      "text-align:right;color:#667}td+td{border-left:2px solid #99a}td:last-child{border-right:2px "
      "solid #99a}.means{color:#265;font-style:italic}.sent{background:#eef4ff}.heard{background:"
      "#fff6e8}summary{cursor:pointer}pre{white-space:pre-wrap}@media(prefers-color-scheme:dark){"
      "body{background:#15171c;color:#dde}.sent{background:#1d2a44}.heard{background:#3a2f18}"
      ".means{color:#8d9}}</style>\n<h1>" +
      escapedHtml(name) +
      ": two bots and the server</h1>\n<table><tr><th>ms</th><th>bot 0 and the server</th>"
      "<th>the server and bot 1</th></tr>\n";
  using Kind = RehearsalLine::Kind;
  for (const RehearsalLine& line : rehearsal.lines) {
    const bool to_right = (line.bot == 0) == (line.kind == Kind::kSent);
    const char* const kinds[] = {"sent", "heard", "means"};
    const std::string shown = escapedHtml(cut(line.text, 90)), whole = escapedHtml(line.text);
    const std::string mark = line.kind == Kind::kMeans ? "= " : to_right ? "&rarr; " : "&larr; ";
    std::string cell = "<td class=\"" + std::string(kinds[static_cast<int>(line.kind)]) + "\">";
    cell += line.text.size() <= 90 ? mark + shown
                                   : "<details><summary>" + mark + shown + "</summary><pre>" +
                                         whole + "</pre></details>";
    cell += "</td>";
    out += "<tr><td>" + std::to_string(std::chrono::duration_cast<milliseconds>(line.at).count()) +
           "</td>" + (line.bot == 0 ? cell + "<td></td>" : "<td></td>" + cell) + "</tr>\n";
  }
  out += "</table>\n<ul>";
  for (const std::string& finding : rehearsal.findings)
    out += "<li>" + escapedHtml(finding) + "</li>";
  return out + "<li>" +
         (rehearsal.is_complete ? "complete: descriptions and candidates went both ways"
                                : "not complete") +
         "</li></ul></html>\n";
}

}  // namespace turnout
