#include "pipelines/lab/namespaces.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/subprocess.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <glib.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace turnout {
namespace {

constexpr const char* kThisNetwork = "/proc/thread-self/ns/net";

Error lacks(const std::string& what) {
  return {ErrorCode::kEnvironment, what};
}

std::string reason(int error) {
  return std::strerror(error);
}

// The number in a file of /proc; -1: there is none.
long numberIn(const char* path) {
  const Fd file(::open(path, O_RDONLY | O_CLOEXEC));
  char text[32] = {};
  return file && ::read(file.get(), text, sizeof(text) - 1) > 0 ? std::strtol(text, nullptr, 10)
                                                                : -1;
}

bool writeFile(const std::string& path, const std::string& text) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Why namespaces were refused, as far as the machine says, and what to do about it.
Error refusal(OwnWorld how, int error) {
  const std::string start = "this machine allows no network lab: ";
  if (how == OwnWorld::kAsRoot)
    return lacks(start + "namespaces for root: " + reason(error) +
                 ". In a container it needs the capabilities SYS_ADMIN and NET_ADMIN (docker run "
                 "--cap-add SYS_ADMIN --cap-add NET_ADMIN)");
  if (numberIn("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
    return lacks(
        start +
        "AppArmor keeps ordinary users from user namespaces. Allow them (sudo sysctl "
        "kernel.apparmor_restrict_unprivileged_userns=0), or run it with sudo and --as-root");
  if (numberIn("/proc/sys/kernel/unprivileged_userns_clone") == 0)
    return lacks(start +
                 "user namespaces are for root only. Allow them (sudo sysctl "
                 "kernel.unprivileged_userns_clone=1), or run it with sudo and --as-root");
  if (numberIn("/proc/sys/user/max_user_namespaces") == 0)
    return lacks(start +
                 "it allows 0 user namespaces. Allow some (sudo sysctl "
                 "user.max_user_namespaces=10000), or run it with sudo and --as-root");
  if (error == ENOSPC || error == EUSERS)
    return lacks(start + "there are too many namespaces, or they lie too deep (sysctl user): " +
                 reason(error));
  return lacks(start + "user namespaces: " + reason(error) +
               ". In a container they may be shut off (docker run --security-opt "
               "seccomp=unconfined); otherwise run it with sudo and --as-root");
}

// The user is root inside, and its own files stay its own.
bool mapUser(uid_t user, gid_t group) {
  return writeFile("/proc/self/setgroups", "deny") &&
         writeFile("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") &&
         writeFile("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
}

Result<Done> leave(OwnWorld how) {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (how == OwnWorld::kAsRoot && user != 0)
    return Error{ErrorCode::kUsage, "--as-root is for root: run it with sudo, or leave it out"};
  if (how == OwnWorld::kRootless && (::unshare(CLONE_NEWUSER) != 0 || !mapUser(user, group)))
    return refusal(how, errno);
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID) != 0)
    return refusal(how, errno);
  return Done{};
}

}  // namespace

Result<int> runInOwnWorld(OwnWorld how, const std::vector<std::string>& words) {
  auto program = ownProgram();
  if (!program)
    return program.error();
  if (const auto left = leave(how); !left)
    return left.error();
  std::vector<std::string> argv{*std::move(program)};
  argv.insert(argv.end(), words.begin(), words.end());
  return Subprocess::standInFor(argv);
}

bool isInOwnWorld() {
  return ::getpid() == 1;
}

// A new /proc is refused where parts of the old one are hidden, as in containers; the old one serves
// as well then, if it may be written.
Result<Done> furnishOwnWorld() {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return lacks("mounts cannot be made private: " + reason(errno));
  const bool has_proc =
      ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
  if (auto set = setSysctl("net/ipv4/ip_forward", "1"); !set)
    return has_proc ? set
                    : lacks(set.error().what +
                            ". In a container /proc/sys is often read-only (docker run "
                            "--security-opt systempaths=unconfined)");
  return Done{};
}

Result<NetworkNamespace> NetworkNamespace::create() {
  const Fd back(::open(kThisNetwork, O_RDONLY | O_CLOEXEC));
  if (!back || ::unshare(CLONE_NEWNET) != 0)
    return lacks("no network namespace: " + reason(errno) +
                 (errno == ENOSPC ? " (sysctl user.max_net_namespaces)" : ""));
  Fd made(::open(kThisNetwork, O_RDONLY | O_CLOEXEC));
  TURNOUT_CHECK(::setns(back.get(), CLONE_NEWNET) == 0, "there is no way back");
  if (!made)
    return Error{ErrorCode::kIo, "no network namespace: " + reason(errno)};
  return NetworkNamespace(std::move(made));
}

// By the number that /proc shows, which is not ours when /proc is that of outside.
std::string NetworkNamespace::path() const {
  char self[32] = {};
  const ssize_t size = ::readlink("/proc/self", self, sizeof(self) - 1);
  return "/proc/" + std::string(self, size > 0 ? static_cast<std::size_t>(size) : 0) + "/fd/" +
         std::to_string(fd_.get());
}

InNetwork::InNetwork(const NetworkNamespace& network)
    : back_(::open(kThisNetwork, O_RDONLY | O_CLOEXEC)) {
  TURNOUT_CHECK(back_ && ::setns(network.fd(), CLONE_NEWNET) == 0, "a namespace of ours");
}

InNetwork::~InNetwork() {
  TURNOUT_CHECK(::setns(back_.get(), CLONE_NEWNET) == 0, "there is no way back");
}

Result<Done> setSysctl(const std::string& name, const std::string& value) {
  const std::string path = "/proc/sys/" + name;
  if (!writeFile(path, value))
    return lacks("cannot write " + path + ": " + reason(errno));
  return Done{};
}

Result<Done> forgetFlows() {
  struct {
    nlmsghdr header;
    nfgenmsg family;
  } request{};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8U | IPCTNL_MSG_CT_DELETE;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request.family.nfgen_family = AF_INET;
  const Fd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  struct {
    nlmsghdr header;
    nlmsgerr error;
    char rest[512];
  } answer{};
  if (!netlink || ::send(netlink.get(), &request, sizeof(request), 0) != sizeof(request) ||
      ::recv(netlink.get(), &answer, sizeof(answer), 0) < 0)
    return Error{ErrorCode::kIo, "cannot reach the connection tracking: " + reason(errno)};
  if (answer.header.nlmsg_type == NLMSG_ERROR && answer.error.error != 0)
    return Error{ErrorCode::kIo,
                 "cannot empty the connection tracking: " + reason(-answer.error.error)};
  return Done{};
}

Result<std::string> networkTool(const std::string& name) {
  for (const std::string& each : {name, "/usr/sbin/" + name, "/sbin/" + name})
    if (const Owned<char> path(g_find_program_in_path(each.c_str())); path)
      return std::string(path.get());
  const std::string package = name == "nft" ? "nftables" : "iproute2";
  return lacks("the network lab wants " + name + ": apt install " + package);
}

}  // namespace turnout
