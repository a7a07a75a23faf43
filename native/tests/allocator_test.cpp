#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include "mlx/allocator.h"
#include "mlx/memory.h"
#include "runtime/size_class.h"

using namespace mlx::core;
using allocator::Buffer;
using allocator::size_class;

namespace {

bool is_aligned(Buffer buffer, size_t to) {
  return reinterpret_cast<uintptr_t>(buffer.raw_ptr()) % to == 0;
}

void fill(Buffer buffer, size_t size, int value) {
  if (size > 0) std::memset(buffer.raw_ptr(), value, size);
}

bool is_filled(Buffer buffer, size_t size, int value) {
  auto* bytes = static_cast<unsigned char*>(buffer.raw_ptr());
  return std::all_of(bytes, bytes + size, [&](unsigned char b) { return b == value; });
}

}  // namespace

TEST_CASE("size classes are dense, ordered and waste little") {
  CHECK(size_class(0).capacity == 64);
  CHECK(size_class(1).capacity == 64);
  CHECK(size_class(65).capacity == 128);
  CHECK(size_class(1024).capacity == 1024);
  CHECK(size_class(1025).capacity == 1152);
  CHECK(size_class(1025).index == size_class(1024).index + 1);
  CHECK(size_class(size_t(2) << 20).capacity == size_t(2) << 20);
  CHECK(size_class(allocator::max_size).capacity == allocator::max_size);
  CHECK(size_class(allocator::max_size).index == allocator::class_count - 1);

  int index = -1;
  for (size_t capacity = 0; capacity < (size_t(1) << 30);) {
    auto next = size_class(capacity + 1);
    CHECK(next.index == ++index);
    CHECK(next.capacity > capacity);
    CHECK(next.capacity % allocator::alignment == 0);
    CHECK(size_class(next.capacity).index == index);
    if (capacity >= 1024) CHECK(next.capacity - capacity <= capacity / 8);
    capacity = next.capacity;
  }
}

TEST_CASE("buffers are aligned, writable and know their size") {
  for (size_t size : {0, 1, 4, 63, 64, 65, 1000, 1024, 1025, 4096, 100'000, (2 << 20) - 1, 2 << 20,
                      (2 << 20) + 1, 5'000'000}) {
    CAPTURE(size);
    Buffer buffer = allocator::malloc(size);
    REQUIRE(buffer.ptr() != nullptr);
    REQUIRE(buffer.raw_ptr() != nullptr);
    CHECK(allocator::allocator().size(buffer) == size);
    CHECK(is_aligned(buffer, 64));
    if (size >= (2 << 20)) CHECK(is_aligned(buffer, 2 << 20));
    fill(buffer, size, 0xab);
    CHECK(is_filled(buffer, size, 0xab));
    allocator::free(buffer);
  }
}

TEST_CASE("no buffer") {
  Buffer none(nullptr);
  CHECK(none.raw_ptr() == nullptr);
  CHECK(allocator::allocator().size(none) == 0);
  allocator::free(none);
  allocator::release(none);
}

TEST_CASE("zero-size buffers are told apart") {
  Buffer a = allocator::malloc(0), b = allocator::malloc(0);
  CHECK(a.raw_ptr() != b.raw_ptr());
  allocator::free(a);
  allocator::free(b);
}

TEST_CASE("foreign memory is wrapped, not counted and not freed") {
  size_t active = get_active_memory();
  std::vector<int> owner(100, 7);
  Buffer buffer = allocator::make_buffer(owner.data(), 400);
  CHECK(buffer.raw_ptr() == owner.data());
  CHECK(allocator::allocator().size(buffer) == 400);
  CHECK(get_active_memory() == active);
  allocator::release(buffer);
  CHECK(owner[99] == 7);
  Buffer freed = allocator::make_buffer(owner.data(), 400);
  allocator::free(freed);
  CHECK(get_active_memory() == active);
  CHECK(allocator::make_buffer(nullptr, 10).ptr() == nullptr);
}

TEST_CASE("active and peak memory count size classes") {
  size_t active = get_active_memory();
  Buffer tiny = allocator::malloc(5);
  CHECK(get_active_memory() == active + 64);
  Buffer middle = allocator::malloc(5000);
  CHECK(get_active_memory() == active + 64 + 5120);
  Buffer large = allocator::malloc(3'000'000);
  size_t most = active + 64 + 5120 + size_class(3'000'000).capacity;
  CHECK(get_active_memory() == most);
  CHECK(get_peak_memory() >= most);
  allocator::free(large);
  allocator::free(middle);
  allocator::free(tiny);
  CHECK(get_active_memory() == active);
  CHECK(get_peak_memory() >= most);
  reset_peak_memory();
  CHECK(get_peak_memory() == 0);
  allocator::free(allocator::malloc(100));
  CHECK(get_peak_memory() == active + 128);
}

