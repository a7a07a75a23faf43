#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "late_device.h"
#include "mlx/mlx.h"
#include "mlx/primitives.h"
#include "mlx/scheduler.h"
#include "runtime/gpu_memory.h"
#include "runtime/memory_pressure.h"

using namespace mlx::core;
using late_gpu::late_device;
using late_gpu::OnGpu;
using late_gpu::WithGpu;

namespace {

array numbers(int n, float first = 1) {
  array a = arange(double(first), double(first) + n, 1.0, float32, Device::cpu);
  a.eval();
  return a;
}

bool same_bits(const array& a, const array& b) {
  return array_equal(a, b, true, Device::cpu).item<bool>();
}

/// Adds one on either device, or fails while `broken` is set.
class Fallible : public UnaryPrimitive {
 public:
  Fallible(Stream stream, bool* broken) : UnaryPrimitive(stream), broken_(broken) {}
  void eval_cpu(const std::vector<array>&, array&) override {}
  void eval_gpu(const std::vector<array>& inputs, array& output) override {
    if (*broken_) throw EngineError("[fallible] broken");
    output.copy_shared_buffer(inputs[0]);
  }
  const char* name() const override { return "Fallible"; }

 private:
  bool* broken_;
};

/// What only the CPU can compute.
class CpuKind : public UnaryPrimitive {
 public:
  using UnaryPrimitive::UnaryPrimitive;
  void eval_cpu(const std::vector<array>& inputs, array& output) override {
    output.copy_shared_buffer(inputs[0]);
  }
  const char* name() const override { return "CpuKind"; }
};

}  // namespace

TEST_CASE("gpu: values come from the device, and only when it is done") {
  OnGpu on_gpu(1);
  array x = numbers(1000);
  array y = (x * 2.0f + 1.0f) / x;
  array expected =
      divide(add(multiply(x, array(2.0f), Device::cpu), array(1.0f), Device::cpu), x, Device::cpu);
  CHECK(same_bits(y, expected));
}

