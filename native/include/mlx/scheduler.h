#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "mlx/api.h"
#include "mlx/event.h"
#include "mlx/stream.h"

namespace mlx::core::scheduler {

using Task = std::function<void()>;

/// Runs the tasks of each CPU stream in order, on threads that sleep when there are none. Streams
/// don't wait for one another.
class MLX_API Scheduler {
 public:
  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler(Scheduler&&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  Scheduler& operator=(Scheduler&&) = delete;

  /// Throws std::out_of_range for an unknown stream and EngineError when no thread can be started.
  /// A task handles its own errors; the first that gets out is kept for check_error.
  void enqueue(const Stream& stream, Task task);
  /// Enqueues a task that waits for an event, and one that signals it: the task does so itself, by
  /// the event that it is given. What it throws becomes the event's error.
  void wait_event(Stream stream, Event event, std::function<void(Event&)> task);
  void signal_event(Stream stream, Event event, std::function<void(Event&)> task);
  /// Throws the first error that got out of one of the stream's tasks since it was asked last.
  void check_error(const Stream& stream);
  /// Runs the task on the calling thread, as the stream's, if the stream has nothing queued or
  /// running. Returns whether it did; exceptions pass through.
  bool try_run_inline(const Stream& stream, const Task& task);

  /// Counts evaluations in flight, so that their number can be held down.
  void notify_new_task(const Stream& stream);
  void notify_task_completion(const Stream& stream);
  int n_active_tasks() const;
  int n_active_tasks(const Stream& stream) const;
  /// Waits until one of several active tasks completes; returns at once when there is at most one.
  void wait_for_one();

 private:
  mutable std::mutex mutex_;
  std::condition_variable completed_;
  int active_tasks_ = 0;
  /// By the stream's index.
  std::unordered_map<int, int> active_of_stream_;
  std::unordered_map<int, std::exception_ptr> errors_of_stream_;

  void keep_error(const Stream& stream, std::exception_ptr error);
};

MLX_API Scheduler& scheduler();

template <typename F>
void enqueue(const Stream& stream, F&& f) {
  scheduler().enqueue(stream, std::forward<F>(f));
}

template <typename F>
bool try_run_inline(const Stream& stream, F&& f) {
  // A reference fits into std::function, so that nothing is allocated.
  return scheduler().try_run_inline(stream, std::ref(f));
}

template <typename F>
void wait_event(const Stream& stream, Event event, F&& f) {
  scheduler().wait_event(stream, std::move(event), std::forward<F>(f));
}
template <typename F>
void signal_event(const Stream& stream, Event event, F&& f) {
  scheduler().signal_event(stream, std::move(event), std::forward<F>(f));
}
inline void check_error(const Stream& stream) { scheduler().check_error(stream); }

inline void notify_new_task(const Stream& stream) { scheduler().notify_new_task(stream); }
inline void notify_task_completion(const Stream& stream) {
  scheduler().notify_task_completion(stream);
}
inline int n_active_tasks() { return scheduler().n_active_tasks(); }
inline void wait_for_one() { scheduler().wait_for_one(); }

}  // namespace mlx::core::scheduler
