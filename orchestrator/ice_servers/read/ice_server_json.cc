#include "orchestrator/ice_servers/read/ice_server_json.h"

#include "pipelines/base/json_syntax.h"

#include <optional>

namespace turnout {
namespace {

constexpr std::size_t kMostEntries = 64;  // URLs; a browser would refuse far fewer
constexpr const char* kListNames[] = {"iceServers", "ice_servers"};
constexpr const char* kUrlNames[] = {"urls", "url", "uris"};  // Twilio gives the first two
constexpr const char* kCredentialNames[] = {"credential", "password"};

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
    if (type && *type != "password")  // W3C: RTCIceCredentialType has no other value any more
      return problem(path, "dropped: only the credentialType \"password\" is known");
    auto username = readText(server.get("username"), path, "username");
    const auto credential = firstOf(server, kCredentialNames);
    auto password = readText(credential ? credential->value : JsonValue(), path,
                             credential ? credential->name : "credential");
    if (!username || !password)
      return;
    readUrls(*urls, path, {"", "", *std::move(username), Secret(*std::move(password))});
  }

  // Empty when absent; nullopt, and said so, when it is no text.
  std::optional<std::string> readText(const JsonValue& value, const std::string& path,
                                      const std::string& name) {
    if (!value.isPresent() || value.isNull())
      return "";
    if (auto text = value.asString())
      return text;
    problem(path, "dropped: \"" + name + "\" is not a string");
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
      return problem(path, "dropped: there are more than 64 URLs");
    server.where = placeOf(path);
    server.url = *url;
    list_.entries.push_back(std::move(server));
  }

  void problem(const std::string& path, std::string what) {
    list_.findings.push_back({Severity::kError, placeOf(path), std::move(what)});
  }

  std::string placeOf(const std::string& path) const {
    return path.empty() ? document_ : document_ + ": " + path;
  }

  const std::string document_;
  ServerList list_;
};

}  // namespace

ServerList readIceServers(const JsonValue& document, const std::string& where) {
  return IceServerReader(where).read(document);
}

ServerList parseIceServers(std::string_view text, const std::string& where) {
  if (const auto problems = jsonSyntaxProblems(text); !problems.empty()) {
    ServerList list;
    for (const auto& [message, line, column] : problems)
      list.findings.push_back({Severity::kError,
                               where + ":" + std::to_string(line) + ":" + std::to_string(column),
                               message});
    return list;
  }
  const auto document = JsonValue::parse(text);
  if (!document)
    return {{}, {{Severity::kError, where, "is not JSON"}}};
  return readIceServers(*document, where);
}

}  // namespace turnout
