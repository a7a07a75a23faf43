#include <doctest/doctest.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "mlx/mlx.h"
#include "mlx/primitives.h"
#include "mlx/scheduler.h"

// Devices, streams, events, memory and switches, as programs written for MLX use them.

using namespace mlx::core;

TEST_CASE("api: devices") {
  CHECK(is_available(Device::cpu));
  CHECK(device_count(Device::cpu) == 1);
  CHECK(default_device() == Device::cpu);
  CHECK(Device(Device::cpu, 0) == Device::cpu);
  CHECK_FALSE(device_info(Device::cpu).empty());
  CHECK(device_info().contains("device_name"));
  CHECK(gpu::is_available() == (gpu::device_count() > 0));
  if (!gpu::is_available()) {
    CHECK(gpu::device_info().empty());
    CHECK(gpu::device_info(3).empty());
    CHECK_THROWS_AS(set_default_device(Device::gpu), std::invalid_argument);
    CHECK_THROWS_AS(new_stream(Device::gpu), std::invalid_argument);
    CHECK_THROWS_AS(new_thread_unsafe_stream(Device::gpu), std::invalid_argument);
  }
  if (!cu::is_available()) CHECK(cu::device_info().empty());
  if (!metal::is_available()) {
    CHECK_THROWS_AS(metal::start_capture(), std::runtime_error);
    CHECK_THROWS_AS(metal::stop_capture(), std::runtime_error);
    CHECK_THROWS_AS(metal::device_info(), std::runtime_error);
  }
  std::string before = metal::get_metallib_path();
  metal::set_metallib_path("/kernels.metallib");
  CHECK(metal::get_metallib_path() == "/kernels.metallib");
  metal::set_metallib_path(before);
  CHECK(std::string(version()) == "0.32.0");
  CHECK(MLX_VERSION_NUMERIC == 32000);
}

TEST_CASE("api: streams") {
  Stream standard = default_stream(default_device());
  Stream own = new_stream(Device::cpu), shared = new_thread_unsafe_stream(Device::cpu);
  CHECK(own != standard);
  CHECK(get_streams().size() >= 3);
  CHECK(get_stream(own.index) == own);
  array a = add(ones({2}), ones({2}), own), b = multiply(a, a, shared);
  CHECK(b.primitive().stream() == shared);
  std::thread other([&] { eval(b); });
  other.join();
  CHECK(sum(b).item<float>() == 8);
  {
    StreamContext context(own);
    CHECK(default_stream(Device::cpu) == own);
    CHECK((a + 1).primitive().stream() == own);
  }
  CHECK(default_stream(Device::cpu) == standard);
  CHECK(to_stream({}) == standard);
  CHECK(to_stream(own) == own);
  CHECK(to_stream(Device(Device::cpu)) == standard);
  CHECK(to_stream({}, Device::cpu) == standard);
  set_default_stream(own);
  CHECK(default_stream(Device::cpu) == own);
  set_default_stream(standard);
  ThreadLocalStream named = new_thread_local_stream(Device::cpu);
  CHECK(stream_from_thread_local_stream(named) == Stream(named));
  eval(add(a, b, Stream(named)));
  synchronize(named);
  synchronize(own);
  synchronize();
}

TEST_CASE("api: events") {
  Event none;
  CHECK_FALSE(none.valid());
  CHECK_THROWS_AS(none.stream(), std::runtime_error);
  Stream stream = new_stream(Device::cpu);
  Event event(stream);
  CHECK(event.stream() == stream);
  CHECK_FALSE(event.is_signaled());
  event.set_value(3);
  CHECK(event.value() == 3);
  event.signal(stream);
  event.wait();
  event.wait(stream);
  CHECK(event.is_signaled());
  event.check_error();
  CHECK(event.load_error() == nullptr);
  Event failed(stream);
  failed.set_error(std::make_exception_ptr(std::runtime_error("failed")));
  CHECK(failed.load_error() != nullptr);
  CHECK_THROWS_WITH(failed.check_error(), "failed");
  CHECK_THROWS_WITH(failed.wait(), "failed");
  array a = ones({2});
  a.attach_event(event);
  CHECK(a.event().valid());
  a.detach_event();
  CHECK_FALSE(a.event().valid());
}

TEST_CASE("api: the scheduler") {
  Stream stream = new_stream(Device::cpu);
  std::promise<int> promise;
  auto future = promise.get_future();
  scheduler::enqueue(stream, [promise = std::make_shared<std::promise<int>>(std::move(promise))] {
    promise->set_value(7);
  });
  CHECK(future.get() == 7);
  CHECK(scheduler::n_active_tasks() >= 0);
  scheduler::notify_new_task(stream);
  scheduler::notify_task_completion(stream);
  scheduler::wait_for_one();

  Event event(stream), failed(stream);
  scheduler::signal_event(stream, event, [](Event& e) { e.signal(); });
  event.wait();
  scheduler::wait_event(stream, event, [](Event& e) { e.wait(); });
  scheduler::signal_event(stream, failed, [](Event&) { throw std::runtime_error("no"); });
  CHECK_THROWS_WITH(failed.wait(), "no");
  synchronize(stream);
  scheduler::check_error(stream);

  scheduler::enqueue(stream, [] { throw std::invalid_argument("first"); });
  scheduler::enqueue(stream, [] { throw std::runtime_error("second"); });
  synchronize(stream);
  CHECK_THROWS_WITH_AS(scheduler::check_error(stream), "first", std::invalid_argument);
  scheduler::scheduler().check_error(stream);
}

