#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

#include "late_device.h"
#include "mlx/mlx.h"
#include "mlx/primitives.h"
#include "runtime/caching_allocator.h"
#include "runtime/gpu_memory.h"

using namespace mlx::core;
using late_gpu::late_device;
using late_gpu::OnGpu;
using late_gpu::WithGpu;

// Many random graphs on the late device; the numbers of issue J with MLX_TEST_GRAPHS=10000.
namespace {

unsigned graphs(unsigned few) {
  const char* text = std::getenv("MLX_TEST_GRAPHS");
  return text ? unsigned(std::atoi(text)) : few;
}

array numbers(int n, float first = 1) {
  array a = arange(double(first), double(first) + n, 1.0, float32, Device::cpu);
  a.eval();
  return a;
}

bool same_bits(const array& a, const array& b) {
  return array_equal(a, b, true, Device::cpu).item<bool>();
}

/// What goes wrong on purpose, and only the first time. Several streams count.
struct Failures {
  std::atomic<int> left = 0;
  std::atomic<int> happened = 0;

  void maybe_throw() {
    if (left.fetch_sub(1) != 1) return;
    ++happened;
    throw EngineError("[failing] on purpose");
  }
};

/// Hands its input on, or fails.
class Failing : public UnaryPrimitive {
 public:
  Failing(Stream stream, Failures& failures) : UnaryPrimitive(stream), failures_(failures) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override { run(inputs, output); }
  void eval_gpu(const std::vector<array>& inputs, array& output) override { run(inputs, output); }
  const char* name() const override { return "Failing"; }

 private:
  void run(const std::vector<array>& inputs, array& output) {
    failures_.maybe_throw();
    output.copy_shared_buffer(inputs[0]);
  }

