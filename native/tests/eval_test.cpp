#include <doctest/doctest.h>

#include <thread>

#include "evaluation/fusion.h"
#include "mlx/mlx.h"
#include "mlx/primitives.h"

using namespace mlx::core;

namespace {

/// Adds one, or fails while `broken` is set.
class Fallible : public UnaryPrimitive {
 public:
  Fallible(Stream stream, bool* broken) : UnaryPrimitive(stream), broken_(broken) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override {
    if (*broken_) throw EngineError("[fallible] broken");
    output.set_data(allocator::malloc(output.nbytes()));
    for (size_t i = 0; i < output.size(); ++i)
      output.data<float>()[i] = inputs[0].data<float>()[i] + 1;
  }
  const char* name() const override { return "Fallible"; }

 private:
  bool* broken_;
};

array fallible(const array& a, bool* broken, Stream stream = default_stream(Device::cpu)) {
  return array(a.shape(), a.dtype(), std::make_shared<Fallible>(stream, broken), {a});
}

/// Counts how often it runs.
class Counting : public UnaryPrimitive {
 public:
  Counting(Stream stream, int* count) : UnaryPrimitive(stream), count_(count) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override {
    ++*count_;
    output.copy_shared_buffer(inputs[0]);
  }
  const char* name() const override { return "Counting"; }

 private:
  int* count_;
};

struct WithoutFusion {
  WithoutFusion() { set_fusion_enabled(false); }
  ~WithoutFusion() { set_fusion_enabled(true); }
};

bool same_bits(const array& a, const array& b) { return array_equal(a, b, true).item<bool>(); }

}  // namespace

TEST_CASE("an error leaves the graph to be evaluated again") {
  bool broken = true;
  array x = full({3}, 1.0f);
  array y = fallible(x * 2.0f, &broken);
  array z = y + x;
  CHECK_THROWS_WITH_AS(eval(z), "[fallible] broken", EngineError);
  CHECK_THROWS_AS(eval(z), EngineError);
  broken = false;
  CHECK(sum(z).item<float>() == 12.0f);
}

TEST_CASE("an error on another thread reaches who waits") {
  bool broken = true;
  Stream other = new_stream(Device::cpu);
  array y = fallible(full({1 << 16}, 1.0f), &broken, other);
  async_eval(y);
  array z = y + array(1.0f);
  CHECK_THROWS_AS(eval(z), EngineError);
  broken = false;
  CHECK(max(z).item<float>() == 3.0f);
}

TEST_CASE("streams wait for each other's results and nothing else") {
  Stream a = new_stream(Device::cpu), b = new_stream(Device::cpu);
  array x = arange(0.0, 1000.0, 1.0, float32, a);
  // Back and forth: each side waits for the other's last step.
  for (int i = 0; i < 50; ++i) {
    x = add(x, array(1.0f), b);
    x = sum(reshape(multiply(x, array(1.0f), a), {1000, 1}, a), 1, false, a);
  }
  async_eval(x);
  CHECK(x.shape() == Shape{1000});
  CHECK(max(x).item<float>() == 1049.0f);
}

TEST_CASE("a value that two consumers need is computed once") {
  int count = 0;
  array x = full({4}, 2.0f);
  array counted(x.shape(), x.dtype(),
                std::make_shared<Counting>(default_stream(Device::cpu), &count), {x});
  array y = exp(counted) + log(counted);
  eval(y, sum(counted));
  CHECK(count == 1);
  counted.eval();
  CHECK(count == 1);
}

TEST_CASE("a held intermediate is stored by the pass that computes it") {
  array x = full({5}, 3.0f) + array(0.0f);
  array held = exp(x);
  array y = (held + x) * held;
  eval(y);
  CHECK(held.status() == array::available);
  CHECK_FALSE(held.has_primitive());
}

