#include "tests/net/signaling/node_script.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

namespace turnout {
namespace {

namespace fs = std::filesystem;

const std::string kScripts = TURNOUT_NODE_SCRIPTS;    // in the source tree
const std::string kPackages = TURNOUT_NODE_PACKAGES;  // in the build tree

std::optional<std::string> install() {
  const std::string wanted = kScripts + "/package.json", installed = kPackages + "/package.json";
  const auto stamp = [](const std::string& path) { return JsonValue::parseFile(path); };
  const auto have = stamp(installed), want = stamp(wanted);
  if (have && want && have->text() == want->text())
    return std::nullopt;
  // Installed beside and moved, so that an interrupted install is never taken for a whole one.
  const std::string fresh = kPackages + ".new";
  std::error_code ignored;
  fs::remove_all(fresh, ignored);
  fs::create_directories(fresh);
  fs::copy_file(wanted, fresh + "/package.json");
  // With the environment of whoever tests: it may say which registry, proxy and certificates to use.
  const std::string install =
      "npm install --prefix '" + fresh + "' --no-package-lock --no-audit --no-fund --silent";
  if (const int status = std::system(install.c_str()); status != 0)
    return install + ": status " + std::to_string(status);
  fs::remove_all(kPackages, ignored);
  fs::rename(fresh, kPackages);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> NodeScript::missing() {
  static const std::optional<std::string> kProblem = []() -> std::optional<std::string> {
    if (!Subprocess::run({"node", "--version"}) || !Subprocess::run({"npm", "--version"}))
      return "needs Node.js and npm to run the official Socket.IO packages; "
             "install them with: apt-get install nodejs npm";
    return install();
  }();
  return kProblem;
}

bool NodeScript::isRequired() {
  const char* required = std::getenv("TURNOUT_REQUIRE");
  return required && std::string(required).find("node") != std::string::npos;
}

NodeScript::NodeScript(Loop& loop, const std::string& script,
                       const std::vector<std::string>& arguments)
    : loop_(loop) {
  Subprocess::Config config;
  config.argv = {"node", kScripts + "/" + script};
  config.argv.insert(config.argv.end(), arguments.begin(), arguments.end());
  config.environment = {{"NODE_PATH", kPackages + "/node_modules"}};
  config.output = Subprocess::OutputToLines{[this](std::string_view line) {
    lines_.emplace_back(line);
    if (auto json = JsonValue::parse(line))
      seen_.push_back(*json);
  }};
  config.on_exit = [this](const std::string& how) { how_ = how; };
  auto started = Subprocess::start(loop, std::move(config));
  if (started)
    process_ = *std::move(started);
  else
    ADD_FAILURE() << started.error().what;
}

bool NodeScript::waitForExit() {
  loop_.runUntil([this] { return !how_.empty(); }, 20s);
  return how_ == "exit 0";
}

JsonValue NodeScript::waitFor(const char* key) {
  loop_.runUntil([&] { return !how_.empty() || find(key).isPresent(); }, 20s);
  return find(key);
}

JsonValue NodeScript::find(const char* key) const {
  for (const auto& json : seen_)
    if (auto value = json.get(key); value.isPresent())
      return value;
  return {};
}

std::size_t NodeScript::count(const char* key) const {
  std::size_t n = 0;
  for (const auto& json : seen_)
    n += json.get(key).isPresent() ? 1 : 0;
  return n;
}

std::string NodeScript::output() const {
  std::string text = "script ended with: " + how_ + "\n";
  for (const auto& line : lines_)
    text += line + "\n";
  return text;
}

}  // namespace turnout
