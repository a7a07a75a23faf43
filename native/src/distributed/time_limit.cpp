#include "distributed/time_limit.h"

#include <sched.h>

#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "mlx/distributed/distributed.h"
#include "mlx/utils.h"
#include "runtime/cancellation.h"
#include "runtime/interruption.h"
#include "runtime/work_in_flight.h"

namespace mlx::core::distributed {

namespace {

constexpr double default_seconds = 60;
// Longer than any message between two processes that are there takes on its way.
constexpr std::chrono::microseconds awake{200}, first_sleep{20}, longest_sleep{1000};

bool is_time(double seconds) { return seconds > 0 && seconds <= 1e9; }

double seconds_from_environment() {
  const char* text = std::getenv("MLX_DISTRIBUTED_TIMEOUT");
  if (!text) return default_seconds;
  char* end;
  double seconds = std::strtod(text, &end);
  return end != text && !*end && is_time(seconds) ? seconds : default_seconds;
}

std::atomic<double>& seconds() {
  static std::atomic<double> value{seconds_from_environment()};
  return value;
}

}  // namespace

double timeout() { return seconds().load(std::memory_order_relaxed); }

void set_timeout(double value) {
  if (!is_time(value))
    throw std::invalid_argument(concat_text(
        "[distributed] The time limit must be a number of seconds above 0, not ", value, "."));
  seconds().store(value, std::memory_order_relaxed);
}

std::chrono::duration<double> time_limit() { return std::chrono::duration<double>(timeout()); }

bool run_in_time(std::function<void()> body) {
  struct Run {
    std::mutex mutex;
    std::condition_variable ended;
    bool has_ended = false;
  };
  auto run = std::make_shared<Run>();
  std::thread([run, body = std::move(body)] {
    body();
    std::lock_guard lock(run->mutex);
    run->has_ended = true;
    run->ended.notify_all();
  }).detach();
  std::unique_lock lock(run->mutex);
  return run->ended.wait_for(lock, time_limit(), [&] { return run->has_ended; });
}

void Patience::reset() {
  began_ = Clock::now();
  sleep_ = first_sleep;
}

bool Patience::pass() {
  auto waited = Clock::now() - began_;
  if (waited < awake) {
    // The other process may need this one's core.
    sched_yield();
    return true;
  }
  if (waited > time_limit()) return false;
  throw_if_cancelled();
  throw_if_interrupted();
  scheduler::WorkInFlight::BlockedScope blocked;
  std::this_thread::sleep_for(sleep_);
  sleep_ = std::min(2 * sleep_, longest_sleep);
  return true;
}

}  // namespace mlx::core::distributed
