#include "pipelines/ice/agent/ice_threads.h"

#include <atomic>
#include <string>
#include <string_view>

#include <glib.h>

namespace turnout {
namespace {

std::atomic<unsigned> live_agents_of_process{0};

// An agent that leaves abruptly drops its allocations on purpose; libnice thinks it a mistake.
void filterWarning(const gchar* domain, GLogLevelFlags level, const gchar* text, gpointer data) {
  if (!std::string_view(text).ends_with("before releasing the agent."))
    g_log_default_handler(domain, level, text, data);
}

}  // namespace

LiveAgents::Token::Token(std::shared_ptr<LiveAgents> all) : all_(std::move(all)) {
  ++live_agents_of_process;
  const std::lock_guard lock(all_->mutex_);
  ++all_->here_;
}

LiveAgents::Token::~Token() {
  --live_agents_of_process;
  const std::lock_guard lock(all_->mutex_);
  --all_->here_;
  all_->changed_.notify_all();
}

void LiveAgents::waitForNone(Duration limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [this] { return here_ == 0; });
}

unsigned LiveAgents::count() {
  return live_agents_of_process;
}

IceThreads::IceThreads(unsigned media_threads, Duration media_coalesce)
    : live_(std::make_shared<LiveAgents>()),
      log_handler_(g_log_set_handler("libnice", G_LOG_LEVEL_WARNING, filterWarning, nullptr)),
      control_("ice-control") {
  for (unsigned i = 0; i < media_threads; ++i)
    media_.push_back(
        std::make_unique<LoopThread>("ice-media-" + std::to_string(i), media_coalesce));
  control_.watchStalls();
  for (const auto& media : media_)
    media->watchStalls();
}

std::vector<Stall> IceThreads::takeStalls() {
  std::vector<Stall> stalls = control_.takeStalls();
  for (const auto& media : media_)
    for (Stall& stall : media->takeStalls())
      stalls.push_back(std::move(stall));
  return stalls;
}

IceThreads::~IceThreads() {
  // Agents that were destroyed may still be releasing allocations, or wait for a silent server,
  // which libnice gives 2 s (500 + 1000 + 500 ms); more may not hold up the end of the process.
  live_->waitForNone(4s);
  g_log_remove_handler("libnice", log_handler_);
}

LoopThread& IceThreads::nextMedia() {
  return media_.empty() ? control_ : *media_[next_++ % media_.size()];
}

}  // namespace turnout
