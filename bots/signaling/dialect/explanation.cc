#include "bots/signaling/dialect/dialect.h"
#include "bots/signaling/dialect/dialect_session.h"
#include "bots/signaling/dialect/template.h"

namespace turnout {
namespace {

std::string joinedNames(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return text;
}

std::string contentOf(const DialectMessage& message) {
  std::string text = message.event.source();
  for (const Template& argument : message.arguments)
    text += (text.empty() ? "" : " ") + argument.source();
  return text;
}

std::string valueText(const std::vector<JsonValue>& values) {
  std::vector<std::string> texts;
  for (const JsonValue& value : values)
    texts.push_back(value.text());
  return joinedNames(texts);
}

std::string testText(const DialectTest& test) {
  const auto* path = std::get_if<DialectPath>(&test.subject);
  const std::string subject = path ? path->text : "$" + std::get<std::string>(test.subject);
  using Kind = DialectTest::Kind;
  switch (test.kind) {
    case Kind::kEquals:
    case Kind::kOneOf:
      return subject + " is " + valueText(test.values);
    case Kind::kNot:
      return subject + " is not " + valueText(test.values);
    case Kind::kPresent:
      return subject + " is there";
    case Kind::kAbsent:
      return subject + " is not there";
    case Kind::kEmpty:
      return subject + " is empty";
    case Kind::kNotEmpty:
      return subject + " is not empty";
  }
  return "";
}

std::string ruleText(const DialectRule& rule) {
  std::vector<std::string> parts;
  const auto add = [&](std::string part) { parts.push_back(std::move(part)); };
  if (rule.each)
    add("for each of " + rule.each->text);
  if (rule.peer)
    add("peer = " + rule.peer->text + (rule.user ? ", called " + rule.user->text : ""));
  for (const auto& [name, path] : rule.take)
    add("${" + name + "} = " + path.text);
  for (const auto& [name, value] : rule.set)
    add("${" + name + "} = " + value.text());
  if (rule.means != DialectMeaning::kNothing)
    add(std::string("means ") + toString(rule.means) +
        (rule.means == DialectMeaning::kRefused ? std::string(" (") + toString(rule.refusal) + ")"
                                                : ""));
  if (const auto* said = std::get_if<bool>(&rule.offers))
    add(*said ? "we offer" : "they offer");
  else if (const auto* path = std::get_if<DialectPath>(&rule.offers))
    add("we offer if " + path->text);
  if (const auto* said = std::get_if<bool>(&rule.polite))
    add(*said ? "we are polite" : "they are polite");
  else if (const auto* path = std::get_if<DialectPath>(&rule.polite))
    add("we are polite if " + path->text);
  if (rule.description)
    add("a description at " + rule.description->text);
  if (rule.candidate)
    add("a candidate at " + rule.candidate->text);
  if (rule.signal)
    add("a description or a candidate at " + rule.signal->text);
  for (const DialectMessage& message : rule.reply)
    add("replies " + contentOf(message));
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i)
    text += (i == 0 ? "" : "; ") + parts[i];
  return text.empty() ? "nothing" : text;
}

std::string conditionText(const DialectRule& rule) {
  std::string text = joinedNames(rule.on);
  for (std::size_t i = 0; i < rule.when.size(); ++i)
    text += (i == 0 ? (text.empty() ? "when " : " when ") : " and ") + testText(rule.when[i]);
  return text.empty() ? "otherwise" : text;
}

void explain(std::string& out, const std::string& label, const DialectMessage& message) {
  out += "    " + label;
  for (const DialectTest& test : message.when)
    out += (&test == &message.when.front() ? ", when " : " and ") + testText(test);
  out += ": " + contentOf(message);
  if (!message.after.empty())
    out += ", after " + message.after;
  out += '\n';
  for (const DialectRule& rule : message.ack_rules)
    out += "      answered, " + conditionText(rule) + ": " + ruleText(rule) + '\n';
}

std::string transportText(const DialectTransport& transport) {
  if (transport.kind == DialectTransport::Kind::kWebSocket)
    return "plain WebSocket; the name of a message is its \"" + transport.event_field.text + "\"";
  const char* start = transport.start == EngineStart::kWebSocket ? "WebSocket at once"
                      : transport.start == EngineStart::kPolling ? "polling only"
                                                                 : "polling, then upgrade";
  return "Socket.IO over Engine.IO " + std::to_string(transport.engine) + ", " + start;
}

}  // namespace

std::string explained(const Dialect& dialect) {
  std::string out = dialect.name + ": " + transportText(dialect.transport) + '\n';
  for (const DialectVariable& variable : dialect.variables)
    out += "  ${" + variable.name + "} is made for each bot" +
           (variable.on_refresh == DialectVariable::OnRefresh::kNew ? ", anew by a refresh"
                                                                    : ", and kept by a refresh") +
           '\n';
  out += "  says\n";
  for (const auto& [word, messages] : dialect.steps)
    for (const DialectMessage& message : messages)
      explain(out, word, message);
  for (const auto& [word, message] : dialect.send)
    explain(out, word, message);
  if (dialect.heartbeat)
    for (const DialectMessage& message : dialect.heartbeat->say)
      explain(out, "every " + std::to_string(dialect.heartbeat->every.count()) + " ms", message);
  out += "  understands\n";
  for (const DialectRule& rule : dialect.rules)
    out += "    " + conditionText(rule) + ": " + ruleText(rule) + '\n';
  for (const DialectRule& rule : dialect.ack_rules)
    out += "    any other answer, " + conditionText(rule) + ": " + ruleText(rule) + '\n';
  for (const DialectTimeout& timeout : dialect.timeouts)
    out += "    no " + joinedNames(timeout.until) + " within " +
           std::to_string(timeout.within.count()) + " ms after " + timeout.step + ": " +
           ruleText(timeout.then) + '\n';
  return out;
}

std::string inWords(const DialectSession::Misheard& misheard) {
  using Why = DialectSession::Misheard::Why;
  const std::string at = misheard.event + ": at \"" + misheard.path + "\" is ";
  switch (misheard.why) {
    case Why::kNoRule:
      return misheard.event + ": no rule is for it";
    case Why::kNothingThere:
      return at + (misheard.what.empty() ? "nothing" : misheard.what);
    case Why::kNoDescription:
      return at + misheard.what + ", no description";
    case Why::kNoCandidate:
      return at + misheard.what + ", no candidate";
    case Why::kNoSignal:
      return at + misheard.what + ", neither a description nor a candidate";
  }
  return at;
}

}  // namespace turnout
