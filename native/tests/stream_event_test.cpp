#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "mlx/event.h"
#include "mlx/scheduler.h"

using namespace mlx::core;

TEST_CASE("no event") {
  Event none;
  CHECK_FALSE(none.valid());
  CHECK_THROWS_AS(none.wait(), std::runtime_error);
  CHECK_THROWS_AS(none.wait(default_stream(Device::cpu)), std::runtime_error);
  CHECK_THROWS_AS(none.signal(), std::runtime_error);
  CHECK_THROWS_AS(none.signal(default_stream(Device::cpu)), std::runtime_error);
  CHECK_THROWS_AS(none.is_signaled(), std::runtime_error);
  CHECK_THROWS_AS(none.stream(), std::runtime_error);
}

TEST_CASE("an event is signaled once, and its copies with it") {
  Stream stream = default_stream(Device::cpu);
  Event event(stream);
  Event copy = event;
  CHECK(event.valid());
  CHECK(event.stream() == stream);
  CHECK_FALSE(event.is_signaled());
  copy.signal();
  CHECK(event.is_signaled());
  CHECK_FALSE(event.has_error());
  event.wait();
  event.set_error(std::make_exception_ptr(std::logic_error("too late")));
  CHECK_FALSE(event.has_error());
}

TEST_CASE("an event may end as soon as it is signaled") {
  // With it gone, what signals must not look at it any more: a sanitizer would see that.
  Stream stream = new_stream(Device::cpu);
  for (int i = 0; i < 1000; ++i) {
    Event done(stream);
    scheduler::enqueue(stream, [&] { done.signal(); });
    done.wait();
  }
}

TEST_CASE("signal on a stream comes after the work that was enqueued before") {
  Stream stream = new_stream(Device::cpu);
  Event event(stream);
  int value = 0;
  scheduler::enqueue(stream, [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    value = 1;
  });
  event.signal(stream);
  event.wait();
  CHECK(value == 1);
}

TEST_CASE("wait on a stream holds its later work back") {
  Stream first = new_stream(Device::cpu), second = new_stream(Device::cpu);
  Event event(first);
  std::atomic<bool> signaled{false};
  bool in_order = false;
  event.wait(second);
  scheduler::enqueue(second, [&] { in_order = signaled; });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  scheduler::enqueue(first, [&] { signaled = true; });
  event.signal(first);
  synchronize(second);
  CHECK(in_order);
}

TEST_CASE("many streams may wait at once") {
  Event gate(default_stream(Device::cpu));
  std::vector<Stream> streams;
  std::atomic<int> passed{0};
  for (int i = 0; i < 30; ++i) {
    streams.push_back(new_stream(Device::cpu));
    gate.wait(streams.back());
    scheduler::enqueue(streams.back(), [&] { ++passed; });
  }
  // Work that comes later isn't stuck behind those who wait.
  Stream free_stream = new_stream(Device::cpu);
  bool ran = false;
  scheduler::enqueue(free_stream, [&] { ran = true; });
  synchronize(free_stream);
  CHECK(ran);
  CHECK(passed == 0);
  gate.signal();
  for (const Stream& stream : streams) synchronize(stream);
  CHECK(passed == 30);
}

TEST_CASE("an error is kept and rethrown to everybody who waits") {
  Stream stream = new_stream(Device::cpu);
  Event event(stream);
  scheduler::enqueue(stream, [event]() mutable {
    try {
      throw std::range_error("out of luck");
    } catch (...) {
      event.set_error(std::current_exception());
    }
  });
  for (int i = 0; i < 2; ++i) CHECK_THROWS_WITH_AS(event.wait(), "out of luck", std::range_error);
  CHECK(event.is_signaled());
  CHECK(event.has_error());

  // A stream that waits goes on, and its work can ask.
  bool asked = false;
  Stream other = new_stream(Device::cpu);
  event.wait(other);
  scheduler::enqueue(other, [&] { asked = event.has_error(); });
  synchronize(other);
  CHECK(asked);
}

TEST_CASE("several threads wait and several signal") {
  for (int repeat = 0; repeat < 50; ++repeat) {
    Event event(default_stream(Device::cpu));
    std::atomic<int> awake{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        event.wait();
        ++awake;
      });
    }
    for (int i = 0; i < 2; ++i) threads.emplace_back([&] { event.signal(); });
    for (auto& thread : threads) thread.join();
    CHECK(awake == 3);
  }
}
