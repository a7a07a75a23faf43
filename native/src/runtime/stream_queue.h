#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "mlx/scheduler.h"
#include "runtime/cancellation.h"

namespace mlx::core::scheduler {

/// The tasks of one stream: run in order, by one thread at a time.
class StreamQueue {
 public:
  /// Throws EngineError when no thread can be started for it.
  void enqueue(Task task);
  /// Runs the task here and now if there is no other; returns whether it did.
  bool try_run_inline(const Task& task);
  /// Runs tasks until there are none; for the worker that the queue was given to.
  void drain();

  /// Makes the tasks that wait or run now end early, with errors where they can.
  void cancel();

  bool is_idle() const;
  /// Waits until it is idle, at most that long.
  void wait_until_idle(std::chrono::milliseconds at_most) const;
  /// Whether the calling thread runs a task of this stream.
  bool is_current() const;

 private:
  void finish_inline();
  void stop();

  mutable std::mutex mutex_;
  mutable std::condition_variable stopped_;
  std::deque<Task> tasks_;
  /// Whether a thread runs tasks or was asked to.
  bool busy_ = false;
  /// That thread, once it has begun.
  std::thread::id runner_;
  /// Until the queue is idle again.
  CancelFlag cancelled_{false};
};

}  // namespace mlx::core::scheduler
