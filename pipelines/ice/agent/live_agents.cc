#include "pipelines/ice/agent/live_agents.h"

#include <atomic>

namespace turnout {
namespace {
std::atomic<unsigned> of_process{0};
}

LiveAgents::Token::Token(std::shared_ptr<LiveAgents> all) : all_(std::move(all)) {
  ++of_process;
  const std::lock_guard lock(all_->mutex_);
  ++all_->here_;
}

LiveAgents::Token::~Token() {
  --of_process;
  const std::lock_guard lock(all_->mutex_);
  --all_->here_;
  all_->changed_.notify_all();
}

void LiveAgents::waitForNone(Duration limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [this] { return here_ == 0; });
}

unsigned LiveAgents::count() {
  return of_process;
}

}  // namespace turnout