TEST_CASE("api: buffers and memory") {
  auto& allocator = allocator::allocator();
  auto buffer = allocator.malloc(100);
  CHECK(allocator.size(buffer) >= 100);
  CHECK(buffer.raw_ptr() != nullptr);
  allocator.free(buffer);

  clear_cache();
  CHECK(get_cache_memory() == 0);
  size_t active = get_active_memory();
  constexpr size_t large = 3'000'000;
  auto first = allocator::malloc(large);
  CHECK(allocator.size(first) == large);
  size_t capacity = get_active_memory() - active;
  allocator::free(first);
  CHECK(get_cache_memory() == capacity);
  // What was used before says all that it holds.
  auto again = allocator::malloc(large - 1000);
  CHECK(allocator.size(again) == capacity);
  CHECK(get_cache_memory() == 0);
  allocator::free(again);
  clear_cache();
  CHECK(get_cache_memory() == 0);

  size_t limit = set_cache_limit(0);
  {
    array a = ones({1000, 1000}) + 1;
    a.eval();
  }
  CHECK(get_cache_memory() == 0);
  set_cache_limit(limit);
  reset_peak_memory();
  {
    array a = ones({1000, 1000}) + 1;
    a.eval();
  }
  CHECK(get_peak_memory() >= 4'000'000);
  size_t before = set_memory_limit(get_memory_limit());
  CHECK(before == get_memory_limit());
  size_t wired = set_wired_limit(1000);
  CHECK(set_wired_limit(wired) == 1000);
}

TEST_CASE("api: what evaluations free is in the cache once they are waited for") {
  for (int i = 0; i < 100; ++i) {
    Stream stream = new_stream(Device::cpu);
    {
      array a = add(ones({600, 600}), ones({600, 600}), stream);
      array b = exp(sort(a, 0, stream), stream);
      async_eval(b);
      b.wait();
    }
    clear_cache();
    CHECK(get_cache_memory() == 0);
  }
}

TEST_CASE("api: switches and small things") {
  ::setenv("MLX_TEST_SWITCH", "12", 1);
  CHECK(env::get_var("MLX_TEST_SWITCH", 3) == 12);
  CHECK(std::string(env::get_var("MLX_TEST_SWITCH", "none")) == "12");
  ::setenv("MLX_TEST_SWITCH", "text", 1);
  CHECK(env::get_var("MLX_TEST_SWITCH", 3) == 3);
  ::unsetenv("MLX_TEST_SWITCH");
  CHECK(env::get_var("MLX_TEST_SWITCH", 3) == 3);
  CHECK(std::string(env::get_var("MLX_TEST_SWITCH", "none")) == "none");
  CHECK(env::bfs_max_width() > 0);
  CHECK(env::max_ops_per_buffer(40) > 0);
  CHECK(env::max_mb_per_buffer(40) > 0);
  CHECK(env::nccl_timeout(300) > 0);
  CHECK(env::residency_set_max_pct() >= 0);
  CHECK(env::metal_gpu_arch() != nullptr);
  // These are off unless the environment says otherwise.
  for (bool is_on : {env::enable_tf32(), env::metal_fast_synch(), env::residency_debug()})
    CHECK_FALSE(is_on);

  CHECK(is_power_of_2(64));
  CHECK_FALSE(is_power_of_2(0));
  CHECK_FALSE(is_power_of_2(6));
  CHECK(next_power_of_2(5) == 8);
  CHECK(next_power_of_2(8) == 8);
  CHECK(next_power_of_2(1) == 1);
  CHECK(safe_cast(size_t(7)) == 7);
  CHECK_THROWS_AS(safe_cast(size_t(1) << 40, "reshape"), std::overflow_error);
  CHECK(is_main_thread());
  std::thread other([] { CHECK_FALSE(is_main_thread()); });
  other.join();
  CHECK(result_type(array(1), array(1.0f)) == float32);
  CHECK(result_type(array(1), array(true), array(float16_t(1))) == float16);
  CHECK(result_type({array(1)}) == int32);
  CHECK(broadcast_shapes({2, 1}, {3}) == Shape{2, 3});
}

TEST_CASE("api: a pool of threads") {
  ThreadPool pool(2);
  auto sum = pool.enqueue([](int a, int b) { return a + b; }, 3, 4);
  auto failure = pool.enqueue([] { throw std::runtime_error("no"); });
  CHECK(sum.get() == 7);
  CHECK_THROWS_WITH(failure.get(), "no");
  CHECK(io::thread_pool().enqueue([] { return 5; }).get() == 5);
  std::atomic<int> done{0};
  {
    ThreadPool short_lived(2);
    for (int i = 0; i < 50; ++i) short_lived.enqueue([&] { ++done; });
  }
  CHECK(done == 50);
}
