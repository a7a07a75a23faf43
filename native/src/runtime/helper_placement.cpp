#include "runtime/helper_placement.h"

#ifdef __linux__
#include <sched.h>
#include <unistd.h>
#endif

namespace mlx::core {

#ifdef __linux__

namespace {

/// The CPUs that the process had when its first helper was added.
const cpu_set_t& process_cpus() {
  static const cpu_set_t cpus = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(getpid(), sizeof set, &set);
    return set;
  }();
  return cpus;
}

}  // namespace

HelperPlacement::Seat* HelperPlacement::add() {
  process_cpus();
  return count_ < kMost ? &seats_[count_++] : nullptr;
}

void HelperPlacement::Seat::arrive() {
  if (thread_.load(std::memory_order_relaxed) == 0)
    thread_.store(gettid(), std::memory_order_relaxed);
  cpu_.store(sched_getcpu(), std::memory_order_release);
}

void HelperPlacement::make_room() {
  const int cpu = sched_getcpu();
  if (cpu < 0 || cpu >= CPU_SETSIZE) return;
  for (size_t i = 0; i < count_; ++i) {
    Seat& seat = seats_[i];
    if (seat.cpu_.load(std::memory_order_acquire) != cpu) continue;
    cpu_set_t others = process_cpus();
    CPU_CLR(cpu, &others);
    if (CPU_COUNT(&others) == 0) return;
    sched_setaffinity(seat.thread_.load(std::memory_order_relaxed), sizeof others, &others);
    // Said once, not again until it has run elsewhere.
    seat.cpu_.store(-1, std::memory_order_release);
  }
}

#else

HelperPlacement::Seat* HelperPlacement::add() { return nullptr; }
void HelperPlacement::Seat::arrive() {}
void HelperPlacement::make_room() {}

#endif

}  // namespace mlx::core
