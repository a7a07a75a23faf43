#include "mlx/scheduler.h"

#include "runtime/stream_table.h"

namespace mlx::core::scheduler {

void Scheduler::enqueue(const Stream& stream, Task task) {
  stream_table().queue(stream).enqueue([this, stream, task = std::move(task)]() mutable {
    try {
      task();
    } catch (...) {
      keep_error(stream, std::current_exception());
    }
    // What the task held goes before anybody is told that it is done.
    task = nullptr;
  });
}

void Scheduler::wait_event(Stream stream, Event event, std::function<void(Event&)> task) {
  signal_event(stream, std::move(event), std::move(task));
}

void Scheduler::signal_event(Stream stream, Event event, std::function<void(Event&)> task) {
  enqueue(stream, [event = std::move(event), task = std::move(task)]() mutable {
    try {
      task(event);
    } catch (...) {
      event.set_error(std::current_exception());
    }
  });
}

void Scheduler::keep_error(const Stream& stream, std::exception_ptr error) {
  std::lock_guard lock(mutex_);
  auto& kept = errors_of_stream_[stream.index];
  if (!kept) kept = std::move(error);
}

void Scheduler::check_error(const Stream& stream) {
  std::exception_ptr error;
  {
    std::lock_guard lock(mutex_);
    auto found = errors_of_stream_.find(stream.index);
    if (found == errors_of_stream_.end()) return;
    error = std::exchange(found->second, nullptr);
  }
  if (error) std::rethrow_exception(error);
}

bool Scheduler::try_run_inline(const Stream& stream, const Task& task) {
  return stream_table().queue(stream).try_run_inline(task);
}

void Scheduler::notify_new_task(const Stream& stream) {
  std::lock_guard lock(mutex_);
  // First what may fail.
  ++active_of_stream_[stream.index];
  ++active_tasks_;
}

void Scheduler::notify_task_completion(const Stream& stream) {
  std::lock_guard lock(mutex_);
  --active_tasks_;
  --active_of_stream_[stream.index];
  completed_.notify_all();
}

int Scheduler::n_active_tasks() const {
  std::lock_guard lock(mutex_);
  return active_tasks_;
}

int Scheduler::n_active_tasks(const Stream& stream) const {
  std::lock_guard lock(mutex_);
  auto found = active_of_stream_.find(stream.index);
  return found == active_of_stream_.end() ? 0 : found->second;
}

void Scheduler::wait_for_one() {
  std::unique_lock lock(mutex_);
  int before = active_tasks_;
  // A single one may be the caller's own.
  if (before > 1) completed_.wait(lock, [&] { return active_tasks_ < before; });
}

// Leaked: worker threads may still use it while the process exits.
Scheduler& scheduler() {
  static Scheduler& scheduler = *new Scheduler;
  return scheduler;
}

}  // namespace mlx::core::scheduler
