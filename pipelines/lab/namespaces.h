// Namespaces of Linux as a lab needs them. A program that wants a lab becomes two processes: the one
// that was started makes namespaces of its own (user, mount, network, process), and starts the program
// again inside, as the first process of the new process namespace. With that first process everything
// goes: all other processes in it, and with them network namespaces, links and rules. The kernel kills
// it when the outer one dies, of whatever.
//
// No right is needed where user namespaces are allowed; the process is root inside, and nobody special
// outside. Files are the same, inside and outside, and belong to the same user.
//
// Threads: a thread has its own network namespace; of one that has no other (runInOwnWorld).
#pragma once

#include "pipelines/base/fd.h"
#include "pipelines/base/result.h"

#include <string>
#include <vector>

namespace turnout {

enum class OwnWorld {
  kRootless,  // with a user namespace
  kAsRoot,    // without: the caller is root
};

// Outside. Runs this program again with these words, first inside namespaces of its own; its exit code.
// Error (kEnvironment): the machine does not allow that; why, and what to do. This process can do nothing
// then but say so and end.
Result<int> runInOwnWorld(OwnWorld how, const std::vector<std::string>& words);

// Whether this process is the inner one.
bool isInOwnWorld();
// Inside, once and first: its own /proc, mounts that are nobody else's.
// Error (kEnvironment): /proc/sys cannot be written, so that nothing could be forwarded.
Result<Done> furnishOwnWorld();

class NetworkNamespace {
 public:
  // A new one, without links; it is there as long as anything refers to it.
  static Result<NetworkNamespace> create();

  int fd() const { return fd_.get(); }
  std::string path() const;  // for programs started meanwhile

 private:
  explicit NetworkNamespace(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

// This thread is in another network namespace: sockets that are opened belong to it, /proc/sys/net shows
// it. In a scope that does not wait for anything.
class InNetwork {
 public:
  explicit InNetwork(const NetworkNamespace& network);
  ~InNetwork();
  InNetwork(const InNetwork&) = delete;
  InNetwork& operator=(const InNetwork&) = delete;

 private:
  Fd back_;
};

// All of these are of the network namespace the thread is in.
Result<Done> setSysctl(const std::string& name, const std::string& value);  // "net/ipv4/ip_forward"
Result<Done> forgetFlows();  // empties the connection tracking: NAT mappings, accepted flows

// The path of `ip`, `nft`, ...: in PATH, or where administrators' programs are.
// Error (kEnvironment): it is not installed, and which package has it.
Result<std::string> networkTool(const std::string& name);

}  // namespace turnout
