#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace mlx::core::scheduler {

/// Keeps count of the streams at work, so that who runs short of memory can wait for another's task
/// to end, and knows when waiting would be for ever.
class WorkInFlight {
 public:
  void stream_started();
  void stream_stopped();
  void task_done();

  /// How many tasks have ended so far.
  uint64_t tasks_done() const;
  /// Waits until more tasks have ended than `seen`. Returns false when none will: all other streams
  /// are idle or blocked themselves.
  bool wait_for_a_task(uint64_t seen);

  /// Whether the calling thread runs a stream's task.
  static bool is_on_stream();

  /// Marks the calling thread as one that runs a stream's tasks.
  class TaskScope {
   public:
    TaskScope();
    ~TaskScope();
    TaskScope(const TaskScope&) = delete;
    TaskScope& operator=(const TaskScope&) = delete;
  };

  /// Marks the streams whose tasks the calling thread runs as blocked.
  class BlockedScope {
   public:
    BlockedScope();
    ~BlockedScope();
    BlockedScope(const BlockedScope&) = delete;
    BlockedScope& operator=(const BlockedScope&) = delete;
  };

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int running_streams_ = 0;
  int blocked_streams_ = 0;
  uint64_t tasks_done_ = 0;
};

WorkInFlight& work_in_flight();

}  // namespace mlx::core::scheduler
