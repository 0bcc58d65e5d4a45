// Runs one of the Node.js scripts in node/ against the official Socket.IO packages, and collects
// the JSON lines it prints. The packages are installed on first use into the build directory.
#pragma once

#include "pipelines/base/json.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/subprocess.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

class NodeScript {
 public:
  // Why Node.js tests cannot run here and how to enable them; nullopt when they can.
  static std::optional<std::string> missing();
  static bool isRequired();  // TURNOUT_REQUIRE names "node": missing is a failure

  NodeScript(Loop& loop, const std::string& script, const std::vector<std::string>& arguments);

  bool waitForExit();
  // The first printed value under `key`; waits for it.
  JsonValue waitFor(const char* key);
  JsonValue find(const char* key) const;
  std::size_t count(const char* key) const;
  std::string output() const;  // for failure messages
  pid_t pid() const { return process_->pid(); }
  void kill() { process_->kill(); }

 private:
  Loop& loop_;
  std::vector<std::string> lines_;
  std::vector<JsonValue> seen_;
  std::string how_;  // it ended
  std::unique_ptr<Subprocess> process_;
};

}  // namespace turnout