TEST_CASE("fused equals unfused to the bit, whatever is held and shared") {
  random::seed(7);
  uint64_t state = 42;
  auto next = [&](uint64_t n) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 33) % n;
  };
  for (int round = 0; round < 60; ++round) {
    std::vector<int> choices;
    for (int i = 0; i < 40; ++i) choices.push_back(int(next(1 << 20)));
    array a = random::normal({7, 33}), b = random::normal({33}), c = random::normal({33, 7});
    eval(a, b, c);
    auto build = [&](std::vector<array>& kept) {
      std::vector<array> values{a, b, transpose(c), a * b};
      auto parts = split(a + b, 3, 1);
      values.insert(values.end(), {parts[0] * parts[2], parts[1]});
      for (auto& value : values)
        if (value.shape(-1) != 33) value = concatenate({value, value, value}, -1);
      for (int choice : choices) {
        array x = values[size_t(choice) % values.size()];
        array y = values[size_t(choice / 97) % values.size()];
        switch (choice % 8) {
          case 0:
            values.push_back(x + y);
            break;
          case 1:
            values.push_back(x * y);
            break;
          case 2:
            values.push_back(tanh(x));
            break;
          case 3:
            values.push_back(maximum(x, y));
            break;
          case 4:
            values.push_back(where(x > y, x, y - x));
            break;
          case 5:
            values.push_back(astype(astype(x, float16), float32));
            break;
          case 6:
            values.push_back(x - mean(y));
            break;
          default:
            values.push_back(sigmoid(x));
            break;
        }
        if (choice % 5 == 0) kept.push_back(values.back());
      }
      kept.push_back(values.back());
    };
    std::vector<array> fused, plain;
    build(fused);
    eval(fused);
    {
      WithoutFusion off;
      build(plain);
      eval(plain);
    }
    for (size_t i = 0; i < fused.size(); ++i) REQUIRE(same_bits(fused[i], plain[i]));
  }
}

TEST_CASE("the outputs of one primitive are told apart by a pass that reads several") {
  array x = arange(120.0f) + array(1.0f);
  auto parts = split(x, 60);
  array sum = parts[0] * sigmoid(parts[1]);
  for (size_t i = 2; i < parts.size(); ++i) sum = sum + parts[i] * float(i);
  double expected = 0;
  for (int i = 2; i < 60; ++i) expected += double(2 * i + 1) * i;
  expected += 1 / (1 + std::exp(-3.0));
  CHECK(slice(sum, {0}, {1}).item<float>() == doctest::Approx(expected));
}

TEST_CASE("chains longer than a program are cut") {
  array x = full({3}, 0.0f) + array(0.0f);
  array y = x;
  for (int i = 0; i < 500; ++i) y = y + array(float(i % 7));
  array wide = x;
  for (int i = 0; i < 100; ++i) wide = wide + full({3}, float(i)) * array({1.0f, 2.0f, 3.0f});
  eval(y, wide);
  float expected = 0;
  for (int i = 0; i < 500; ++i) expected += float(i % 7);
  CHECK(max(y).item<float>() == expected);
  CHECK(max(wide).item<float>() == 3 * 4950.0f);
}

TEST_CASE("placeholders of a trace can't be evaluated") {
  auto peek = [](const array& x) {
    array y = x + x;
    y.eval();
    return y;
  };
  CHECK_THROWS_AS(vmap(peek)(ones({3})), std::invalid_argument);
  CHECK(grad([&](const array& x) { return sum(peek(x)); })(ones({3})).shape() == Shape{3});
}

TEST_CASE("values looked at inside a gradient keep their graph until it ends") {
  array kept = array(0.0f);
  auto f = [&](const array& x) {
    array y = x * x;
    kept = y;
    // The branch taken depends on the value.
    return y.item<float>() > 1 ? y * x : y;
  };
  CHECK(grad(f)(array(2.0f)).item<float>() == 12.0f);
  CHECK(grad(f)(array(0.5f)).item<float>() == 1.0f);
  CHECK_FALSE(kept.has_primitive());
}

TEST_CASE("many threads evaluate what they share") {
  array x = full({1000}, 1.0f);
  array y = x;
  for (int i = 0; i < 10; ++i) y = y + x;
  std::vector<std::thread> threads;
  std::vector<float> results(8);
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] { results[t] = sum(y + array(float(t))).item<float>(); });
  for (auto& thread : threads) thread.join();
  for (int t = 0; t < 8; ++t) CHECK(results[t] == 1000.0f * float(11 + t));
}
