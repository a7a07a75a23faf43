#ifdef __linux__

#include "runtime/helper_placement.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <thread>

using namespace mlx::core;

namespace {

cpu_set_t cpus_of(pid_t thread) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  REQUIRE(sched_getaffinity(thread, sizeof cpus, &cpus) == 0);
  return cpus;
}

/// Binds the calling thread to one CPU for a while.
struct BoundTo {
  cpu_set_t before = cpus_of(0);

  explicit BoundTo(int cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  }
  ~BoundTo() { sched_setaffinity(0, sizeof before, &before); }
};

int cpu_in(const cpu_set_t& cpus, int skip) {
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &cpus) && skip-- == 0) return cpu;
  return -1;
}

}  // namespace

TEST_CASE("a helper leaves the CPU that its caller runs on, and no other") {
  const cpu_set_t all = cpus_of(0);
  // With one CPU there is nothing to choose.
  const int first = cpu_in(all, 0), second = CPU_COUNT(&all) > 1 ? cpu_in(all, 1) : first;

  HelperPlacement placement;
  auto* seat = placement.add();
  std::atomic<pid_t> helper{0};
  std::atomic<bool> done{false};
  std::thread thread([&] {
    BoundTo bound(first);
    seat->arrive();
    helper = gettid();
    while (!done) std::this_thread::yield();
  });
  while (helper == 0) std::this_thread::yield();

  {
    BoundTo bound(second);
    placement.make_room();
    cpu_set_t cpus = cpus_of(helper);
    CHECK(CPU_COUNT(&cpus) == 1);
    CHECK(CPU_ISSET(first, &cpus));
  }
  {
    BoundTo bound(first);
    placement.make_room();
    cpu_set_t cpus = cpus_of(helper);
    CHECK(CPU_ISSET(first, &cpus) == (first == second));
    CHECK(CPU_ISSET(second, &cpus));
  }
  done = true;
  thread.join();
}

#endif