TEST_CASE("gpu: nothing is available before the device has done it, and nobody waits") {
  OnGpu on_gpu(1);
  Stream stream = new_stream(Device::gpu);
  array x = numbers(1000);
  std::vector<array> results;
  array y = x;
  auto slow = [](const array& a, Stream s) { return multiply(a, array(1.5f), s); };
  late_device().set_delay(100'000);
  auto begin = std::chrono::steady_clock::now();
  int unavailable = 0;
  for (int i = 0; i < 3; ++i) {
    y = slow(y, stream);
    async_eval(y);
    unavailable += !y.is_available();
    results.push_back(y);
  }
  auto spent = std::chrono::steady_clock::now() - begin;
  late_device().set_delay(1);
  // Delays are random, but hardly all of them short.
  CHECK((unavailable > 0 || spent > std::chrono::milliseconds(1)));
  array expected = x;
  for (auto& result : results) {
    expected = slow(expected, default_stream(Device::cpu));
    CHECK(same_bits(result, expected));
  }
}

TEST_CASE("gpu: a number is part of the launch, and one element is read alone") {
  OnGpu on_gpu(1);
  array x = numbers(1 << 18);
  int64_t before_in = late_device().bytes_in();
  array y = x * 2.0f + 1.0f;
  y.eval();
  CHECK(late_device().bytes_in() - before_in == int64_t(x.nbytes()));
  int64_t before_out = late_device().bytes_out();
  array element = slice(y, {1000}, {1001});
  CHECK(element.item<float>() == 2003);
  CHECK(late_device().bytes_out() - before_out == 4);
}

TEST_CASE("gpu: views and copies") {
  OnGpu on_gpu(200);
  array x = reshape(numbers(24), {2, 3, 4}, Device::cpu);
  x.eval();
  auto both = [&](auto fun) {
    array on_device = fun(x + 1.0f, default_stream(Device::gpu));
    Stream cpu = default_stream(Device::cpu);
    CHECK(same_bits(on_device, fun(add(x, array(1.0f), cpu), cpu)));
  };
  both([](array a, Stream s) { return transpose(a, {2, 0, 1}, s); });
  both([](array a, Stream s) { return reshape(transpose(a, {2, 0, 1}, s), {6, 4}, s); });
  both([](array a, Stream s) { return contiguous(transpose(a, s), false, s); });
  both([](array a, Stream s) { return slice(a, {0, 1, 0}, {2, 3, 4}, {1, 1, 2}, s); });
  both([](array a, Stream s) { return multiply(broadcast_to(a, {5, 2, 3, 4}, s), a, s); });
  both([](array a, Stream s) { return split(a, 2, 2, s)[1]; });
  both([](array a, Stream s) { return view(a, int32, s); });
  both([](array a, Stream s) { return full({2, 2, 3, 4}, a, s); });
  both([](array a, Stream s) { return stop_gradient(abs(negative(a, s), s), s); });
}

TEST_CASE("gpu: compiled functions and gradients") {
  OnGpu on_gpu(200);
  auto fun = [](const std::vector<array>& x) {
    return std::vector<array>{tanh(x[0] * x[1]) + x[0], x[1] - x[0]};
  };
  array a = numbers(100), b = numbers(100, -50);
  auto compiled = compile(fun);
  for (int call = 0; call < 3; ++call) {
    auto results = compiled({a, b});
    auto expected = [&] {
      Device before = default_device();
      set_default_device(Device::cpu);
      auto values = fun({a, b});
      eval(values);
      set_default_device(before);
      return values;
    }();
    CHECK(same_bits(results[0], expected[0]));
    CHECK(same_bits(results[1], expected[1]));
  }
}

TEST_CASE("gpu: what has no kernel says so, and what came before it stays good") {
  OnGpu on_gpu(200);
  array x = numbers(100);
  array y = x * 3.0f;
  Stream stream = default_stream(Device::gpu);
  array z = array(y.shape(), float32, std::make_shared<CpuKind>(stream), {y}) * 2.0f;
  CHECK_THROWS_WITH_AS(eval(y, z),
                       doctest::Contains("[CpuKind] There is no kernel for float32 on Device(gpu"),
                       EngineError);
  CHECK(same_bits(y, multiply(x, array(3.0f), Device::cpu)));
}

TEST_CASE("gpu: an error while work is put in leaves the graph to be evaluated again") {
  OnGpu on_gpu(200);
  bool broken = true;
  array x = numbers(10);
  Stream stream = default_stream(Device::gpu);
  array y = x * 2.0f;
  array z = array(y.shape(), float32, std::make_shared<Fallible>(stream, &broken), {y}) + 1.0f;
  CHECK_THROWS_WITH_AS(eval(z), "[fallible] broken", EngineError);
  CHECK(same_bits(y, multiply(x, array(2.0f), Device::cpu)));
  broken = false;
  CHECK(z.ndim() == 1);
  CHECK(slice(z, {9}, {10}).item<float>() == 21);
}

TEST_CASE("gpu: a device that fails takes its values with it and nothing else") {
  OnGpu on_gpu(200);
  array x = numbers(100);
  array y = x * 2.0f;
  y.eval();
  late_device().fail_after(1);
  array z = y + x;
  async_eval(z);
  CHECK_THROWS_WITH_AS(z.wait(), doctest::Contains("The GPU is lost"), EngineError);
  CHECK_THROWS_AS(eval(z), EngineError);
  array later = x + 5.0f;
  CHECK_THROWS_AS(eval(later), EngineError);
  array on_cpu = add(x, array(1.0f), Device::cpu);
  CHECK(sum(on_cpu, Device::cpu).item<float>() == 5150);
  array depends = add(z, array(1.0f), Device::cpu);
  CHECK_THROWS_AS(eval(depends), EngineError);
  late_device().repair();
  CHECK(same_bits(x + 5.0f, add(x, array(5.0f), Device::cpu)));
}

TEST_CASE("gpu: events call back, and streams wait for each other") {
  WithGpu with_gpu(5'000);
  Stream first = new_stream(Device::gpu), second = new_stream(Device::gpu),
         cpu = new_stream(Device::cpu);
  array x = numbers(1000);
  array a = multiply(x, array(2.0f), first);
  array b = add(a, x, second);
  array c = subtract(b, a, cpu);
  array d = maximum(multiply(c, a, first), b, second);
  async_eval(d);
  std::atomic<int> calls{0};
  d.event().on_done([&] { ++calls; });
  d.wait();
  synchronize(second);
  for (int i = 0; i < 1000 && calls == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(calls == 1);
  Stream s = default_stream(Device::cpu);
  array e = multiply(x, array(2.0f), s), f = add(e, x, s);
  CHECK(same_bits(d, maximum(multiply(subtract(f, e, s), e, s), f, s)));
  synchronize(first);
  Event event(first);
  event.signal(first);
  event.wait();
  CHECK_FALSE(event.has_error());
}

TEST_CASE("gpu: a buffer is not overwritten under another queue's reader") {
  WithGpu with_gpu(300);
  Stream first = new_stream(Device::gpu), second = new_stream(Device::gpu);
  array x = numbers(256);
  Stream cpu = default_stream(Device::cpu);
  for (int round = 0; round < 200; ++round) {
    array a = multiply(x, array(float(round)), first);
    // Read by the second queue, then donated on the first.
    array read = negative(a, second);
    async_eval(read);
    array written = add(a, array(1.0f), first);
    a = x;
    async_eval(written);
    array expected = multiply(x, array(float(round)), cpu);
    REQUIRE(same_bits(read, negative(expected, cpu)));
    REQUIRE(same_bits(written, add(expected, array(1.0f), cpu)));
  }
}

TEST_CASE("gpu: memory of a caller's own is theirs again only once it was read") {
  OnGpu on_gpu(500);
  for (int round = 0; round < 50; ++round) {
    std::vector<float> bytes(64, float(round));
    bool is_given_back = false;
    auto give_back = [&](void* data) {
      std::fill_n(static_cast<float*>(data), bytes.size(), -1.0f);
      is_given_back = true;
    };
    array y = array(bytes.data(), {64}, float32, give_back) * 2.0f;
    async_eval(y);
    CHECK(same_bits(y, full({64}, 2.0f * float(round), float32, Device::cpu)));
    y = array(0.0f);
    CHECK(is_given_back);
  }
}

TEST_CASE("gpu: parameters are donated while the step before still reads them") {
  auto trained = [](const Stream& stream) {
    array weight = numbers(64), momentum = multiply(weight, array(0.0f), stream);
    std::vector<array> losses;
    for (int step = 0; step < 100; ++step) {
      array gradient = multiply(subtract(weight, array(3.0f), stream), array(0.25f), stream);
      losses.push_back(abs(gradient, stream));
      momentum = add(multiply(std::move(momentum), array(0.5f), stream), gradient, stream);
      weight = subtract(std::move(weight), multiply(momentum, array(0.125f), stream), stream);
      async_eval({losses.back(), weight, momentum});
    }
    losses.push_back(weight);
    return losses;
  };
  WithGpu with_gpu(300);
  auto on_gpu = trained(new_stream(Device::gpu)), on_cpu = trained(new_stream(Device::cpu));
  for (size_t i = 0; i < on_gpu.size(); ++i) {
    CAPTURE(i);
    REQUIRE(same_bits(on_gpu[i], on_cpu[i]));
  }
}

namespace {

/// A graph of random operations, the same for the same seed wherever its nodes go.
std::vector<array> random_graph(unsigned seed, const std::vector<Stream>& streams,
                                bool evaluates_on_the_way) {
  std::mt19937 random(seed);
  auto pick = [&](size_t n) { return size_t(random() % n); };
  std::vector<array> values = {reshape(numbers(24), {4, 6}, Device::cpu),
                               reshape(numbers(24, -12), {4, 6}, Device::cpu)};
  for (int step = 0; step < 20; ++step) {
    Stream s = streams[pick(streams.size())];
    const array a = values[pick(values.size())], b = values[pick(values.size())];
    size_t kind = pick(9);
    array made = kind == 0   ? add(a, b, s)
                 : kind == 1 ? multiply(a, array(0.5f), s)
                 : kind == 2 ? subtract(a, b, s)
                 : kind == 3 ? maximum(a, negative(b, s), s)
                 : kind == 4 ? reshape(transpose(reshape(a, {6, 4}, s), s), {4, 6}, s)
                 : kind == 5 ? abs(a, s)
                 : kind == 6 ? broadcast_to(slice(a, {1, 0}, {2, 6}, s), {4, 6}, s)
                 : kind == 7 ? astype(astype(a, float16, s), float32, s)
                             : contiguous(slice(a, {3, 5}, {-5, -7}, {-1, -1}, s), false, s);
    bool evaluates = pick(4) == 0, forgets = pick(3) == 0;
    if (evaluates && evaluates_on_the_way) async_eval(made);
    if (forgets && values.size() > 3) values.erase(values.begin() + long(pick(values.size())));
    values.push_back(made);
  }
  return values;
}

}  // namespace

TEST_CASE("gpu: random graphs over three streams give the CPU's bits") {
  WithGpu with_gpu(100);
  std::vector<Stream> streams = {new_stream(Device::gpu), new_stream(Device::gpu),
                                 new_stream(Device::cpu)};
  std::vector<Stream> cpu(3, default_stream(Device::cpu));
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    auto values = random_graph(seed, streams, true);
    auto expected = random_graph(seed, cpu, false);
    async_eval(values);
    for (size_t i = 0; i < values.size(); ++i) REQUIRE(same_bits(values[i], expected[i]));
  }
}

TEST_CASE("gpu: a loop without end needs the memory of a few steps") {
  OnGpu on_gpu(50);
  array x = numbers(1 << 14);
  array y = x;
  y.eval();
  synchronize(default_stream(Device::gpu));
  collect_pending_frees();
  size_t before = late_device().bytes_in_use();
  late_device().take_peak();
  for (int step = 0; step < 2000; ++step) {
    y = y * 0.5f + x;
    async_eval(y);
  }
  y.wait();
  CHECK(late_device().take_peak() < before + 40 * x.nbytes());
}

TEST_CASE("gpu: memory that is short is waited for, then refused, and all goes on") {
  OnGpu on_gpu(500);
  array x = numbers(1 << 14);
  (x + 1.0f).eval();
  synchronize(default_stream(Device::gpu));
  collect_pending_frees();
  size_t few = late_device().bytes_in_use() + 3 * x.nbytes();
  late_device().set_capacity(few);
  for (int step = 0; step < 50; ++step) (x * float(step)).eval();
  std::vector<array> held;
  auto hold = [&] {
    for (int i = 0; i < 10; ++i) {
      held.push_back(x + float(i));
      held.back().eval();
    }
  };
  CHECK_THROWS_AS(hold(), EngineError);
  held.clear();
  CHECK(same_bits(x * 3.0f, multiply(x, array(3.0f), Device::cpu)));
  late_device().set_capacity(size_t(1) << 30);
}

TEST_CASE("gpu: a stream that is short of memory has the waiting thread look for dead arrays") {
  OnGpu on_gpu(500);
  Stream stream = new_stream(Device::gpu);
  array x = numbers(1 << 14);
  (x + 1.0f).eval();
  synchronize(default_stream(Device::gpu));
  collect_pending_frees();
  std::vector<array> dead = {add(x, array(2.0f), stream), add(x, array(3.0f), stream)};
  eval(dead);
  late_device().set_capacity(late_device().bytes_in_use());
  int handler = add_pressure_handler([&](size_t) {
    bool found = !dead.empty();
    dead.clear();
    return found;
  });
  array y = multiply(x, array(2.0f), stream);
  // On the stream's own thread, which has no handler.
  scheduler::enqueue(stream, [] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); });
  async_eval(y);
  y.wait();
  CHECK(dead.empty());
  remove_pressure_handler(handler);
  late_device().set_capacity(size_t(1) << 30);
  CHECK(same_bits(y, multiply(x, array(2.0f), Device::cpu)));
}
