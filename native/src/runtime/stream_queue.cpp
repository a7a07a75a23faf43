#include "runtime/stream_queue.h"

#include <cstdio>
#include <exception>

#include "mlx/errors.h"
#include "runtime/stream_workers.h"
#include "runtime/work_in_flight.h"

namespace mlx::core::scheduler {

namespace {

void run_guarded(const Task& task) {
  try {
    task();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mlx: a stream's task failed without handling its error: %s\n",
                 error.what());
  } catch (...) {
    std::fprintf(stderr, "mlx: a stream's task failed without handling its error.\n");
  }
}

}  // namespace

void StreamQueue::enqueue(Task task) {
  WorkInFlight& work = work_in_flight();
  std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (busy_) return;
  work.stream_started();
  busy_ = true;
  if (drain_on_worker(*this)) return;
  tasks_.pop_back();
  stop();
  throw EngineError("[enqueue] The system allows no more threads, and the stream needs one.");
}

bool StreamQueue::try_run_inline(const Task& task) {
  {
    std::lock_guard lock(mutex_);
    if (busy_) return false;
    work_in_flight().stream_started();
    busy_ = true;
    runner_ = std::this_thread::get_id();
  }
  struct Finish {
    StreamQueue& queue;
    ~Finish() { queue.finish_inline(); }
  } finish{*this};
  WorkInFlight::TaskScope scope;
  CancellableScope cancellable(&cancelled_);
  task();
  return true;
}

void StreamQueue::finish_inline() {
  work_in_flight().task_done();
  {
    std::lock_guard lock(mutex_);
    if (tasks_.empty()) return stop();
    runner_ = {};
    if (drain_on_worker(*this)) return;
  }
  // No thread to be had: the tasks that came meanwhile are this thread's as well.
  drain();
}

void StreamQueue::drain() {
  WorkInFlight::TaskScope scope;
  CancellableScope cancellable(&cancelled_);
  std::unique_lock lock(mutex_);
  runner_ = std::this_thread::get_id();
  while (!tasks_.empty()) {
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    run_guarded(task);
    // What the task held is freed before anybody is told that it's done.
    task = nullptr;
    work_in_flight().task_done();
    lock.lock();
  }
  stop();
}

void StreamQueue::stop() {
  busy_ = false;
  runner_ = {};
  cancelled_.store(false, std::memory_order_relaxed);
  work_in_flight().stream_stopped();
  stopped_.notify_all();
}

void StreamQueue::cancel() {
  std::lock_guard lock(mutex_);
  if (busy_) cancelled_.store(true, std::memory_order_relaxed);
}

void StreamQueue::wait_until_idle(std::chrono::milliseconds at_most) const {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, at_most, [this] { return !busy_; });
}

bool StreamQueue::is_idle() const {
  std::lock_guard lock(mutex_);
  return !busy_;
}

bool StreamQueue::is_current() const {
  std::lock_guard lock(mutex_);
  return runner_ == std::this_thread::get_id();
}

}  // namespace mlx::core::scheduler
