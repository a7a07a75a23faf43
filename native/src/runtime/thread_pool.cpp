#include "runtime/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <limits>
#include <mutex>

#include "runtime/background_thread.h"
#include "runtime/cancellation.h"
#include "runtime/cpu_count.h"
#include "runtime/helper_placement.h"

namespace mlx::core {

namespace {

// Long enough to bridge the gaps between the kernels of a graph, too short to matter when idle.
constexpr std::chrono::microseconds spin_time{50};

thread_local bool inside_body = false;

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits a short while for the value to change; gives up after spin_time.
template <typename T>
void spin_while_equal(const std::atomic<T>& value, T old) {
  auto end = std::chrono::steady_clock::now() + spin_time;
  do {
    for (int i = 0; i < 32; ++i) {
      if (value.load(std::memory_order_acquire) != old) return;
      pause_cpu();
    }
  } while (std::chrono::steady_clock::now() < end);
}

/// One parallel_for: lives on its caller's stack.
class Job {
 public:
  Job(size_t n, size_t grain, FunctionRef<void(size_t, size_t)> body)
      : n_(n), grain_(grain), chunks_((n - 1) / grain + 1), body_(body) {}

  size_t chunks() const { return chunks_; }
  const CancelFlag* cancel_flag() const { return cancel_flag_; }

  /// Takes chunks until there are none left.
  void run_chunks() {
    for (;;) {
      size_t chunk = next_.fetch_add(1, std::memory_order_relaxed);
      if (chunk >= chunks_) return;
      try {
        run_chunk(chunk);
      } catch (...) {
        fail(chunk, std::current_exception());
      }
    }
  }

  void run_serially() {
    for (size_t chunk = 0; chunk < chunks_; ++chunk) run_chunk(chunk);
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void run_chunk(size_t chunk) {
    throw_if_cancelled(cancel_flag_);
    size_t begin = chunk * grain_;
    body_(begin, begin + std::min(grain_, n_ - begin));
  }

  // Every chunk below the failed one has been taken already, so which error is kept doesn't depend
  // on timing although later chunks are dropped.
  void fail(size_t chunk, std::exception_ptr error) {
    next_.store(chunks_, std::memory_order_relaxed);
    std::lock_guard lock(mutex_);
    if (chunk < failed_chunk_) {
      failed_chunk_ = chunk;
      error_ = std::move(error);
    }
  }

  const size_t n_, grain_, chunks_;
  const FunctionRef<void(size_t, size_t)> body_;
  const CancelFlag* const cancel_flag_ = current_cancel_flag();
  std::atomic<size_t> next_{0};
  std::mutex mutex_;
  size_t failed_chunk_ = std::numeric_limits<size_t>::max();
  std::exception_ptr error_;
};

/// Helper threads for one job at a time.
class ThreadPool {
 public:
  /// Runs the job with up to `helpers` more threads; false when another job is running.
  bool try_run(Job& job, size_t helpers) {
    if (busy_.exchange(true, std::memory_order_acquire)) return false;
    grow(helpers);
    helpers = std::min(helpers, workers_);
    placement_.make_room();

    job_ = &job;
    state_.store(uint32_t(helpers) * seat, std::memory_order_release);
    epoch_.fetch_add(1, std::memory_order_release);
    if (helpers == workers_) {
      epoch_.notify_all();
    } else {
      for (size_t i = 0; i < helpers; ++i) epoch_.notify_one();
    }

    inside_body = true;
    job.run_chunks();
    inside_body = false;
    wait_for_helpers();
    busy_.store(false, std::memory_order_release);
    return true;
  }

 private:
  // `state_` counts the helpers at work in its lower half and free seats in its upper half: helpers
  // that wake up too late find no seat, so the caller never waits for them.
  static constexpr uint32_t seat = 1 << 16;
  static constexpr uint32_t at_work_mask = seat - 1;

  void wait_for_helpers() {
    uint32_t state = state_.fetch_and(at_work_mask, std::memory_order_acq_rel) & at_work_mask;
    while (state != 0) {
      spin_while_equal(state_, state);
      state_.wait(state, std::memory_order_acquire);
      state = state_.load(std::memory_order_acquire);
    }
  }

  bool take_seat() {
    uint32_t state = state_.load(std::memory_order_acquire);
    while (state >= seat)
      if (state_.compare_exchange_weak(state, state - seat + 1, std::memory_order_acquire))
        return true;
    return false;
  }

  void leave() {
    if (state_.fetch_sub(1, std::memory_order_acq_rel) == 1) state_.notify_one();
  }

  void work(HelperPlacement::Seat* placed) {
    inside_body = true;
    for (;;) {
      if (placed) placed->arrive();
      uint32_t seen = epoch_.load(std::memory_order_acquire);
      if (take_seat()) {
        {
          // For what the body asks, or runs in chunks itself.
          CancellableScope cancellable(job_->cancel_flag());
          job_->run_chunks();
        }
        leave();
      }
      spin_while_equal(epoch_, seen);
      epoch_.wait(seen, std::memory_order_acquire);
    }
  }

  void grow(size_t helpers) {
    while (workers_ < helpers) {
      HelperPlacement::Seat* placed = placement_.add();
      if (!start_background_thread("mlx-pool", [=, this] { work(placed); })) return;
      ++workers_;
    }
  }

  std::atomic<bool> busy_{false};
  // Both belong to whoever set busy_; helpers read job_ after taking a seat.
  Job* job_ = nullptr;
  size_t workers_ = 0;
  HelperPlacement placement_;
  // Apart, because helpers that wait for work read epoch_ all the time.
  alignas(64) std::atomic<uint32_t> state_{0};
  alignas(64) std::atomic<uint32_t> epoch_{0};
};

// Leaked: helpers may still run while the process exits.
ThreadPool& pool() {
  static ThreadPool& pool = *new ThreadPool;
  return pool;
}

std::atomic<int>& current_thread_count() {
  static std::atomic<int> count{thread_count(std::getenv("MLX_NUM_THREADS"), usable_cpus())};
  return count;
}

}  // namespace

int num_threads() { return current_thread_count().load(std::memory_order_relaxed); }

void set_num_threads(int count) {
  current_thread_count().store(std::clamp(count, 1, max_threads), std::memory_order_relaxed);
}

bool inside_parallel_for() { return inside_body; }

void parallel_for(size_t n, size_t grain, FunctionRef<void(size_t, size_t)> body) {
  if (n == 0) return;
  grain = std::max<size_t>(grain, 1);
  if (n <= grain) return body(0, n);
  Job job(n, grain, body);
  size_t threads = std::min(size_t(num_threads()), job.chunks());
  if (threads > 1 && !inside_body && pool().try_run(job, threads - 1)) return job.rethrow();
  job.run_serially();
}

}  // namespace mlx::core
