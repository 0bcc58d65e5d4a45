#include "orchestrator/ice_servers/read/ice_server_json.h"

#include <optional>

namespace turnout {
namespace {

constexpr std::size_t kMostEntries = 64;  // URLs; a browser would refuse far fewer
constexpr const char* kListNames[] = {"iceServers", "ice_servers", "IceServerList"};
constexpr const char* kUrlNames[] = {"urls", "url", "uris", "Uris"};  // Twilio gives the first two
constexpr const char* kUserNames[] = {"username", "Username"};
constexpr const char* kCredentialNames[] = {"credential", "password", "Password"};

struct Member {
  std::string name;
  JsonValue value;
};

template <std::size_t N>
std::optional<Member> firstOf(const JsonValue& object, const char* const (&names)[N]) {
  for (const char* name : names)
    if (JsonValue value = object.get(name); value.isPresent() && !value.isNull())
      return Member{name, std::move(value)};
  return std::nullopt;
}

class IceServerReader {
 public:
  explicit IceServerReader(std::string where) : document_(std::move(where)) {}

  ServerList read(const JsonValue& document) {
    const auto list = document.isObject() ? firstOf(document, kListNames) : std::nullopt;
    if (list)
      readServers(list->value, list->name);
    else
      readServers(document, "");
    return std::move(list_);
  }

 private:
  // One server or a list of them.
  void readServers(const JsonValue& servers, const std::string& path) {
    if (!servers.isArray())
      return readServer(servers, path);
    const auto elements = servers.elements();
    for (std::size_t i = 0; i < elements.size(); ++i)
      readServer(elements[i], path + "[" + std::to_string(i) + "]");
  }

  void readServer(const JsonValue& server, const std::string& path) {
    if (!server.isObject())
      return problem(path, std::string("expected an ICE server such as {\"urls\": \"turn:...\"}, "
                                       "got ") +
                               server.typeName());
    const auto urls = firstOf(server, kUrlNames);
    if (!urls)
      return problem(path, "\"urls\" is missing");
    const auto type = server.get("credentialType").asString();
    if (type && *type != "password")
      tell(Severity::kNote, path, "browsers do not look at \"credentialType\" any more");
    auto username = readText(firstOf(server, kUserNames), path);
    auto password = readText(firstOf(server, kCredentialNames), path);
    if (!username || !password)
      return;
    readUrls(*urls, path, {"", "", *std::move(username), Secret(*std::move(password))});
  }

  // Empty when absent; nullopt, and said so, when it is no text. Numbers and the like are the text
  // that JavaScript makes of them, as in browsers.
  std::optional<std::string> readText(const std::optional<Member>& member,
                                      const std::string& path) {
    if (!member)
      return "";
    const JsonValue& value = member->value;
    if (auto text = value.asString())
      return text;
    if (value.isNumber() || value.isBool()) {
      std::string text = value.text();
      if (text.ends_with(".0"))
        text.resize(text.size() - 2);
      return text;
    }
    problem(path, "dropped: \"" + member->name + "\" is not a string");
    return std::nullopt;
  }

  void readUrls(const Member& urls, const std::string& path, const ServerEntry& server) {
    const std::string place = path.empty() ? urls.name : path + "." + urls.name;
    if (!urls.value.isArray())
      return readUrl(urls.value, place, server);
    const auto elements = urls.value.elements();
    if (elements.empty())
      problem(place, "the list is empty");
    for (std::size_t i = 0; i < elements.size(); ++i)
      readUrl(elements[i], place + "[" + std::to_string(i) + "]", server);
  }

  void readUrl(const JsonValue& value, const std::string& path, ServerEntry server) {
    const auto url = value.asString();
    if (!url)
      return problem(path, std::string("expected a URL, got ") + value.typeName());
    if (list_.entries.size() == kMostEntries)
      return tell(Severity::kWarning, path, "dropped: there are more than 64 URLs");
    server.where = placeOf(path);
    server.url = *url;
    list_.entries.push_back(std::move(server));
  }

  void problem(const std::string& path, std::string what) {
    tell(Severity::kError, path, std::move(what));
  }
  void tell(Severity severity, const std::string& path, std::string what) {
    list_.findings.push_back({severity, placeOf(path), std::move(what)});
  }

  std::string placeOf(const std::string& path) const {
    return path.empty() ? document_ : document_ + ": " + path;
  }

  const std::string document_;
  ServerList list_;
};

bool shareLogin(const IceServer& a, const IceServer& b) {
  return a.scheme == b.scheme && a.username == b.username && a.credential == b.credential;
}

}  // namespace

ServerList readIceServers(const JsonValue& document, const std::string& where) {
  return IceServerReader(where).read(document);
}

ServerList parseIceServers(std::string_view text, const std::string& where) {
  if (text.starts_with("\xef\xbb\xbf"))  // the mark that some programs write first
    text.remove_prefix(3);
  std::vector<JsonProblem> problems;
  if (const auto document = JsonValue::parse(text, problems))
    return readIceServers(*document, where);
  ServerList list;
  for (const auto& [message, line, column] : problems)
    list.findings.push_back({Severity::kError,
                             where + ":" + std::to_string(line) + ":" + std::to_string(column),
                             message});
  return list;
}

void writeIceServers(JsonWriter& json, const std::vector<IceServer>& servers) {
  json.beginArray();
  for (std::size_t i = 0; i < servers.size();) {
    const IceServer& first = servers[i];
    json.beginObject().key("urls").beginArray();
    for (; i < servers.size() && shareLogin(servers[i], first); ++i)
      json.string(servers[i].url);
    json.endArray();
    if (first.scheme == IceScheme::kTurn)
      json.field("username", first.username).field("credential", first.credential.reveal());
    json.endObject();
  }
  json.endArray();
}

}  // namespace turnout
