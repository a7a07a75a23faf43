#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "mlx/errors.h"
#include "mlx/event.h"
#include "mlx/scheduler.h"
#include "mlx/stream.h"
#include "mlx/stream_or_device.h"

using namespace mlx::core;

namespace {

/// A stream counts as busy until its thread has put the last task away, shortly after synchronize.
template <typename Task>
void run_inline_once_idle(Stream stream, Task task) {
  while (!scheduler::try_run_inline(stream, task)) std::this_thread::yield();
}

}  // namespace

TEST_CASE("streams are told apart by index and device") {
  Stream a = new_stream(Device::cpu), b = new_stream(Device::cpu);
  CHECK(a != b);
  CHECK(a == get_stream(a.index));
  CHECK(a < b);
  auto all = get_streams();
  CHECK(std::count(all.begin(), all.end(), a) == 1);
  CHECK_THROWS_AS(get_stream(-1), std::out_of_range);
  CHECK_THROWS_AS(get_stream(1 << 30), std::out_of_range);
  CHECK_THROWS_AS(new_stream(Device::gpu), std::invalid_argument);
  CHECK_THROWS_AS(default_stream(Device::gpu), std::invalid_argument);
  CHECK_THROWS_AS(scheduler::enqueue(Stream(1 << 30, Device::cpu), [] {}), std::out_of_range);
  CHECK_THROWS_AS(set_default_stream(Stream(1 << 30, Device::cpu)), std::out_of_range);
  std::ostringstream os;
  os << Stream(3, Device::cpu);
  CHECK(os.str() == "Stream(Device(cpu, 0), 3)");
}

TEST_CASE("each thread has its default stream") {
  Stream here = default_stream(Device::cpu);
  CHECK(here == default_stream(Device::cpu));
  std::thread([&] {
    Stream there = default_stream(Device::cpu);
    CHECK(there != here);
    Stream other = new_stream(Device::cpu);
    set_default_stream(other);
    CHECK(default_stream(Device::cpu) == other);
  }).join();
  CHECK(here == default_stream(Device::cpu));
}

TEST_CASE("thread-local streams name another stream on each thread") {
  ThreadLocalStream name = new_thread_local_stream(Device::cpu);
  Stream here = stream_from_thread_local_stream(name);
  CHECK(here == stream_from_thread_local_stream(name));
  CHECK(here == to_stream(name));
  CHECK(here != stream_from_thread_local_stream(new_thread_local_stream(Device::cpu)));
  std::thread([&] { CHECK(stream_from_thread_local_stream(name) != here); }).join();
}

TEST_CASE("to_stream and StreamContext") {
  Stream usual = default_stream(Device::cpu), other = new_stream(Device::cpu);
  CHECK(to_stream({}) == usual);
  CHECK(to_stream(Device(Device::cpu)) == usual);
  CHECK(to_stream(other) == other);
  CHECK(to_stream({}, Device::cpu) == usual);
  {
    StreamContext context(other);
    CHECK(to_stream({}) == other);
    {
      StreamContext same_device{Device(Device::cpu)};
      CHECK(to_stream({}) == other);
    }
    CHECK(to_stream({}) == other);
  }
  CHECK(to_stream({}) == usual);
  CHECK_THROWS_AS(StreamContext(StreamOrDevice{}), std::runtime_error);
  CHECK_THROWS_AS(StreamContext(Device(Device::gpu)), std::invalid_argument);
  CHECK(to_stream({}) == usual);
}

TEST_CASE("tasks of a stream run in order") {
  Stream stream = new_stream(Device::cpu);
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) scheduler::enqueue(stream, [&order, i] { order.push_back(i); });
  synchronize(stream);
  REQUIRE(order.size() == 1000);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("streams run beside one another") {
  Stream a = new_stream(Device::cpu), b = new_stream(Device::cpu);
  Event from_a(a), from_b(b);
  // Each task needs the other to be running.
  scheduler::enqueue(a, [&] {
    from_a.signal();
    from_b.wait();
  });
  scheduler::enqueue(b, [&] {
    from_a.wait();
    from_b.signal();
  });
  synchronize(a);
  synchronize(b);
  CHECK(from_b.is_signaled());
}

TEST_CASE("an idle stream's task runs on the calling thread") {
  Stream stream = new_stream(Device::cpu);
  std::thread::id runner;
  CHECK(scheduler::try_run_inline(stream, [&] { runner = std::this_thread::get_id(); }));
  CHECK(runner == std::this_thread::get_id());
}

TEST_CASE("a busy stream's doesn't") {
  Stream stream = new_stream(Device::cpu);
  Event gate(stream);
  gate.wait(stream);
  CHECK_FALSE(scheduler::try_run_inline(stream, [] { FAIL("must not run"); }));
  gate.signal();
  run_inline_once_idle(stream, [] {});
}

