#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "mlx/errors.h"
#include "mlx/event.h"
#include "mlx/ops.h"
#include "mlx/scheduler.h"
#include "mlx/transforms.h"
#include "runtime/cancellation.h"
#include "runtime/interruption.h"
#include "runtime/stream_owner.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using namespace std::chrono_literals;

namespace {

/// Keeps a thread at work for hours unless it is told that nobody wants it any more.
void work_for_hours() {
  parallel_for(1'000'000, 1, [](size_t, size_t) { std::this_thread::sleep_for(10ms); });
}

void on_another_thread(FunctionRef<void()> body) {
  std::thread([&] { body(); }).join();
}

/// Makes what the calling thread waits for interruptible.
struct Interruptible {
  explicit Interruptible(const std::atomic<bool>& interrupted) {
    set_interrupt_check([&interrupted] { return interrupted.load(); });
  }
  ~Interruptible() { set_interrupt_check({}); }
};

}  // namespace

TEST_CASE("a thread that ends cancels the work of its streams") {
  on_another_thread([] {
    Stream first = default_stream(Device::cpu), second = new_stream(Device::cpu);
    std::atomic<int> cancelled{0};
    std::atomic<bool> started{false};
    for (const Stream& stream : {first, second}) {
      for (int i = 0; i < 3; ++i) {
        scheduler::enqueue(stream, [&] {
          started = true;
          try {
            work_for_hours();
          } catch (const EngineError&) {
            ++cancelled;
          }
        });
      }
    }
    while (!started) std::this_thread::yield();
    abandon_streams(60s);
    CHECK(cancelled == 6);

    // What is enqueued afterwards is new work.
    Event done(default_stream(Device::cpu));
    scheduler::enqueue(default_stream(Device::cpu), [&] {
      throw_if_cancelled();
      done.signal();
    });
    done.wait();
  });
}

TEST_CASE("work that can't be cancelled is left behind, and its stream with it") {
  Stream held(0, Device::cpu);
  std::atomic<bool> release{false}, ended{false};
  on_another_thread([&] {
    held = default_stream(Device::cpu);
    scheduler::enqueue(held, [&] {
      while (!release) std::this_thread::sleep_for(1ms);
      ended = true;
    });
    abandon_streams(10ms);
    CHECK_FALSE(ended);
    on_another_thread([&] { CHECK(default_stream(Device::cpu) != held); });
  });
  release = true;
  synchronize(held);
  CHECK(ended);
}

TEST_CASE("arrays whose work was cancelled have an error") {
  on_another_thread([] {
    Event begin(default_stream(Device::cpu));
    scheduler::enqueue(default_stream(Device::cpu), [&] {
      begin.signal();
      try {
        work_for_hours();
      } catch (const EngineError&) {
      }
    });
    array sum = add(ones({300, 300}), array(1.0f));
    async_eval(sum);
    begin.wait();
    abandon_streams(60s);
    CHECK_THROWS_AS(sum.wait(), EngineError);
  });
}

TEST_CASE("an interruptible thread gives up waiting for an event") {
  std::atomic<bool> interrupted{false};
  Interruptible scope(interrupted);
  Event never(default_stream(Device::cpu));
  std::thread later([&] {
    std::this_thread::sleep_for(50ms);
    interrupted = true;
  });
  CHECK_THROWS_AS(never.wait(), EngineError);
  later.join();
}

TEST_CASE("an interruptible thread is woken by events and computes as others do") {
  std::atomic<bool> interrupted{false};
  Interruptible scope(interrupted);
  for (int i = 0; i < 200; ++i) {
    Event event(default_stream(Device::cpu));
    event.signal(default_stream(Device::cpu));
    event.wait();
  }
  // Long enough to be left to another thread.
  array large = ones({2000, 2000});
  CHECK(sum(add(large, large)).item<float>() == 8e6f);
}

TEST_CASE("asynchronous evaluations of a stream wait when many are in flight") {
  Stream stream = new_stream(Device::cpu);
  std::atomic<bool> release{false};
  scheduler::enqueue(stream, [&] {
    while (!release) std::this_thread::sleep_for(1ms);
  });
  std::atomic<int> launched{0};
  std::thread launcher([&] {
    for (int i = 0; i < 30; ++i) {
      async_eval(add(ones({8}, stream), array(float(i)), stream));
      ++launched;
    }
  });
  while (launched < 10) std::this_thread::yield();
  std::this_thread::sleep_for(50ms);
  CHECK(launched < 15);
  release = true;
  launcher.join();
  CHECK(launched == 30);
}

TEST_CASE("asynchronous evaluations don't wait for what only their thread can begin") {
  Stream stream = new_stream(Device::cpu);
  Event begin(stream);
  begin.wait(stream);
  array last(0.0f);
  for (int i = 0; i < 30; ++i) {
    last = add(last, array(1.0f), stream);
    async_eval(last);
  }
  begin.signal();
  CHECK(last.item<float>() == 30);
}
