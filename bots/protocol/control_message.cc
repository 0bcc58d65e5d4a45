#include "bots/protocol/control_message.h"

#include "bots/protocol/step_message.h"
#include "pipelines/base/json.h"

namespace turnout {
namespace {

constexpr std::string_view kReportPrefix = "{\"control\":";

Error malformed(const std::string& what) {
  return {ErrorCode::kInternal, "control message: " + what};
}

void writeServer(JsonWriter& out, const IceServer& server) {
  out.beginObject()
      .field("url", server.url)
      .field("scheme", server.scheme == IceScheme::kStun ? "stun" : "turn")
      .field("host", server.host)
      .field("port", static_cast<std::int64_t>(server.port))
      .field("transport", toString(server.transport))
      .field("username", server.username)
      .field("credential", server.credential.reveal())
      .field("tls_verify", server.tls_verify)
      .field("tls_ca_file", server.tls_ca_file)
      .endObject();
}

IceServer readServer(const JsonValue& in) {
  IceServer server;
  server.url = in.stringOr("url", "");
  server.scheme = in.stringOr("scheme", "") == "stun" ? IceScheme::kStun : IceScheme::kTurn;
  server.host = in.stringOr("host", "");
  server.port = static_cast<std::uint16_t>(in.integerOr("port", 0));
  const std::string transport = in.stringOr("transport", "udp");
  for (const auto known : {TurnTransport::kUdp, TurnTransport::kTcp, TurnTransport::kTls}) {
    if (transport == toString(known))
      server.transport = known;
  }
  server.username = in.stringOr("username", "");
  server.credential = Secret(in.stringOr("credential", ""));
  server.tls_verify = in.boolOr("tls_verify", true);
  server.tls_ca_file = in.stringOr("tls_ca_file", "");
  return server;
}

void writeMedia(JsonWriter& out, const MediaProfile& media) {
  out.key("media").beginObject();
  if (media.audio) {
    out.key("audio").beginObject();
    out.field("codec", media.audio->codec).field("bitrate_bps", media.audio->bitrate_bps);
    out.endObject();
  }
  if (media.video) {
    out.key("video").beginObject();
    out.field("codec", media.video->codec)
        .field("width_px", media.video->width_px)
        .field("height_px", media.video->height_px)
        .field("frames_per_s", media.video->frames_per_s)
        .field("bitrate_bps", media.video->bitrate_bps);
    out.endObject();
  }
  out.endObject();
}

MediaProfile readMedia(const JsonValue& in) {
  MediaProfile media{std::nullopt, std::nullopt};
  if (const JsonValue audio = in.get("audio"); audio.isObject()) {
    media.audio = AudioProfile{audio.stringOr("codec", "opus"), audio.integerOr("bitrate_bps", 0)};
  }
  if (const JsonValue video = in.get("video"); video.isObject()) {
    media.video = VideoProfile{
        video.stringOr("codec", "vp8"), static_cast<int>(video.integerOr("width_px", 0)),
        static_cast<int>(video.integerOr("height_px", 0)),
        static_cast<int>(video.integerOr("frames_per_s", 0)), video.integerOr("bitrate_bps", 0)};
  }
  return media;
}

void writeShape(JsonWriter& out, const CallShape& shape) {
  out.key("shape").beginObject();
  writeEnum(out, "kind", shape.kind);
  writeEnum(out, "caller", shape.caller);
  out.field("bots", shape.bots)
      .field("guests", shape.guests)
      .field("answer_after_ms", std::int64_t{shape.answer_after.count()})
      .endObject();
}

CallShape readShape(const JsonValue& in) {
  return {.kind = enumOf<CallMode>(in.get("kind")),
          .bots = intOf(in.get("bots")),
          .guests = intOf(in.get("guests")),
          .caller = enumOf<Caller>(in.get("caller")),
          .answer_after = milliseconds(in.integerOr("answer_after_ms", 0))};
}

void writeMessages(JsonWriter& out, const MessageLoad& messages) {
  out.key("messages")
      .beginObject()
      .field("rate_per_s", messages.rate_per_s)
      .field("size_bytes", messages.size_bytes)
      .endObject();
}

void writeRecovery(JsonWriter& out, const RecoveryPolicy& policy) {
  out.key("recovery").beginObject();
  writeEnum(out, "policy", policy.kind);
  out.field("silence_ms", std::int64_t{policy.silence.count()})
      .field("attempt_ms", std::int64_t{policy.attempt.count()})
      .field("recreate_after_ms", std::int64_t{policy.recreate_after.count()})
      .field("attempts", policy.attempts)
      .endObject();
}

RecoveryPolicy readRecovery(const JsonValue& in) {
  return {.kind = enumOf<RecoveryPolicy::Kind>(in.get("policy")),
          .silence = milliseconds(in.integerOr("silence_ms", 0)),
          .attempt = milliseconds(in.integerOr("attempt_ms", 0)),
          .recreate_after = milliseconds(in.integerOr("recreate_after_ms", 0)),
          .attempts = intOf(in.get("attempts"))};
}

void writeServers(JsonWriter& out, const std::vector<IceServer>& servers) {
  out.key("servers").beginArray();
  for (const IceServer& server : servers)
    writeServer(out, server);
  out.endArray();
}

std::vector<IceServer> readServers(const JsonValue& in) {
  std::vector<IceServer> servers;
  for (const JsonValue& server : in.elements())
    servers.push_back(readServer(server));
  return servers;
}

void write(JsonWriter& out, const HostSetup& setup) {
  out.field("command", "setup")
      .field("host", setup.host)
      .field("signaling_url", setup.signaling_url)
      .field("profile", setup.profile)
      .field("hold_ms", std::int64_t{setup.hold.count()})
      .field("join_ms", std::int64_t{setup.deadlines.join.count()})
      .field("connect_ms", std::int64_t{setup.deadlines.connect.count()})
      .field("first_media_ms", std::int64_t{setup.deadlines.first_media.count()})
      .field("leave_ms", std::int64_t{setup.deadlines.leave.count()})
      .field("wait_ms", std::int64_t{setup.deadlines.wait.count()})
      .field("recover_ms", std::int64_t{setup.deadlines.recover.count()});
  writeShape(out, setup.shape);
  writeMedia(out, setup.media);
  if (setup.messages)
    writeMessages(out, *setup.messages);
  out.key("steps").beginArray();
  for (const Step& step : setup.steps)
    writeStep(out, step);
  out.endArray();
  writeRecovery(out, setup.recovery);
  out.key("local_addresses").beginArray();
  for (const std::string& address : setup.local_addresses)
    out.string(address);
  out.endArray();
}

void write(JsonWriter& out, const CallOrder& order) {
  out.field("command", "call")
      .field("call", order.call)
      .field("room", order.room)
      .field("pool", order.pool)
      .field("start_ns", toNs(order.start))
      .field("seed", static_cast<std::int64_t>(order.seed))  // two's complement, read back the same
      .field("relay_only", order.relay_only);
  writeServers(out, order.servers);
}

void write(JsonWriter& out, const ServersForCall& renewed) {
  out.field("command", "servers").field("call", renewed.call).field("reason", renewed.reason);
  writeServers(out, renewed.servers);
}

void write(JsonWriter& out, const HostStop& stop) {
  out.field("command", "stop").field("grace_ms", std::int64_t{stop.grace.count()});
}

HostSetup readSetup(const JsonValue& in) {
  HostSetup setup;
  setup.host = static_cast<int>(in.integerOr("host", 0));
  setup.signaling_url = in.stringOr("signaling_url", "");
  setup.profile = in.stringOr("profile", "");
  setup.hold = milliseconds(in.integerOr("hold_ms", 0));
  setup.deadlines.join = milliseconds(in.integerOr("join_ms", 0));
  setup.deadlines.connect = milliseconds(in.integerOr("connect_ms", 0));
  setup.deadlines.first_media = milliseconds(in.integerOr("first_media_ms", 0));
  setup.deadlines.leave = milliseconds(in.integerOr("leave_ms", 0));
  setup.deadlines.wait = milliseconds(in.integerOr("wait_ms", 0));
  setup.deadlines.recover = milliseconds(in.integerOr("recover_ms", 0));
  setup.shape = readShape(in.get("shape"));
  setup.media = readMedia(in.get("media"));
  if (const JsonValue messages = in.get("messages"); messages.isObject())
    setup.messages =
        MessageLoad{messages.numberOr("rate_per_s", 1), intOf(messages.get("size_bytes"))};
  for (const JsonValue& step : in.get("steps").elements())
    setup.steps.push_back(readStep(step));
  setup.recovery = readRecovery(in.get("recovery"));
  for (const JsonValue& address : in.get("local_addresses").elements())
    setup.local_addresses.push_back(address.asString().value_or(""));
  return setup;
}

CallOrder readCall(const JsonValue& in) {
  CallOrder order;
  order.call = static_cast<int>(in.integerOr("call", 0));
  order.room = in.stringOr("room", "");
  order.pool = in.stringOr("pool", "");
  order.start = fromNs(in.integerOr("start_ns", 0));
  order.seed = static_cast<std::uint64_t>(in.integerOr("seed", 0));
  order.relay_only = in.boolOr("relay_only", false);
  order.servers = readServers(in.get("servers"));
  return order;
}

constexpr struct {
  ErrorCode code;
  const char* word;
} kErrorWords[] = {{ErrorCode::kUsage, "usage"},
                   {ErrorCode::kBadScenario, "bad_scenario"},
                   {ErrorCode::kEnvironment, "environment"},
                   {ErrorCode::kIo, "io"},
                   {ErrorCode::kInternal, "internal"}};

}  // namespace

std::string commandLine(const HostCommand& command) {
  JsonWriter out;
  out.beginObject();
  std::visit([&out](const auto& body) { write(out, body); }, command);
  out.endObject();
  return out.take();
}

Result<HostCommand> parseCommand(std::string_view line) {
  const auto in = JsonValue::parse(line);
  if (!in)
    return malformed(in.error().what);
  const std::string word = in->stringOr("command", "");
  if (word == "setup")
    return HostCommand(readSetup(*in));
  if (word == "call")
    return HostCommand(readCall(*in));
  if (word == "servers")
    return HostCommand(ServersForCall{static_cast<int>(in->integerOr("call", -1)),
                                      in->stringOr("reason", ""), readServers(in->get("servers"))});
  if (word == "stop")
    return HostCommand(HostStop{milliseconds(in->integerOr("grace_ms", 0))});
  return malformed("unknown command \"" + word + "\"");
}

std::string reportLine(const HostReport& report) {
  JsonWriter out;
  out.beginObject();
  std::visit(Overloaded{[&](const HostIsReady&) { out.field("control", "ready"); },
                        [&](const CallEnded& ended) {
                          out.field("control", "call_ended").field("call", ended.call);
                        },
                        [&](const HostIsDone&) { out.field("control", "done"); },
                        [&](const HostFailed& failed) {
                          out.field("control", "failed");
                          for (const auto& row : kErrorWords) {
                            if (row.code == failed.error.code)
                              out.field("code", row.word);
                          }
                          out.field("what", failed.error.what);
                        }},
             report);
  out.endObject();
  return out.take();
}

bool isReportLine(std::string_view line) {
  return line.substr(0, kReportPrefix.size()) == kReportPrefix;
}

Result<HostReport> parseReport(std::string_view line) {
  const auto in = JsonValue::parse(line);
  if (!in)
    return malformed(in.error().what);
  const std::string word = in->stringOr("control", "");
  if (word == "ready")
    return HostReport(HostIsReady{});
  if (word == "call_ended")
    return HostReport(CallEnded{static_cast<int>(in->integerOr("call", -1))});
  if (word == "done")
    return HostReport(HostIsDone{});
  if (word == "failed") {
    Error error{ErrorCode::kInternal, in->stringOr("what", "")};
    for (const auto& row : kErrorWords) {
      if (in->stringOr("code", "") == row.word)
        error.code = row.code;
    }
    return HostReport(HostFailed{error});
  }
  return malformed("unknown report \"" + word + "\"");
}

}  // namespace turnout
