#include "runtime/work_in_flight.h"

#include "runtime/interruption.h"
#include "runtime/memory_pressure.h"

namespace mlx::core::scheduler {

namespace {

// More than one when a task runs another stream's task inline.
thread_local int streams_on_this_thread = 0;

}  // namespace

void WorkInFlight::stream_started() {
  std::lock_guard lock(mutex_);
  ++running_streams_;
}

void WorkInFlight::stream_stopped() {
  std::lock_guard lock(mutex_);
  --running_streams_;
  changed_.notify_all();
}

void WorkInFlight::task_done() {
  std::lock_guard lock(mutex_);
  ++tasks_done_;
  changed_.notify_all();
}

uint64_t WorkInFlight::tasks_done() const {
  std::lock_guard lock(mutex_);
  return tasks_done_;
}

bool WorkInFlight::wait_for_a_task(uint64_t seen) {
  BlockedScope blocked;
  std::unique_lock lock(mutex_);
  auto is_over = [&] { return tasks_done_ != seen || running_streams_ <= blocked_streams_; };
  if (!is_interruptible() && !has_pressure_handlers()) changed_.wait(lock, is_over);
  while (!changed_.wait_for(lock, interrupt_interval, is_over)) {
    lock.unlock();
    throw_if_interrupted();
    answer_relief_requests();
    lock.lock();
  }
  return tasks_done_ != seen;
}

bool WorkInFlight::is_on_stream() { return streams_on_this_thread > 0; }

WorkInFlight::TaskScope::TaskScope() { ++streams_on_this_thread; }
WorkInFlight::TaskScope::~TaskScope() { --streams_on_this_thread; }

WorkInFlight::BlockedScope::BlockedScope() {
  if (streams_on_this_thread == 0) return;
  WorkInFlight& work = work_in_flight();
  std::lock_guard lock(work.mutex_);
  work.blocked_streams_ += streams_on_this_thread;
  work.changed_.notify_all();
}

WorkInFlight::BlockedScope::~BlockedScope() {
  if (streams_on_this_thread == 0) return;
  WorkInFlight& work = work_in_flight();
  std::lock_guard lock(work.mutex_);
  work.blocked_streams_ -= streams_on_this_thread;
}

WorkInFlight& work_in_flight() {
  static WorkInFlight& work = *new WorkInFlight;
  return work;
}

}  // namespace mlx::core::scheduler
