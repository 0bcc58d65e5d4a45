#include "pipelines/base/subprocess.h"

#include "pipelines/base/gobject_ref.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <tuple>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace turnout {
namespace {

std::string exitText(int wait_status) {
  return WIFSIGNALED(wait_status) ? "signal " + std::to_string(WTERMSIG(wait_status))
                                  : "exit " + std::to_string(WEXITSTATUS(wait_status));
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

// Between fork and exec: async-signal-safe calls only.
void prepareChild(gpointer parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != *static_cast<const pid_t*>(parent))
    ::_exit(127);  // the parent died before the line above
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

  const auto environment = environmentWith(config_.environment);
  const bool discard = std::holds_alternative<DiscardOutput>(config_.output);
  int flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD;
  if (discard)
    flags |= G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL;
  const int source_fd = child_end.get();
  pid_t parent = ::getpid();
  Owned<GError> error;
  if (!g_spawn_async_with_pipes_and_fds(
          nullptr, pointers(config_.argv).data(), pointers(environment).data(),
          static_cast<GSpawnFlags>(flags), prepareChild, &parent, -1, output->childs.get(),
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
  constexpr std::string_view kNames[] = {
      "PATH",     "HOME", "USER",          "LOGNAME",      "SHELL",           "LANG",
      "LANGUAGE", "TZ",   "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH", "LD_PRELOAD",
      "TMPDIR",   "TERM", "NICE_DEBUG"};
  constexpr std::string_view kBeginnings[] = {"LC_",  "XDG_",  "GST_", "G_",   "GLIBC_", "MALLOC_",
                                              "ASAN", "UBSAN", "LSAN", "TSAN", "LLVM_",  "GCOV_"};
  return std::ranges::count(kNames, name) > 0 ||
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

Result<std::string> Subprocess::run(const std::vector<std::string>& argv) {
  constexpr const char* kLimitSeconds = "20";  // usual: milliseconds
  if (!Owned<char>(g_find_program_in_path(argv.front().c_str())))
    return Error{ErrorCode::kEnvironment, "cannot start " + argv.front() + ": it is not in PATH"};
  std::vector<std::string> bounded{"timeout", "--kill-after=1", kLimitSeconds};
  bounded.insert(bounded.end(), argv.begin(), argv.end());
  Owned<char> printed, complaint;
  Owned<GError> error;
  int status = 0;
  const auto environment = environmentWith({});
  if (!g_spawn_sync(nullptr, pointers(bounded).data(), pointers(environment).data(),
                    G_SPAWN_SEARCH_PATH, nullptr, nullptr, printed.out(), complaint.out(), &status,
                    error.out()))
    return spawnError(argv.front(), *error.get());
  if (!g_spawn_check_wait_status(status, error.out()))
    return Error{ErrorCode::kEnvironment,
                 argv.front() + ": " + exitText(status) + ": " + std::string(complaint.get())};
  return std::string(printed.get());
}

}  // namespace turnout
