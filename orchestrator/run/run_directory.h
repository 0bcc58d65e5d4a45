// Where a run leaves its files: scenario.json, plan.json, events.jsonl, summary.json and the logs
// of its children.
#pragma once

#include "pipelines/base/result.h"

#include <string>
#include <utility>

namespace turnout {

class RunDirectory {
 public:
  // `wanted`: a directory that is empty or does not exist. Empty: runs/<time>-<name>, to which the
  // link runs/latest then points. Control characters are refused.
  static Result<RunDirectory> create(const std::string& wanted, const std::string& name,
                                     const std::string& wall_clock);

  const std::string& path() const { return path_; }
  const std::string& id() const { return id_; }  // the last part of the path: names the run
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  Result<Done> write(const std::string& name, const std::string& text) const;

 private:
  RunDirectory(std::string path, std::string id) : path_(std::move(path)), id_(std::move(id)) {}
  std::string path_, id_;
};

}  // namespace turnout
