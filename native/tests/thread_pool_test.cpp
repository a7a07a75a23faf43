#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/thread_pool.h"

using namespace mlx::core;

namespace {

/// Gives the number of threads back at the end of a test.
struct Threads {
  int previous = num_threads();
  explicit Threads(int count) { set_num_threads(count); }
  ~Threads() { set_num_threads(previous); }
};

/// The chunks' borders, and how often each index was visited.
struct Visits {
  std::mutex mutex;
  std::map<size_t, size_t> chunks;
  std::vector<int> counts;

  explicit Visits(size_t n) : counts(n, 0) {}
  void operator()(size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) ++counts[i];
    std::lock_guard lock(mutex);
    chunks[begin] = end;
  }
};

}  // namespace

TEST_CASE("parallel_for visits every index once, in chunks that depend on n and grain alone") {
  for (auto [n, grain] : {std::pair<size_t, size_t>{1, 1}, {7, 3}, {8, 8}, {1000, 7}, {64, 100}}) {
    std::map<size_t, size_t> expected;
    for (size_t begin = 0; begin < n; begin += grain) expected[begin] = std::min(n, begin + grain);
    for (int threads : {1, 2, 3, 8}) {
      CAPTURE(n);
      CAPTURE(grain);
      CAPTURE(threads);
      Threads limit(threads);
      Visits visits(n);
      parallel_for(n, grain, visits);
      CHECK(visits.chunks == expected);
      CHECK(visits.counts == std::vector<int>(n, 1));
    }
  }
}

TEST_CASE("parallel_for of nothing, and with a grain of zero") {
  int calls = 0;
  parallel_for(0, 4, [&](size_t, size_t) { ++calls; });
  CHECK(calls == 0);
  Visits visits(5);
  parallel_for(5, 0, visits);
  CHECK(visits.chunks.size() == 5);
}

TEST_CASE("sizes near the largest number don't overflow") {
  constexpr size_t n = SIZE_MAX;
  std::atomic<size_t> covered{0};
  parallel_for(n, n / 3, [&](size_t begin, size_t end) { covered += end - begin; });
  CHECK(covered == n);
}

TEST_CASE("parallel_for uses several threads, the caller among them") {
  Threads limit(2);
  std::mutex mutex;
  std::map<std::thread::id, int> chunks;
  std::atomic<bool> both{false};
  // Each waits for the other, so one thread alone would never get done.
  parallel_for(2, 1, [&](size_t, size_t) {
    {
      std::lock_guard lock(mutex);
      ++chunks[std::this_thread::get_id()];
      both = chunks.size() == 2;
    }
    while (!both) std::this_thread::yield();
  });
  CHECK(chunks.size() == 2);
  CHECK(chunks.count(std::this_thread::get_id()) == 1);
}

TEST_CASE("no more threads run than were allowed") {
  parallel_for(64, 1, [](size_t, size_t) {});
  for (int threads : {4, 2}) {
    Threads limit(threads);
    std::atomic<int> running{0}, most{0};
    parallel_for(200, 1, [&](size_t, size_t) {
      int now = ++running;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::yield();
      --running;
    });
    CHECK(most <= threads);
  }
}

TEST_CASE("the exception of the lowest chunk is rethrown") {
  for (int threads : {1, 2, 4}) {
    Threads limit(threads);
    for (int repeat = 0; repeat < 200; ++repeat) {
      try {
        parallel_for(100, 1, [](size_t begin, size_t) {
          if (begin >= 40 && begin % 7 == 0) throw std::runtime_error(std::to_string(begin));
        });
        FAIL("nothing thrown");
      } catch (const std::runtime_error& error) {
        CHECK(std::string(error.what()) == "42");
      }
    }
    // The pool is as good as new.
    Visits visits(100);
    parallel_for(100, 3, visits);
    CHECK(visits.counts == std::vector<int>(100, 1));
  }
}

TEST_CASE("calls from within a body run on the caller") {
  Threads limit(4);
  std::atomic<int> total{0}, strayed{0};
  parallel_for(16, 1, [&](size_t, size_t) {
    auto outer = std::this_thread::get_id();
    parallel_for(10, 1, [&](size_t, size_t) {
      ++total;
      strayed += std::this_thread::get_id() != outer;
    });
  });
  CHECK(total == 160);
  CHECK(strayed == 0);
}

TEST_CASE("several callers at once") {
  Threads limit(3);
  std::vector<std::thread> callers;
  std::vector<size_t> sums(4, 0);
  for (size_t c = 0; c < sums.size(); ++c) {
    callers.emplace_back([&, c] {
      for (int repeat = 0; repeat < 300; ++repeat) {
        std::vector<size_t> parts(50, 0);
        parallel_for(500, 10, [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i) parts[begin / 10] += i;
        });
        sums[c] += std::accumulate(parts.begin(), parts.end(), size_t(0));
      }
    });
  }
  for (auto& caller : callers) caller.join();
  for (size_t sum : sums) CHECK(sum == size_t(300) * 500 * 499 / 2);
}

TEST_CASE("helpers that went to sleep wake up again") {
  Threads limit(2);
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::atomic<int> total{0};
    parallel_for(8, 1, [&](size_t, size_t) { ++total; });
    CHECK(total == 8);
  }
}

namespace {

int doubled(int x) { return 2 * x; }

}  // namespace

TEST_CASE("FunctionRef calls lambdas, functions and const callables") {
  auto call = [](FunctionRef<int(int)> f) { return f(21); };
  int offset = 1;
  const auto add = [&](int x) { return x + offset; };
  CHECK(call(add) == 22);
  CHECK(call(doubled) == 42);
  CHECK(call([count = 0](int x) mutable { return x + ++count; }) == 22);
}
