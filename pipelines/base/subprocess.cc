#include "pipelines/base/subprocess.h"

#include "pipelines/base/gobject_ref.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <tuple>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace turnout {
namespace {

std::string exitText(int wait_status) {
  return WIFSIGNALED(wait_status) ? "signal " + std::to_string(WTERMSIG(wait_status))
                                  : "exit " + std::to_string(WEXITSTATUS(wait_status));
}

// As shells tell it.
int exitStatusOf(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

Error spawnError(const std::string& program, const GError& error) {
  const bool missing = error.domain == G_SPAWN_ERROR && error.code == G_SPAWN_ERROR_NOENT;
  return {missing ? ErrorCode::kEnvironment : ErrorCode::kIo,
          "cannot start " + program + ": " + error.message};
}

// The NULL-terminated array of C strings that exec wants; valid as long as `strings`.
std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (const std::string& text : strings)
    list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> environmentWith(
    const std::vector<std::pair<std::string, std::string>>& extra) {
  const auto isReplaced = [&](std::string_view name) {
    return std::ranges::any_of(extra, [&](const auto& each) { return each.first == name; });
  };
  std::vector<std::string> environment;
  char** list = g_get_environ();
  for (char** entry = list; *entry; ++entry) {
    const std::string_view name = std::string_view(*entry).substr(0, std::strcspn(*entry, "="));
    if (isInheritedVariable(name) && !isReplaced(name))
      environment.emplace_back(*entry);
  }
  g_strfreev(list);
  for (const auto& [name, value] : extra)
    environment.push_back(name + "=" + value);
  return environment;
}

constexpr int kNotStarted = 127;

struct Preparation {
  pid_t parent = ::getpid();
  int network = -1;
  bool has_own_group = true;
};

// Between fork and exec: async-signal-safe calls only.
void prepareChild(gpointer data) {
  const auto* how = static_cast<const Preparation*>(data);
  if (how->has_own_group)
    ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != how->parent)
    ::_exit(kNotStarted);  // the parent died before the line above
  if (how->network >= 0 && ::setns(how->network, CLONE_NEWNET) != 0)
    ::_exit(kNotStarted);
}

// The same, in a process namespace where nobody sees the parent: `lifeline` is a pipe of it.
void prepareFirst(gpointer lifeline) {
  const int* ends = static_cast<const int*>(lifeline);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::close(ends[1]);
  pollfd parents_end{ends[0], POLLIN, 0};
  if (::poll(&parents_end, 1, 0) != 0)
    ::_exit(kNotStarted);
}

// A file in memory that holds `text`; it is read from its beginning.
Fd memoryFile(const std::string& text) {
  Fd file(::memfd_create("turnout", MFD_CLOEXEC));
  for (std::size_t at = 0; file && at < text.size();) {
    const ssize_t put = ::write(file.get(), text.data() + at, text.size() - at);
    if (put <= 0)
      return {};
    at += static_cast<std::size_t>(put);
  }
  if (file)
    ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::string contentOf(const Fd& file) {
  std::string text(static_cast<std::size_t>(std::max<off_t>(0, ::lseek(file.get(), 0, SEEK_END))),
                   '\0');
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  return text;
}

int waitFor(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// Of standInFor(): the one program that gets our signals.
pid_t stand_in = 0;

// What a terminal sends, it sends to its whole process group: the program has it already.
void handOn(int signum, siginfo_t* info, void*) {
  if (info->si_code <= 0 && stand_in > 0)
    ::kill(stand_in, signum);
}

std::vector<std::string> wholeEnvironment() {
  char** list = g_get_environ();
  std::vector<std::string> all;
  for (char** entry = list; *entry; ++entry)
    all.emplace_back(*entry);
  g_strfreev(list);
  return all;
}

Timer watchExit(Loop& loop, pid_t pid, std::function<void(int)> on_exit) {
  using Handler = std::function<void(int)>;
  const GChildWatchFunc call = [](GPid, gint status, gpointer data) {
    (*static_cast<Handler*>(data))(status);
  };
  GSource* source = g_child_watch_source_new(pid);
  g_source_set_callback(source, G_SOURCE_FUNC(call), new Handler(std::move(on_exit)),
                        [](gpointer data) { delete static_cast<Handler*>(data); });
  g_source_attach(source, loop.context());
  return Timer(Ref<GSource>::adopt(source));
}

// Where the child's stdout and stderr go; `ours` is the end we read, if any.
struct OutputEnds {
  Fd childs, ours;
};

Result<OutputEnds> openOutput(const Subprocess::Output& output) {
  const auto failed = [](const std::string& what) {
    return Error{ErrorCode::kIo, what + ": " + std::strerror(errno)};
  };
  OutputEnds ends;
  if (const auto* file = std::get_if<Subprocess::OutputToFile>(&output)) {
    ends.childs = Fd(::open(file->path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!ends.childs)
      return failed("cannot write " + file->path);
  } else if (std::holds_alternative<Subprocess::OutputToLines>(output)) {
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0)
      return failed("no pipe");
    ends.ours = Fd(pipe_ends[0]);
    ends.childs = Fd(pipe_ends[1]);
  }
  return ends;
}

}  // namespace

Result<std::unique_ptr<Subprocess>> Subprocess::start(Loop& loop, Config config) {
  std::unique_ptr<Subprocess> child(new Subprocess(loop, std::move(config)));
  if (const auto spawned = child->spawn(); !spawned)
    return spawned.error();
  return child;
}

Subprocess::Subprocess(Loop& loop, Config config) : loop_(loop), config_(std::move(config)) {}

Result<Done> Subprocess::spawn() {
  auto output = openOutput(config_.output);
  if (!output)
    return output.error();
  Fd our_end, child_end;
  if (config_.on_channel_line) {
    auto ends = LineChannel::socketPair();
    if (!ends)
      return ends.error();
    std::tie(our_end, child_end) = std::move(*ends);
  }

  const bool has_terminal = config_.terminal == Terminal::kOurs;
  const auto environment = has_terminal ? wholeEnvironment() : environmentWith(config_.environment);
  const bool discard = std::holds_alternative<DiscardOutput>(config_.output);
  int flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD;
  if (discard)
    flags |= G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL;
  if (has_terminal)
    flags |= G_SPAWN_CHILD_INHERITS_STDIN;
  const int source_fd = child_end.get();
  Preparation how{.network = config_.network, .has_own_group = !has_terminal};
  Owned<GError> error;
  if (!g_spawn_async_with_pipes_and_fds(
          nullptr, pointers(config_.argv).data(), pointers(environment).data(),
          static_cast<GSpawnFlags>(flags), prepareChild, &how, -1, output->childs.get(),
          output->childs.get(), &source_fd, &kChannelFd, child_end ? 1 : 0, &pid_, nullptr, nullptr,
          nullptr, error.out()))
    return spawnError(config_.argv.front(), *error.get());

  running_ = true;
  exit_watch_ = watchExit(loop_, pid_, [this](int status) { onExited(status); });
  if (our_end)
    channel_.emplace(loop_, std::move(our_end), config_.on_channel_line, [] {});
  if (output->ours)
    lines_.emplace(loop_, std::move(output->ours), std::get<OutputToLines>(config_.output).on_line,
                   [] {});
  return Done{};
}

Subprocess::~Subprocess() {
  if (!running_)
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);  // a killed process is gone at once: no zombie stays
}

void Subprocess::onExited(int wait_status) {
  running_ = false;
  exit_status_ = exitStatusOf(wait_status);
  grace_.cancel();
  if (channel_)
    channel_->drain();
  if (lines_)
    lines_->drain();
  const auto on_exit = std::move(config_.on_exit);  // the handler may destroy us
  if (on_exit)
    on_exit(exitText(wait_status));
}

bool Subprocess::send(std::string_view line) {
  return channel_ && channel_->send(line);
}

void Subprocess::terminate(Duration grace) {
  if (!running_)
    return;
  ::kill(pid_, SIGTERM);
  grace_ = loop_.after(grace, [this] { kill(); });
}

void Subprocess::kill() {
  if (running_)
    ::kill(pid_, SIGKILL);
}

bool isInheritedVariable(std::string_view name) {
  constexpr std::string_view kWhole[] = {
      "PATH",     "HOME", "USER",          "LOGNAME",      "SHELL",           "LANG",
      "LANGUAGE", "TZ",   "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH", "LD_PRELOAD",
      "TMPDIR",   "TERM", "NICE_DEBUG"};
  constexpr std::string_view kBeginnings[] = {"LC_",  "XDG_",  "GST_", "G_",   "GLIBC_", "MALLOC_",
                                              "ASAN", "UBSAN", "LSAN", "TSAN", "LLVM_",  "GCOV_"};
  return std::ranges::count(kWhole, name) > 0 ||
         std::ranges::any_of(kBeginnings,
                             [&](std::string_view each) { return name.starts_with(each); });
}

Result<std::string> ownProgram() {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error)
    return Error{ErrorCode::kEnvironment,
                 "cannot tell where this program is, /proc/self/exe: " + error.message()};
  return path.string();
}