TEST_CASE("tasks enqueued during an inline task run after it") {
  Stream stream = new_stream(Device::cpu);
  std::atomic<bool> inline_done{false}, in_order{false};
  CHECK(scheduler::try_run_inline(stream, [&] {
    scheduler::enqueue(stream, [&] { in_order = inline_done.load(); });
    CHECK_FALSE(scheduler::try_run_inline(stream, [] {}));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    inline_done = true;
  }));
  synchronize(stream);
  CHECK(in_order);
}

TEST_CASE("an inline task's exception passes through and frees the stream") {
  Stream stream = new_stream(Device::cpu);
  CHECK_THROWS_AS(scheduler::try_run_inline(stream, [] { throw std::range_error("inline"); }),
                  std::range_error);
  CHECK(scheduler::try_run_inline(stream, [] {}));
}

TEST_CASE("a task that throws takes nothing with it") {
  Stream stream = new_stream(Device::cpu);
  bool ran = false;
  scheduler::enqueue(stream, [] { throw std::runtime_error("a test's error, on purpose"); });
  scheduler::enqueue(stream, [] { throw 1; });
  scheduler::enqueue(stream, [&] { ran = true; });
  synchronize(stream);
  CHECK(ran);
}

TEST_CASE("synchronize waits for the default stream, and refuses to wait for itself") {
  Stream stream = default_stream(Device::cpu);
  bool ran = false;
  scheduler::enqueue(stream, [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ran = true;
  });
  synchronize();
  CHECK(ran);
  CHECK_THROWS_AS(run_inline_once_idle(stream, [&] { synchronize(stream); }), EngineError);
}

TEST_CASE("what a task holds is freed when it is done") {
  Stream stream = new_stream(Device::cpu);
  auto held = std::make_shared<int>(1);
  std::weak_ptr<int> watch = held;
  scheduler::enqueue(stream, [held = std::move(held)] {});
  synchronize(stream);
  CHECK(watch.expired());
}

TEST_CASE("clear_streams drops the thread's streams") {
  std::thread([] {
    Stream usual = default_stream(Device::cpu), extra = new_stream(Device::cpu);
    std::atomic<bool> ran{false};
    scheduler::enqueue(extra, [&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ran = true;
    });
    clear_streams();
    CHECK(ran);
    CHECK_THROWS_AS(get_stream(extra.index), std::out_of_range);
    CHECK_THROWS_AS(get_stream(usual.index), std::out_of_range);
    // A handle that is still around works.
    scheduler::enqueue(extra, [&] { ran = false; });
    synchronize(extra);
    CHECK_FALSE(ran);
    CHECK(get_stream(default_stream(Device::cpu).index) == default_stream(Device::cpu));
  }).join();
}

TEST_CASE("ten thousand short-lived threads leave neither streams nor workers") {
  size_t before = get_streams().size();
  int highest = new_stream(Device::cpu).index;
  std::mutex mutex;
  std::set<std::thread::id> workers;
  for (int i = 0; i < 10'000; ++i) {
    std::thread([&] {
      Stream stream = default_stream(Device::cpu);
      highest = std::max(highest, stream.index);
      if (i % 10 != 0) return;
      scheduler::enqueue(stream, [&] {
        std::lock_guard lock(mutex);
        workers.insert(std::this_thread::get_id());
      });
      synchronize(stream);
    }).join();
  }
  CHECK(get_streams().size() == before + 1);
  CHECK(highest <= int(before) + 64);
  CHECK(workers.size() < 20);
}

TEST_CASE("a stream that a thread's last destructors use goes with the thread too") {
  struct LateUser {
    ~LateUser() { synchronize(default_stream(Device::cpu)); }
  };
  size_t before = get_streams().size();
  for (int i = 0; i < 3; ++i) {
    std::thread([] {
      thread_local LateUser late;
      (void)late;
      default_stream(Device::cpu);
    }).join();
  }
  CHECK(get_streams().size() == before);
}

TEST_CASE("the scheduler counts active tasks") {
  Stream stream = default_stream(Device::cpu);
  int before = scheduler::n_active_tasks();
  scheduler::wait_for_one();
  scheduler::notify_new_task(stream);
  scheduler::notify_new_task(stream);
  CHECK(scheduler::n_active_tasks() == before + 2);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    scheduler::notify_task_completion(stream);
  });
  scheduler::wait_for_one();
  CHECK(scheduler::n_active_tasks() == before + 1);
  other.join();
  scheduler::notify_task_completion(stream);
}
