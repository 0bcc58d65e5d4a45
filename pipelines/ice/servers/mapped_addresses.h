// Which server told an agent which of its addresses as seen from outside, from what can be
// observed: candidates (libnice hides those that equal another), Binding answers of the whole
// process, and Allocate answers. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

namespace turnout {

class MappedAddresses {
 public:
  void onCandidate(const std::string& address);  // a host or server reflexive one of this agent
  void onBinding(const std::string& mapped);     // of any agent; call before its candidate appears
  void onAllocation(const std::string& mapped, const std::string& url);

  // An address that is this agent's and in a Binding answer can only be from its own request.
  bool isFromBinding(const std::string& address) const;
  std::string fromBinding() const;  // one such address; empty: there is none yet
  // The TURN server that told it first; empty when none did.
  std::string turnUrl(const std::string& address) const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string> own_, bound_;
  std::map<std::string, std::string> allocated_;
};

}  // namespace turnout
