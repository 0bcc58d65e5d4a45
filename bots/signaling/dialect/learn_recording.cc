#include "bots/signaling/dialect/learn.h"
#include "bots/signaling/wire/engine_io.h"
#include "bots/signaling/wire/socket_io.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>

namespace turnout {
namespace {

constexpr std::size_t kMostMessages = 20'000;
constexpr std::size_t kMostConnections = 64;

// What went over one connection, before anything is known of its protocol.
struct RawConnection {
  std::string url;
  struct Frame {
    bool is_ours = false;
    double at = 0;
    std::string text;
    bool is_payload = false;  // of polling: several packets
  };
  std::vector<Frame> frames;
};

struct UrlParts {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;

  std::string of(std::string_view name) const {
    for (const auto& [key, value] : query)
      if (key == name)
        return value;
    return "";
  }
};

std::string percentDecoded(std::string_view text) {
  std::string decoded;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

UrlParts partsOf(std::string_view url) {
  UrlParts parts;
  const std::size_t scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  const std::size_t path = rest.find_first_of("/?");
  rest = path == std::string_view::npos ? "" : rest.substr(path);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t mark = rest.find('?');
  parts.path = std::string(rest.substr(0, mark));
  while (mark != std::string_view::npos && parts.query.size() < 50) {
    std::string_view query = rest.substr(mark + 1);
    for (std::size_t from = 0; from <= query.size();) {
      const std::size_t end = std::min(query.find('&', from), query.size());
      const std::string_view pair = query.substr(from, end - from);
      const std::size_t equals = std::min(pair.find('='), pair.size());
      if (!pair.empty())
        parts.query.emplace_back(percentDecoded(pair.substr(0, equals)),
                                 percentDecoded(pair.substr(std::min(equals + 1, pair.size()))));
      from = end + 1;
    }
    break;
  }
  return parts;
}

// "2026-11-29T20:02:33.123Z" as seconds of a day and more, for order alone.
double secondsOf(const std::string& date) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0;
  double second = 0;
  if (std::sscanf(date.c_str(), "%d-%d-%dT%d:%d:%lf", &year, &month, &day, &hour, &minute,
                  &second) != 6)
    return 0;
  return ((((year * 12.0 + month) * 31 + day) * 24 + hour) * 60 + minute) * 60 + second;
}

bool isPolling(const UrlParts& url) {
  return url.of("transport") == "polling" && !url.of("EIO").empty();
}

// Socket.IO that begins with polling is one connection with the socket it goes over to: both have its
// session's id.
void readHarEntry(const JsonValue& entry, std::vector<RawConnection>& into,
                  std::map<std::string, std::size_t>& by_sid) {
  using Frame = RawConnection::Frame;
  const JsonValue request = entry.get("request");
  const std::string url = request.stringOr("url", "");
  const UrlParts parts = partsOf(url);
  std::vector<Frame> frames;
  for (const JsonValue& message : entry.get("_webSocketMessages").elements())
    if (const auto data = message.get("data").asString())
      frames.push_back(
          {message.stringOr("type", "") == "send", message.numberOr("time", 0), *data});
  std::string sid = parts.of("sid");
  if (isPolling(parts)) {
    const double at = secondsOf(entry.stringOr("startedDateTime", ""));
    const std::string said = request.get("postData").stringOr("text", "");
    const std::string heard = entry.get("response").get("content").stringOr("text", "");
    if (request.stringOr("method", "") == "POST")
      frames.push_back({true, at, said, true});
    else if (!heard.empty())
      frames.push_back({false, at, heard, true});
    const std::size_t key = heard.find("\"sid\":\"");
    if (sid.empty() && key != std::string::npos)
      sid = heard.substr(key + 7, heard.find('"', key + 7) - key - 7);
  }
  if (frames.empty())
    return;
  const auto known = sid.empty() ? by_sid.end() : by_sid.find(sid);
  if (known == by_sid.end() && into.size() >= kMostConnections)
    return;
  const std::size_t index = known == by_sid.end() ? into.size() : known->second;
  if (index == into.size())
    into.push_back({url, {}});
  if (!sid.empty())
    by_sid[sid] = index;
  auto& all = into[index].frames;
  std::move(frames.begin(), frames.end(), std::back_inserter(all));
}

void readLine(std::string_view line, std::vector<RawConnection>& into,
              std::map<std::string, std::size_t>& by_url) {
  const auto parsed = JsonValue::parse(line);
  if (!parsed.hasValue())
    return;
  const std::string url = parsed->stringOr("url", "");
  if (into.empty() || (!url.empty() && !by_url.contains(url) && into.size() < kMostConnections)) {
    by_url[url] = into.size();
    into.push_back({url, {}});
  }
  const std::string type = parsed->stringOr("type", "");
  const auto data = parsed->get("data").asString();
  if (!data || (type != "send" && type != "receive"))
    return;
  const auto known = by_url.find(url);
  into[known == by_url.end() ? into.size() - 1 : known->second].frames.push_back(
      {type == "send", parsed->numberOr("time", 0), *data});
}

std::vector<RawConnection> connectionsIn(std::string_view text) {
  std::vector<RawConnection> connections;
  std::map<std::string, std::size_t> known;
  if (const auto document = JsonValue::parse(text);
      document.hasValue() && document->get("log").isObject()) {
    for (const JsonValue& entry : document->get("log").get("entries").elements())
      readHarEntry(entry, connections, known);
    return connections;
  }
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    readLine(text.substr(from, end - from), connections, known);
    from = end + 1;
  }
  return connections;
}

// A payload of polling in either protocol: packets separated by 0x1e, or "LENGTH:PACKET" after each other,
// whose length counts characters.
std::vector<std::string> packetsOf(const std::string& payload, int engine) {
  std::vector<std::string> packets;
  if (engine == 4) {
    for (std::size_t from = 0; from <= payload.size();) {
      const std::size_t end = std::min(payload.find(kEnginePacketSeparator, from), payload.size());
      packets.push_back(payload.substr(from, end - from));
      from = end + 1;
    }
    return packets;
  }
  for (std::size_t from = 0; from < payload.size();) {
    const std::size_t colon = payload.find(':', from);
    if (colon == std::string::npos || colon == from || colon - from > 7)
      break;
    std::size_t left = 0, end = colon + 1;
    for (std::size_t i = from; i < colon; ++i) {
      if (payload[i] < '0' || payload[i] > '9')
        return packets;
      left = left * 10 + static_cast<std::size_t>(payload[i] - '0');
    }
    for (; end < payload.size() && left > 0; --left)
      for (++end; end < payload.size() && (payload[end] & 0xC0) == 0x80;)
        ++end;
    packets.push_back(payload.substr(colon + 1, end - colon - 1));
    from = end;
  }
  return packets;
}

void takeSocketPacket(RecordedSession& session, const RawConnection::Frame& frame,
                      std::string_view data) {
  const auto packet = decodeSocketPacket(data);
  if (!packet.hasValue())
    return;
  switch (packet->type) {
    case SocketPacketType::kConnect:
      if (packet->nsp != "/" || session.messages.empty())
        session.nsp = packet->nsp;
      if (frame.is_ours)
        session.auth = packet->data;
      else if (const std::string sid = packet->data.stringOr("sid", ""); !sid.empty())
        session.socket_id = sid;
      return;
    case SocketPacketType::kEvent:
      session.messages.push_back(
          {frame.is_ours, frame.at, packet->eventName(), packet->arguments(), packet->id});
      return;
    case SocketPacketType::kAck:
      session.messages.push_back({frame.is_ours, frame.at, "", packet->arguments(), packet->id});
      return;
    default:
      return;
  }
}

void readSocketIo(RecordedSession& session, const RawConnection& raw) {
  for (const RawConnection::Frame& frame : raw.frames) {
    session.starts_by_polling = session.starts_by_polling || frame.is_payload;
    const auto packets =
        frame.is_payload ? packetsOf(frame.text, session.engine) : std::vector{frame.text};
    for (const std::string& text : packets) {
      const auto packet = decodeEnginePacket(text);
      if (!packet.hasValue() || session.messages.size() >= kMostMessages)
        continue;
      if (packet->type == EnginePacketType::kOpen && session.engine == 3) {
        const auto handshake = JsonValue::parse(packet->data);
        session.socket_id = handshake.hasValue() ? handshake->stringOr("sid", "") : "";
      } else if (packet->type == EnginePacketType::kMessage && !packet->is_binary) {
        takeSocketPacket(session, frame, packet->data);
      }
    }
  }
}

// Where plain messages have their name: the field that most of them have, as a text.
std::string eventFieldOf(const std::vector<JsonValue>& messages) {
  std::map<std::string, int> counts;
  for (const JsonValue& message : messages)
    for (const auto& [key, value] : message.members())
      if (const auto text = value.asText(); text && !text->empty() && text->size() <= 64)
        ++counts[key];
  std::string best = "type";
  for (const char* word : {"type", "event", "action", "cmd", "command", "kind", "op", "method",
                           "message_type", "messageType", "msg_type", "eventName", "t"})
    if (counts[word] > counts[best])
      best = word;
  return best;
}

void readPlain(RecordedSession& session, const RawConnection& raw) {
  std::vector<JsonValue> values;
  std::vector<const RawConnection::Frame*> frames;
  for (const RawConnection::Frame& frame : raw.frames) {
    auto value = JsonValue::parse(frame.text);
    if (!value.hasValue() || !value->isObject() || values.size() >= kMostMessages)
      continue;
    values.push_back(*std::move(value));
    frames.push_back(&frame);
  }
  session.event_field = eventFieldOf(values);
  for (std::size_t i = 0; i < values.size(); ++i)
    session.messages.push_back({frames[i]->is_ours,
                                frames[i]->at,
                                values[i].stringOr(session.event_field, ""),
                                {values[i]},
                                std::nullopt});
}

RecordedSession sessionOf(const RawConnection& raw) {
  RecordedSession session;
  const UrlParts url = partsOf(raw.url);
  const std::string engine = url.of("EIO");
  session.path = url.path;
  session.is_socket_io = !engine.empty();
  session.engine = engine == "3" ? 3 : 4;
  for (const auto& pair : url.query)
    if (!session.is_socket_io || (pair.first != "EIO" && pair.first != "transport" &&
                                  pair.first != "sid" && pair.first != "t" && pair.first != "b64"))
      session.query.push_back(pair);
  if (session.is_socket_io)
    readSocketIo(session, raw);
  else
    readPlain(session, raw);
  return session;
}

// Something of it is a description.
bool looksLikeSignaling(const RecordedSession& session) {
  return std::any_of(
      session.messages.begin(), session.messages.end(), [](const RecordedMessage& message) {
        return std::any_of(message.arguments.begin(), message.arguments.end(),
                           [](const JsonValue& argument) {
                             const std::string text = argument.text();
                             return text.find("v=0\\r\\n") != std::string::npos ||
                                    text.find("v=0\\\\r\\\\n") != std::string::npos ||
                                    text.find("v=0\\n") != std::string::npos ||
                                    text.find("v=0\\\\n") != std::string::npos;
                           });
      });
}

}  // namespace

Result<std::vector<RecordedSession>> readRecording(std::string_view text) {
  const auto connections = connectionsIn(text);
  if (connections.empty())
    return Error{
        ErrorCode::kBadScenario,
        "neither a HAR with WebSocket messages (\"_webSocketMessages\", as Chrome's network panel "
        "saves them) nor JSON lines of {\"type\": \"send\" or \"receive\", \"data\": \"...\"}"};
  std::vector<RecordedSession> sessions;
  for (const RawConnection& connection : connections) {
    RecordedSession session = sessionOf(connection);
    if (looksLikeSignaling(session))
      sessions.push_back(std::move(session));
  }
  if (sessions.empty())
    return Error{ErrorCode::kBadScenario,
                 "of no use: no message in it has a session description; record from before the "
                 "page joins until the "
                 "call is connected"};
  return sessions;
}

}  // namespace turnout