TEST_CASE("freed buffers are reused") {
  for (size_t size : {100, 50'000, 4 << 20}) {
    CAPTURE(size);
    Buffer first = allocator::malloc(size);
    void* data = first.raw_ptr();
    allocator::free(first);
    Buffer second = allocator::malloc(size - 1);
    CHECK(second.raw_ptr() == data);
    // It holds at least what its first owner asked for.
    CHECK(allocator::allocator().size(second) >= size - 1);
    allocator::free(second);
  }
}

TEST_CASE("random sizes keep their bytes, whatever comes and goes around them") {
  std::mt19937 random(1);
  struct Held {
    Buffer buffer;
    size_t size;
    int value;
  };
  std::vector<Held> held;
  size_t active = get_active_memory();
  for (int step = 0; step < 20'000; ++step) {
    if (held.size() < 200 && random() % 2) {
      size_t size = random() % (random() % 20 ? 1500 : 100'000);
      held.push_back({allocator::malloc(size), size, int(random() % 256)});
      fill(held.back().buffer, size, held.back().value);
    } else if (!held.empty()) {
      std::swap(held[random() % held.size()], held.back());
      Held last = held.back();
      CHECK(is_filled(last.buffer, last.size, last.value));
      allocator::free(last.buffer);
      held.pop_back();
    }
  }
  for (Held& h : held) allocator::free(h.buffer);
  CHECK(get_active_memory() == active);
}

#ifdef __linux__

#ifndef __SANITIZE_THREAD__
// There what the sanitizer notes of each byte takes small pages of its own.
TEST_CASE("fresh memory of middle sizes is on huge pages") {
  std::string modes;
  std::getline(std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled"), modes);
  if (modes.empty() || modes.find("[never]") != std::string::npos) return;
  auto faults = [] {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
  };
  clear_cache();
  constexpr size_t bytes = size_t(1) << 19, count = 64;
  std::vector<Buffer> buffers;
  const long before = faults();
  for (size_t i = 0; i < count; ++i) {
    buffers.push_back(allocator::malloc(bytes));
    fill(buffers.back(), bytes, 1);
  }
  // A small page for each 4 KiB would be 8,192.
  CHECK(faults() - before < 2048);
  for (Buffer buffer : buffers) allocator::free(buffer);
}
#endif

TEST_CASE("what the cache lets go is the system's, also beside what stays") {
  auto resident = [] {
    size_t pages = 0, resident_pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident_pages;
    return resident_pages * size_t(sysconf(_SC_PAGESIZE));
  };
  constexpr size_t bytes = size_t(1) << 19, count = 96;
  std::vector<Buffer> buffers;
  for (size_t i = 0; i < count; ++i) {
    buffers.push_back(allocator::malloc(bytes));
    fill(buffers.back(), bytes, int(i));
  }
  const size_t full = resident();
  for (size_t i = 0; i < count; ++i)
    if (i % 8 != 0) allocator::free(buffers[i]);
  clear_cache();
  CHECK(resident() < full - count / 2 * bytes);
  for (size_t i = 0; i < count; i += 8) {
    CHECK(is_filled(buffers[i], bytes, int(i)));
    allocator::free(buffers[i]);
  }
}

#endif

TEST_CASE("what one thread frees another reuses") {
  size_t active = get_active_memory();
  std::set<void*> places;
  std::mutex mutex;
  std::vector<Buffer> handed;
  std::atomic<bool> done{false};
  std::thread consumer([&] {
    for (;;) {
      bool last = done;
      std::vector<Buffer> batch;
      {
        std::lock_guard lock(mutex);
        batch.swap(handed);
      }
      for (Buffer buffer : batch) allocator::free(buffer);
      if (last && batch.empty()) return;
      if (batch.empty()) std::this_thread::yield();
    }
  });
  for (int i = 0; i < 100'000; ++i) {
    Buffer buffer = allocator::malloc(200);
    std::memset(buffer.raw_ptr(), i, 200);
    std::unique_lock lock(mutex);
    places.insert(buffer.raw_ptr());
    handed.push_back(buffer);
    // The consumer may be slow; what counts is where its buffers go.
    while (handed.size() > 1000) {
      lock.unlock();
      std::this_thread::yield();
      lock.lock();
    }
  }
  done = true;
  consumer.join();
  CHECK(places.size() < 5000);
  CHECK(get_active_memory() == active);
}

TEST_CASE("a thread that ends leaves its free blocks to the others") {
  std::set<void*> places;
  for (int i = 0; i < 200; ++i) {
    std::thread([&] {
      std::vector<Buffer> buffers;
      for (int j = 0; j < 20; ++j) buffers.push_back(allocator::malloc(300));
      for (Buffer buffer : buffers) {
        places.insert(buffer.raw_ptr());
        allocator::free(buffer);
      }
    }).join();
  }
  CHECK(places.size() < 200);
}

TEST_CASE("threads allocate and free all sizes at once") {
  size_t active = get_active_memory();
  std::vector<std::thread> threads;
  std::atomic<int> damaged{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 3000; ++i) {
        size_t size = random() % (random() % 50 ? 3000 : 3'000'000);
        Buffer buffer = allocator::malloc(size);
        size_t looked_at = std::min<size_t>(size, 4096);
        fill(buffer, looked_at, t);
        damaged += !is_filled(buffer, looked_at, t);
        allocator::free(buffer);
        if (i % 1000 == 0) clear_cache();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(damaged == 0);
  CHECK(get_active_memory() == active);
}
