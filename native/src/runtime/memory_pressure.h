#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>

namespace mlx::core {

/// Called when memory runs short, with the bytes that are missing; frees what it can and returns
/// whether it freed anything. It must not run longer than a collection takes.
using PressureHandler = std::function<bool(size_t bytes_needed)>;

/// Registers a handler for the calling thread: it is only ever called on that thread, from within
/// its own allocations. Returns an id for remove_pressure_handler, which the same thread calls.
int add_pressure_handler(PressureHandler handler);
void remove_pressure_handler(int id);

/// Calls the calling thread's handlers; true when one freed something. A handler that itself runs
/// short of memory isn't called again.
bool relieve_memory_pressure(size_t bytes_needed);

/// Asks the threads that have handlers, and waits until one of them has called its own, at most
/// that long. True when something was freed. For threads that have none.
bool ask_for_relief(size_t bytes_needed, std::chrono::milliseconds at_most);
/// Called by whoever asks, to wake a thread with handlers that neither computes nor waits here.
int add_relief_listener(std::function<void()> listener);
void remove_relief_listener(int id);

namespace detail {
/// 0 when nobody asks.
extern std::atomic<size_t> relief_wanted;
}  // namespace detail
inline bool is_relief_wanted() {
  return detail::relief_wanted.load(std::memory_order_relaxed) != 0;
}
/// Calls the calling thread's handlers if another thread asks for it. Threads that have handlers do
/// so where they wait for others.
void answer_relief_requests();
bool has_pressure_handlers();

/// Locks what a thread that asks may hold meanwhile.
template <typename Mutex>
std::unique_lock<Mutex> lock_answering(Mutex& mutex) {
  std::unique_lock lock(mutex, std::try_to_lock);
  if (lock) return lock;
  if (!has_pressure_handlers()) {
    lock.lock();
    return lock;
  }
  // Most are held for a microsecond or two, and sleeping takes a hundred.
  constexpr int most_yields = 200;
  for (int yields = 0; !lock.try_lock(); ++yields) {
    answer_relief_requests();
    if (yields < most_yields)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return lock;
}

}  // namespace mlx::core