  Failures& failures_;
};

/// The same graph for the same seed, wherever its nodes go.
std::vector<array> random_graph(unsigned seed, const std::vector<Stream>& streams,
                                Failures& failures) {
  std::mt19937 random(seed);
  auto pick = [&](size_t n) { return size_t(random() % n); };
  std::vector<array> values = {reshape(numbers(24), {4, 6}, Device::cpu),
                               reshape(numbers(24, -12), {4, 6}, Device::cpu)};
  for (int step = 0; step < 20; ++step) {
    Stream s = streams[pick(streams.size())];
    const array a = values[pick(values.size())], b = values[pick(values.size())];
    auto made = [&]() -> array {
      switch (pick(10)) {
        case 0:
          return add(a, b, s);
        case 1:
          return multiply(a, array(0.5f), s);
        case 2:
          return subtract(a, b, s);
        case 3:
          return maximum(a, negative(b, s), s);
        case 4:
          return reshape(transpose(reshape(a, {6, 4}, s), s), {4, 6}, s);
        case 5:
          return abs(a, s);
        case 6:
          return broadcast_to(slice(a, {1, 0}, {2, 6}, s), {4, 6}, s);
        case 7:
          return astype(astype(a, float16, s), float32, s);
        case 8:
          return array({4, 6}, float32, std::make_shared<Failing>(s, failures), {a});
        default:
          return contiguous(slice(a, {3, 5}, {-5, -7}, {-1, -1}, s), false, s);
      }
    }();
    bool forgets = pick(3) == 0;
    if (forgets && values.size() > 3) values.erase(values.begin() + long(pick(values.size())));
    values.push_back(made);
  }
  return values;
}

/// Evaluates until it succeeds; what failed is evaluated again. An error may still be on its way
/// through the other streams, and so be met more often than it happened.
void eval_stubbornly(const std::vector<array>& values) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    try {
      eval(values);
      return;
    } catch (const EngineError&) {
      if (attempt > 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  eval(values);
}

}  // namespace

TEST_CASE("gpu: random graphs with failures give the CPU's bits once evaluated again") {
  WithGpu with_gpu(100);
  std::vector<Stream> streams = {new_stream(Device::gpu), new_stream(Device::gpu),
                                 new_stream(Device::cpu)};
  std::vector<Stream> cpu(3, default_stream(Device::cpu));
  int happened = 0;
  for (unsigned seed = 0; seed < graphs(200); ++seed) {
    CAPTURE(seed);
    late_device().set_compiles_slowly(seed % 2 == 1);
    Failures none, failures{int(seed % 3), 0};
    auto values = random_graph(seed, streams, failures);
    // Memory of the host fails too now and then.
    if (seed % 5 == 0) allocator::caching_allocator().fail_allocation(int64_t(seed % 7) + 1);
    eval_stubbornly(values);
    allocator::caching_allocator().fail_allocation(0);
    auto expected = random_graph(seed, cpu, none);
    for (size_t i = 0; i < values.size(); ++i) REQUIRE(same_bits(values[i], expected[i]));
    happened += failures.happened;
  }
  late_device().set_compiles_slowly(false);
  CHECK(happened > 0);
}

TEST_CASE("gpu: 100 asynchronous evaluations are put in without waiting for the device") {
  OnGpu on_gpu(1);
  array x = numbers(1000);
  (x * 0.5f + x).eval();
  synchronize(default_stream(Device::gpu));
  late_device().set_delay(20'000);
  int64_t before = late_gpu::waits_of_this_thread();
  array y = x;
  for (int i = 0; i < 100; ++i) {
    y = y * 0.5f + x;
    async_eval(y);
  }
  CHECK(late_gpu::waits_of_this_thread() == before);
  CHECK_FALSE(y.is_available());
  late_device().set_delay(1);
  array expected = x;
  for (int i = 0; i < 100; ++i)
    expected = add(multiply(expected, array(0.5f), Device::cpu), x, Device::cpu);
  CHECK(same_bits(y, expected));
}

TEST_CASE("gpu: graphs whose buffers are donated over two queues") {
  WithGpu with_gpu(50);
  std::vector<Stream> streams = {new_stream(Device::gpu), new_stream(Device::gpu)};
  Stream cpu = default_stream(Device::cpu);
  array x = numbers(64);
  for (unsigned seed = 0; seed < graphs(200); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    // A chain whose every link overwrites the one before, while the other queue still reads it.
    array link = multiply(x, array(float(seed)), streams[0]);
    array expected_link = multiply(x, array(float(seed)), cpu);
    std::vector<array> reads, expected;
    for (int step = 0; step < 6; ++step) {
      Stream reader = streams[random() % 2], writer = streams[random() % 2];
      reads.push_back(negative(link, reader));
      expected.push_back(negative(expected_link, cpu));
      if (random() % 2) async_eval(reads.back());
      link = add(std::move(link), array(float(step)), writer);
      expected_link = add(expected_link, array(float(step)), cpu);
      if (random() % 2) async_eval(link);
    }
    reads.push_back(link);
    expected.push_back(expected_link);
    eval(reads);
    for (size_t i = 0; i < reads.size(); ++i) REQUIRE(same_bits(reads[i], expected[i]));
  }
}

TEST_CASE("gpu: memory 5 % short is waited for, then refused, and all goes on") {
  OnGpu on_gpu(500);
  array x = numbers(1 << 16);
  (x + 1.0f).eval();
  synchronize(default_stream(Device::gpu));
  collect_pending_frees();
  // A step needs three buffers beside x.
  size_t needed = gpu_memory::active() + 3 * x.nbytes();
  size_t before = set_memory_limit(needed - needed / 20);
  auto step = [&](float i) {
    array a = x + i, b = a * a;
    eval({a, b});
    return subtract(b, a);
  };
  auto run_short = [&] {
    std::vector<array> held;
    for (int i = 0; i < 10; ++i) {
      held.push_back(step(float(i)));
      held.back().eval();
    }
  };
  CHECK_THROWS_WITH_AS(run_short(), doctest::Contains("The GPU is out of memory"), EngineError);
  set_memory_limit(needed);
  for (int i = 0; i < 20; ++i) step(float(i)).eval();
  set_memory_limit(before);
  CHECK(same_bits(x * 3.0f, multiply(x, array(3.0f), Device::cpu)));
}