std::string helperProgram(const std::string& program, const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(program).parent_path();
  const std::filesystem::path installed = folder.parent_path() / "libexec" / "turnout" / name;
  std::error_code error;
  return (std::filesystem::exists(installed, error) ? installed : folder / name).string();
}

Result<std::string> Subprocess::run(const std::vector<std::string>& argv, const std::string& input,
                                    int network) {
  constexpr const char* kLimitSeconds = "20";  // usual: milliseconds
  if (!Owned<char>(g_find_program_in_path(argv.front().c_str())))
    return Error{ErrorCode::kEnvironment, "cannot start " + argv.front() + ": it is not in PATH"};
  std::vector<std::string> bounded{"timeout", "--kill-after=1", kLimitSeconds};
  bounded.insert(bounded.end(), argv.begin(), argv.end());
  const Fd given = memoryFile(input), printed = memoryFile({}), complaint = memoryFile({});
  if (!given || !printed || !complaint)
    return Error{ErrorCode::kIo, std::string("no file in memory: ") + std::strerror(errno)};
  Owned<GError> error;
  pid_t pid = -1;
  Preparation how{.network = network};
  const auto environment = environmentWith({});
  constexpr auto kFlags = static_cast<GSpawnFlags>(G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD);
  if (!g_spawn_async_with_pipes_and_fds(nullptr, pointers(bounded).data(),
                                        pointers(environment).data(), kFlags, prepareChild, &how,
                                        given.get(), printed.get(), complaint.get(), nullptr,
                                        nullptr, 0, &pid, nullptr, nullptr, nullptr, error.out()))
    return spawnError(argv.front(), *error.get());
  const int status = waitFor(pid);
  if (status != 0)
    return Error{ErrorCode::kEnvironment,
                 argv.front() + ": " + exitText(status) + ": " + contentOf(complaint)};
  return contentOf(printed);
}

