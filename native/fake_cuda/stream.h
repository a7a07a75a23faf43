#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace fake_cuda {

/// Work in order. What can't wait is done at once, by who puts it in; what may wait for others is
/// left to a thread, with all that comes after it.
class Stream {
 public:
  void put(std::function<void()> work, bool may_wait = false) {
    std::unique_lock lock(mutex_);
    if (!may_wait && !is_busy_) return work();
    queue_.push_back(std::move(work));
    if (is_busy_) return;
    is_busy_ = true;
    std::thread([this] { drain(); }).detach();
  }

  bool is_idle() {
    std::lock_guard lock(mutex_);
    return !is_busy_;
  }
  void synchronize() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return !is_busy_; });
  }

 private:
  void drain() {
    std::unique_lock lock(mutex_);
    while (!queue_.empty()) {
      auto work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
    is_busy_ = false;
    idle_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<std::function<void()>> queue_;
  bool is_busy_ = false;
};

/// Done when every recording so far is.
class Event {
 public:
  void record(Stream& stream) {
    uint64_t number;
    {
      std::lock_guard lock(mutex_);
      number = ++recorded_;
    }
    stream.put([this, number] {
      std::lock_guard lock(mutex_);
      done_ = number;
      changed_.notify_all();
    });
  }
  bool is_done() {
    std::lock_guard lock(mutex_);
    return done_ >= recorded_;
  }
  void synchronize() { wait_for(last()); }
  void hold_back(Stream& stream) {
    if (!is_done()) stream.put([this, number = last()] { wait_for(number); }, true);
  }

 private:
  uint64_t last() {
    std::lock_guard lock(mutex_);
    return recorded_;
  }
  void wait_for(uint64_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_ >= number; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t recorded_ = 0, done_ = 0;
};

}  // namespace fake_cuda
