#include "orchestrator/cli/scenario_file.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/subprocess.h"
#include "scenarios/problem.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include <json-glib/json-glib.h>

namespace turnout {
namespace {

class EditableJson {
 public:
  explicit EditableJson(const std::string& text)
      : parser_(Ref<JsonParser>::adopt(json_parser_new())) {
    const bool parsed =
        json_parser_load_from_data(parser_.get(), text.data(), static_cast<gssize>(text.size()),
                                   nullptr) != FALSE;
    TURNOUT_CHECK(parsed && JSON_NODE_HOLDS_OBJECT(rootNode()), "a scenario that is no object");
  }
  JsonNode* rootNode() { return json_parser_get_root(parser_.get()); }
  JsonObject* root() { return json_node_get_object(rootNode()); }
  std::string text() {
    const auto generator = Ref<JsonGenerator>::adopt(json_generator_new());
    json_generator_set_pretty(generator.get(), TRUE);
    json_generator_set_root(generator.get(), rootNode());
    const Owned<char> text(json_generator_to_data(generator.get(), nullptr));
    return text.get() + std::string("\n");
  }

 private:
  Ref<JsonParser> parser_;
};

JsonObject* memberObject(JsonObject* object, const char* name) {
  if (!json_object_has_member(object, name))
    json_object_set_object_member(object, name, json_object_new());
  return json_object_get_object_member(object, name);
}

JsonArray* arrayOf(const std::vector<std::string>& words) {
  JsonArray* array = json_array_new();
  for (const std::string& word : words)
    json_array_add_string_element(array, word.c_str());
  return array;
}

void hideSecrets(JsonNode* node) {
  if (JSON_NODE_HOLDS_ARRAY(node)) {
    json_array_foreach_element(
        json_node_get_array(node),
        [](JsonArray*, guint, JsonNode* element, gpointer) { hideSecrets(element); }, nullptr);
  } else if (JSON_NODE_HOLDS_OBJECT(node)) {
    JsonObject* object = json_node_get_object(node);
    for (const char* name : {"credential", "secret"})
      if (json_object_has_member(object, name))
        json_object_set_string_member(object, name, "***");
    json_object_foreach_member(
        object, [](JsonObject*, const char*, JsonNode* member, gpointer) { hideSecrets(member); },
        nullptr);
  }
}

// Where the shipped scenarios are: beside an installed program, or in a checkout. "": nowhere.
std::filesystem::path shippedFolder() {
  const auto program = ownProgram();
  if (!program)
    return "";
  const std::filesystem::path above = std::filesystem::path(*program).parent_path().parent_path();
  std::error_code error;
  for (const char* folder : {"share/turnout/scenarios", "scenarios"})
    if (std::filesystem::is_directory(above / folder, error))
      return above / folder;
  return "";
}

std::vector<std::string> shippedNames(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error))
    if (file->path().extension() == ".json")
      names.push_back(file->path().stem());
  return names;
}

// The file itself when it is there, else the shipped scenario of that name. Error: neither.
Result<std::string> foundScenario(const std::string& file) {
  std::error_code error;
  if (file.find('/') != std::string::npos || std::filesystem::exists(file, error))
    return file;
  const std::filesystem::path folder = shippedFolder();
  for (const char* ending : {"", ".json"})
    if (std::filesystem::is_regular_file(folder / (file + ending), error))
      return (folder / (file + ending)).string();
  return Error{ErrorCode::kBadScenario,
               file + ": there is no such file, and no scenario of this name is shipped" +
                   suggestion(file, shippedNames(folder))};
}

Result<LoadedScenario> loadedOr(const std::string& file, ScenarioLoad load) {
  if (auto* problems = std::get_if<ScenarioProblems>(&load)) {
    std::string text = problemsText(file, *problems);
    text.erase(text.find_last_not_of('\n') + 1);
    return Error{ErrorCode::kBadScenario, std::move(text)};
  }
  return std::get<LoadedScenario>(std::move(load));
}

// The file alone was good: what is wrong came with the options.
Error overrideError(const ScenarioProblems& problems) {
  constexpr std::pair<std::string_view, const char*> kOptions[] = {
      {"calls.per_arm", "--calls"},
      {"calls", "--calls"},
      {"seed", "--seed"},
      {"hosts", "--hosts"},
      {"profile", "--profile"},
      {"session.bugs", "--bug"},
      {"local_addresses", "--local-address"}};
  std::string text;
  for (const ScenarioProblem& problem : problems) {
    std::string place = problem.path;
    for (const auto& [path, option] : kOptions) {
      if (place == path || place.starts_with(std::string(path) + "[")) {
        place = option;
        break;
      }
    }
    text += (text.empty() ? "" : "\n") + place + ": " + problem.message;
  }
  return {ErrorCode::kUsage, text};
}

}  // namespace

std::string withOverrides(const std::string& text, const ScenarioOverrides& overrides) {
  EditableJson json(text);
  if (overrides.seed)
    json_object_set_int_member(json.root(), "seed", *overrides.seed);
  if (overrides.hosts)
    json_object_set_int_member(json.root(), "hosts", *overrides.hosts);
  if (overrides.profile)
    json_object_set_string_member(json.root(), "profile", overrides.profile->c_str());
  if (overrides.calls_per_arm)
    json_object_set_int_member(memberObject(json.root(), "calls"), "per_arm",
                               *overrides.calls_per_arm);
  if (overrides.local_addresses == std::vector<std::string>{kAllAddresses})
    json_object_set_string_member(json.root(), "local_addresses", kAllAddresses);
  else if (!overrides.local_addresses.empty())
    json_object_set_array_member(json.root(), "local_addresses",
                                 arrayOf(overrides.local_addresses));
  if (!overrides.bugs.empty())
    json_object_set_array_member(memberObject(json.root(), "session"), "bugs",
                                 arrayOf(overrides.bugs));
  for (const auto& [name, value] :
       {std::pair("url", overrides.signaling_url), std::pair("dialect", overrides.dialect),
        std::pair("start", overrides.signaling_start)})
    if (value)
      json_object_set_string_member(memberObject(json.root(), "signaling"), name, value->c_str());
  return json.text();
}

std::string withoutSecrets(const std::string& text) {
  EditableJson json(text);
  hideSecrets(json.rootNode());
  return json.text();
}

Result<LoadedScenario> scenarioFrom(const std::string& file, const ScenarioOverrides& overrides) {
  const auto found = foundScenario(file);
  if (!found)
    return found.error();
  auto loaded = loadedOr(file, loadScenario(*found));
  if (!loaded || !overrides.any())
    return loaded;
  auto load = parseScenario(withOverrides(loaded->text, overrides));
  if (const auto* problems = std::get_if<ScenarioProblems>(&load))
    return overrideError(*problems);
  return std::get<LoadedScenario>(std::move(load));
}

}  // namespace turnout