Result<int> Subprocess::standInFor(const std::vector<std::string>& argv) {
  int lifeline[2];
  if (::pipe2(lifeline, O_CLOEXEC) != 0)
    return Error{ErrorCode::kIo, std::string("no pipe: ") + std::strerror(errno)};
  const Fd reading(lifeline[0]), writing(lifeline[1]);
  const auto environment = wholeEnvironment();
  Owned<GError> error;
  constexpr auto kFlags =
      static_cast<GSpawnFlags>(G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN);
  if (!g_spawn_async_with_pipes_and_fds(nullptr, pointers(argv).data(),
                                        pointers(environment).data(), kFlags, prepareFirst,
                                        lifeline, -1, -1, -1, nullptr, nullptr, 0, &stand_in,
                                        nullptr, nullptr, nullptr, error.out()))
    return spawnError(argv.front(), *error.get());
  struct sigaction hand_on {};
  hand_on.sa_sigaction = handOn;
  hand_on.sa_flags = SA_SIGINFO | SA_RESTART;
  for (const int signum : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    ::sigaction(signum, &hand_on, nullptr);
  const int status = waitFor(stand_in);
  stand_in = 0;
  return exitStatusOf(status);
}

namespace {

// Above Linux' range for outgoing connections (32768..60999): when a server is dead on purpose, no
// socket of a bot gets its port, and no bot that wants to connect to it meets itself.
constexpr int kFirstPort = 61'000, kPorts = 65'536 - kFirstPort;

bool isFree(const Fd& socket, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Result<std::vector<std::uint16_t>> freePorts(std::size_t count) {
  std::vector<std::uint16_t> ports;
  const auto start = static_cast<int>(toNs(now()) % kPorts);  // others look elsewhere meanwhile
  for (int i = 0; i < kPorts && ports.size() < count; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirstPort + (start + i) % kPorts);
    const Fd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Fd udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (isFree(tcp, port) && isFree(udp, port))
      ports.push_back(port);
  }
  if (ports.size() < count)
    return Error{ErrorCode::kEnvironment,
                 std::string("no free port on 127.0.0.1: ") + std::strerror(errno)};
  return ports;
}

}  // namespace turnout
