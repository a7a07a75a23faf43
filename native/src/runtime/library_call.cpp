#include "runtime/library_call.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

namespace mlx::core {

namespace {

/// One for each thread that ever called; those of ended threads are taken over by new ones.
struct Caller {
  std::atomic<int> depth{0};
  std::atomic<bool> is_free{false};
  Caller* next = nullptr;
};

// Never freed: threads may call while the process ends.
std::atomic<Caller*> callers{nullptr};
std::atomic<bool> process_ends{false};

Caller* claim() {
  for (Caller* caller = callers.load(std::memory_order_acquire); caller; caller = caller->next)
    if (caller->is_free.exchange(false, std::memory_order_acquire)) return caller;
  auto* caller = new Caller;
  caller->next = callers.load(std::memory_order_relaxed);
  while (!callers.compare_exchange_weak(caller->next, caller, std::memory_order_release)) {
  }
  return caller;
}

// Without a destructor, so that it may be used even after the thread's clean-up.
thread_local Caller* own = nullptr;

std::atomic<int>& own_depth() {
  if (!own) [[unlikely]] {
    struct AtThreadEnd {
      ~AtThreadEnd() {
        std::exchange(own, nullptr)->is_free.store(true, std::memory_order_release);
      }
    };
    own = claim();
    thread_local AtThreadEnd at_thread_end;
    (void)at_thread_end;
  }
  return own->depth;
}

[[noreturn]] void sleep_for_ever() {
  for (;;) pause();
}

}  // namespace

LibraryCall::LibraryCall() : depth_(own_depth()) {
  const int depth = depth_.load(std::memory_order_relaxed);
  depth_.store(depth + 1, std::memory_order_relaxed);
  if (process_ends.load(std::memory_order_relaxed) && depth == 0) [[unlikely]] {
    depth_.store(0, release);
    sleep_for_ever();
  }
}

#ifdef __GLIBC__

namespace {

bool any_call_in_flight() {
  for (Caller* caller = callers.load(std::memory_order_acquire); caller; caller = caller->next)
    if (caller->depth.load(std::memory_order_acquire) > 0) return true;
  return false;
}

int exit_status = 0;

[[gnu::constructor]] void begin_process() {
  on_exit([](int status, void*) { exit_status = status; }, nullptr);
}

// Runs after all handlers and destructors of objects and before those of the libraries that this
// one needs. Nothing but those is left out when a call, such as of LAPACK, takes too long to wait.
[[gnu::destructor]] void end_process() {
  using std::chrono::milliseconds;
  constexpr milliseconds step{1};
  process_ends.store(true);
  // A store by another thread is seen here long before the first step is over.
  for (milliseconds waited{0}; waited < milliseconds{200}; waited += step) {
    std::this_thread::sleep_for(step);
    if (!any_call_in_flight()) return;
  }
  std::fflush(nullptr);
  _exit(exit_status);
}

}  // namespace

#endif

}  // namespace mlx::core
