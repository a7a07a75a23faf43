#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "mlx/allocator.h"
#include "mlx/errors.h"
#include "mlx/event.h"
#include "mlx/memory.h"
#include "mlx/scheduler.h"
#include "runtime/machine_memory.h"
#include "runtime/memory_pressure.h"
#include "runtime/size_class.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using allocator::Buffer;

namespace {

constexpr size_t mib = size_t(1) << 20;

struct MemoryLimit {
  size_t previous;
  explicit MemoryLimit(size_t limit) : previous(set_memory_limit(limit)) {}
  ~MemoryLimit() { set_memory_limit(previous); }
};

struct CacheLimit {
  size_t previous;
  explicit CacheLimit(size_t limit) : previous(set_cache_limit(limit)) {}
  ~CacheLimit() { set_cache_limit(previous); }
};

/// Lets the cache forget how much earlier tests had in use at once.
void forget_recent_peak() {
  for (int i = 0; i < 1 << 15; ++i) allocator::free(allocator::malloc(2000));
}

std::string failure_of_malloc(size_t size) {
  try {
    allocator::free(allocator::malloc(size));
  } catch (const EngineError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the default limits are shares of the usable memory") {
  CHECK(get_memory_limit() == usable_memory() / 5 * 4);
  CacheLimit unchanged(0);
  CHECK(unchanged.previous == get_memory_limit() / 4);
}

TEST_CASE("setting a limit returns the one before") {
  size_t before = set_memory_limit(100 * mib);
  CHECK(get_memory_limit() == 100 * mib);
  CHECK(set_memory_limit(before) == 100 * mib);
  size_t cache_before = set_cache_limit(123);
  CHECK(set_cache_limit(cache_before) == 123);
  CHECK(set_wired_limit(5) == 0);
  CHECK(set_wired_limit(0) == 5);
}

TEST_CASE("the cache keeps to its limit, large and long unused buffers go first") {
  clear_cache();
  CHECK(get_cache_memory() == 0);
  CacheLimit limit(8 * mib);
  Buffer small = allocator::malloc(mib), a = allocator::malloc(3 * mib),
         b = allocator::malloc(4 * mib), c = allocator::malloc(2 * mib);
  void *small_data = small.raw_ptr(), *b_data = b.raw_ptr();
  allocator::free(small);
  allocator::free(a);
  allocator::free(b);
  CHECK(get_cache_memory() == 8 * mib);
  allocator::free(c);
  // The 3 MiB buffer lay longer than those of 4 and 2 MiB; the one below 2 MiB stays in any case.
  CHECK(get_cache_memory() == 7 * mib);
  b = allocator::malloc(4 * mib);
  CHECK(b.raw_ptr() == b_data);
  small = allocator::malloc(mib);
  CHECK(small.raw_ptr() == small_data);
  CHECK(get_cache_memory() == 2 * mib);

  // A buffer that can't fit pushes nothing out.
  allocator::free(allocator::malloc(9 * mib));
  CHECK(get_cache_memory() == 2 * mib);
  allocator::free(b);
  allocator::free(small);
  set_cache_limit(mib);
  CHECK(get_cache_memory() == mib);
  set_cache_limit(0);
  CHECK(get_cache_memory() == 0);
  allocator::free(allocator::malloc(mib));
  CHECK(get_cache_memory() == 0);
}

TEST_CASE(
    "a size that isn't cached takes a piece of a larger buffer, and what is left of it stays") {
  clear_cache();
  std::vector<Buffer> buffers;
  for (int i = 0; i < 4; ++i) buffers.push_back(allocator::malloc(64 * mib));
  for (Buffer buffer : buffers) allocator::free(buffer);
  buffers.clear();
  forget_recent_peak();
  const size_t cached = get_cache_memory();
  CHECK(cached >= 256 * mib);
  for (size_t pieces = 5 * mib; pieces <= 40 * mib; pieces += 5 * mib) {
    buffers.push_back(allocator::malloc(5 * mib));
    CHECK(get_cache_memory() <= cached - pieces);
    // Only what is below 2 MiB goes back to the system.
    CHECK(get_cache_memory() >= cached - pieces - 24 * mib);
  }
  for (size_t i = 0; i < buffers.size(); ++i) std::memset(buffers[i].raw_ptr(), int(i), 5 * mib);
  for (size_t i = 0; i < buffers.size(); ++i) {
    auto* bytes = static_cast<const unsigned char*>(buffers[i].raw_ptr());
    CHECK(std::all_of(bytes, bytes + 5 * mib, [&](auto byte) { return byte == i; }));
  }
  for (Buffer buffer : buffers) allocator::free(buffer);
  clear_cache();
}

TEST_CASE("buffers that nobody takes for long go back to the system") {
  clear_cache();
  std::vector<Buffer> buffers;
  for (int i = 0; i < 4; ++i) buffers.push_back(allocator::malloc(128 * mib));
  for (Buffer buffer : buffers) allocator::free(buffer);
  CHECK(get_cache_memory() == 512 * mib);
  auto work = [](int times) {
    for (int i = 0; i < times; ++i) allocator::free(allocator::malloc(16 * mib));
  };
  // What repeats may take a while for a turn.
  work(1000);
  CHECK(get_cache_memory() == 528 * mib);
  work(10'000);
  CHECK(get_cache_memory() <= 256 * mib);
  clear_cache();
}

TEST_CASE("clear_cache empties it") {
  allocator::free(allocator::malloc(mib));
  CHECK(get_cache_memory() > 0);
  std::vector<Buffer> tiny;
  for (int i = 0; i < 10'000; ++i) tiny.push_back(allocator::malloc(16));
  for (Buffer buffer : tiny) allocator::free(buffer);
  clear_cache();
  CHECK(get_cache_memory() == 0);
  // The slabs went too, and new ones come.
  allocator::free(allocator::malloc(16));
}

TEST_CASE("past the memory limit there is an error with all the numbers") {
  size_t active = get_active_memory();
  MemoryLimit limit(active + 10 * mib);
  Buffer held = allocator::malloc(8 * mib);
  std::string message = failure_of_malloc(4 * mib);
  for (size_t number : {4 * mib, active + 8 * mib, active + 10 * mib})
    CHECK(message.find(std::to_string(number) + " bytes") != std::string::npos);
  CHECK(message.find("setMemoryLimit") != std::string::npos);
  CHECK(get_active_memory() == active + 8 * mib);
  allocator::free(allocator::malloc(2 * mib));
  allocator::free(held);
  CHECK(failure_of_malloc(4 * mib) == "");

  // Tiny buffers keep to it as well.
  set_memory_limit(active);
  CHECK(failure_of_malloc(4) != "");
}

TEST_CASE("sizes that no machine has are an error, not an overflow") {
  for (size_t size :
       {SIZE_MAX, SIZE_MAX - 63, SIZE_MAX / 2, allocator::max_size + 1, allocator::max_size})
    CHECK(failure_of_malloc(size).find(std::to_string(size)) != std::string::npos);
  // Within the limit, but more than the address space.
  MemoryLimit limit(SIZE_MAX);
  for (size_t size : {allocator::max_size, size_t(1) << 55})
    CHECK(failure_of_malloc(size).find("The system has no more") != std::string::npos);
}

TEST_CASE("the cache gives way before an allocation fails") {
  clear_cache();
  MemoryLimit limit(get_active_memory() + 10 * mib);
  allocator::free(allocator::malloc(6 * mib));
  CHECK(get_cache_memory() == 6 * mib);
  Buffer other = allocator::malloc(8 * mib);
  CHECK(get_cache_memory() <= 2 * mib);
  allocator::free(other);
  set_memory_limit(get_active_memory() + mib);
  CHECK(get_cache_memory() <= mib);
}

TEST_CASE("pressure handlers free what they can, on their own thread only") {
  MemoryLimit limit(get_active_memory() + 10 * mib);
  Buffer garbage = allocator::malloc(8 * mib);
  size_t asked = 0;
  int calls = 0;
  int id = add_pressure_handler([&](size_t bytes) {
    asked = bytes;
    ++calls;
    CHECK(failure_of_malloc(20 * mib) != "");
    allocator::free(garbage);
    return true;
  });
  std::thread([&] { CHECK(failure_of_malloc(4 * mib) != ""); }).join();
  CHECK(calls == 0);
  CHECK(failure_of_malloc(4 * mib) == "");
  CHECK(calls == 1);
  CHECK(asked == 4 * mib);
  CHECK(failure_of_malloc(4 * mib) == "");
  CHECK(calls == 1);
  remove_pressure_handler(id);
  CHECK(failure_of_malloc(20 * mib) != "");
  CHECK(calls == 1);
}

TEST_CASE("an allocation waits for work in flight that may free memory") {
  MemoryLimit limit(get_active_memory() + 10 * mib);
  Stream stream = new_stream(Device::cpu);
  Buffer held = allocator::malloc(8 * mib);
  scheduler::enqueue(stream, [] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  scheduler::enqueue(stream, [held] { allocator::free(held); });
  CHECK(failure_of_malloc(4 * mib) == "");
  synchronize(stream);
}

TEST_CASE("streams that all run short of memory get an error instead of waiting for ever") {
  MemoryLimit limit(get_active_memory() + mib);
  std::vector<Stream> streams;
  std::atomic<int> failures{0};
  Event never_sooner(default_stream(Device::cpu));
  for (int i = 0; i < 3; ++i) {
    streams.push_back(new_stream(Device::cpu));
    scheduler::enqueue(streams.back(), [&] { failures += failure_of_malloc(4 * mib) != ""; });
  }
  // One more waits for something that comes only after the failures.
  streams.push_back(new_stream(Device::cpu));
  never_sooner.wait(streams.back());
  for (int i = 0; i < 3; ++i) synchronize(streams[i]);
  CHECK(failures == 3);
  CHECK(scheduler::try_run_inline(new_stream(Device::cpu),
                                  [] { CHECK(failure_of_malloc(4 * mib) != ""); }));
  never_sooner.signal();
  synchronize(streams.back());
}

TEST_CASE(
    "who runs short of memory while helping a task gets an error: it would wait for that task") {
  Stream stream = new_stream(Device::cpu);
  const int threads = num_threads();
  set_num_threads(4);
  std::atomic<int> failures{0};
  scheduler::enqueue(stream, [&] {
    MemoryLimit limit(get_active_memory() + mib);
    parallel_for(8, 1, [&](size_t, size_t) {
      if (!failure_of_malloc(64 * mib).empty()) ++failures;
    });
  });
  synchronize(stream);
  set_num_threads(threads);
  CHECK(failures == 8);
}
