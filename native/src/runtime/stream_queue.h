#pragma once

#include <deque>
#include <mutex>
#include <thread>

#include "mlx/scheduler.h"

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

  bool is_idle() const;
  /// Whether the calling thread runs a task of this stream.
  bool is_current() const;

 private:
  void finish_inline();
  void stop();

  mutable std::mutex mutex_;
  std::deque<Task> tasks_;
  /// Whether a thread runs tasks or was asked to.
  bool busy_ = false;
  /// That thread, once it has begun.
  std::thread::id runner_;
};

}  // namespace mlx::core::scheduler
