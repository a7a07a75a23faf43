#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "cpu/reduce/arg_reduce.h"
#include "cpu/reduce/reduce.h"
#include "cpu/softmax/softmax.h"
#include "gpu/generate/type_name.h"
#include "gpu/reduce.h"
#include "gpu/softmax.h"
#include "gpu_test_device.h"
#include "gpu_test_values.h"

// Reductions on the test device against the CPU's.
namespace mlx::core::gpu {
namespace {

struct Layout {
  std::vector<int32_t> shape;
  std::vector<int64_t> strides;
  std::vector<int> axes;

  size_t elements() const {
    size_t reach = 1;
    for (size_t d = 0; d < shape.size(); ++d)
      reach += size_t(strides[d]) * size_t(std::max(shape[d] - 1, 0));
    return reach;
  }
  size_t results() const {
    size_t count = 1;
    for (size_t d = 0; d < shape.size(); ++d)
      if (std::find(axes.begin(), axes.end(), int(d)) == axes.end()) count *= size_t(shape[d]);
    return count;
  }
  size_t length() const {
    size_t count = 1;
    for (int axis : axes) count *= size_t(shape[size_t(axis)]);
    return count;
  }
};

/// Rows, columns, all, a middle axis, outer axes, a transposed matrix.
std::vector<Layout> layouts() {
  std::vector<Layout> all = {{{5, 1000}, {1000, 1}, {1}},
                             {{5, 7}, {7, 1}, {1}},
                             {{300, 64}, {64, 1}, {0}},
                             {{4099}, {1}, {0}},
                             {{6, 33, 40}, {1320, 40, 1}, {1}},
                             {{6, 33, 40}, {1320, 40, 1}, {0, 2}},
                             {{37, 65}, {1, 37}, {1}},
                             {{37, 65}, {1, 37}, {0}},
                             {{3, 4, 5, 6}, {120, 30, 6, 1}, {0, 1, 3}},
                             {{4, 6}, {12, 2}, {1}},
                             {{3, 1}, {1, 1}, {1}}};
  if (!tests_are_thorough()) return {all[0], all[2]};
  all.push_back({{300000}, {1}, {0}});
  all.push_back({{20000, 36}, {36, 1}, {0}});
  all.push_back({{2, 70001}, {70001, 1}, {1}});
  return all;
}

Dtype as_dtype(Dtype::Val val) { return Dtype(val, uint8_t(item_size(val))); }

bool has_device() {
  if (!test_device()) MESSAGE("no compiler for the emulator: skipped");
  return test_device() != nullptr;
}

/// The CPU's sums of float32 may be off by some roundings themselves.
void sum_in_float64(const Bytes& values, const Layout& layout, Dtype::Val in, Dtype::Val out,
                    Bytes& expected) {
  std::vector<double> wide(layout.elements()), sums(layout.results());
  for (size_t i = 0; i < wide.size(); ++i)
    wide[i] = value_of(in, values.data() + i * size_t(item_size(in)));
  cpu::reduce(cpu::ReduceOp::sum, {wide.data(), float64, layout.shape, layout.strides}, layout.axes,
              float64, sums.data());
  for (size_t i = 0; i < sums.size(); ++i) {
    auto nearest = float(sums[i]);
    auto f16 = float16_t(nearest);
    auto bf16 = bfloat16_t(nearest);
    const void* rounded = out == Dtype::Val::float32   ? static_cast<void*>(&nearest)
                          : out == Dtype::Val::float16 ? static_cast<void*>(&f16)
                                                       : &bf16;
    std::memcpy(expected.data() + i * size_t(item_size(out)), rounded, size_t(item_size(out)));
  }
}

void check(ReduceOp op, const Layout& layout, Dtype::Val in, Dtype::Val out,
           std::mt19937_64& random) {
  auto values = moderate_values(in, layout.elements(), random);
  // Products of many values overflow unless they are close to 1.
  bool is_product = op == ReduceOp::prod;
  if (in == Dtype::Val::float32 && is_product)
    for (size_t i = 0; i < layout.elements(); ++i) {
      float value = 1.0f + 0.001f * reinterpret_cast<float*>(values.data())[i];
      std::memcpy(values.data() + 4 * i, &value, 4);
    }
  auto width = size_t(item_size(out));
  Bytes expected(layout.results() * width);
  cpu::StridedInput input{values.data(), as_dtype(in), layout.shape, layout.strides};
  if (op == ReduceOp::argmax || op == ReduceOp::argmin)
    cpu::arg_reduce(op == ReduceOp::argmax ? cpu::ArgReduceOp::argmax : cpu::ArgReduceOp::argmin,
                    input, layout.axes[0], reinterpret_cast<uint32_t*>(expected.data()));
  else if (op == ReduceOp::sum && (in == Dtype::Val::float32 || is_half(in)))
    sum_in_float64(values, layout, in, out, expected);
  else
    cpu::reduce(cpu::ReduceOp(op), input, layout.axes, as_dtype(out), expected.data());

  TestMemory from(values), to(expected.size());
  TestCommands commands;
  reduce(commands, op, {from.at(), in, layout.shape, layout.strides}, layout.axes, out, to.at());
  if (!commands.finish()) return;
  auto got = to.values<char>(expected.size());
  bool is_inexact = (op == ReduceOp::sum || is_product) &&
                    (in == Dtype::Val::float32 || in == Dtype::Val::complex64 || is_half(in));
  for (size_t i = 0; i < layout.results(); ++i) {
    double off = distance(out, expected.data() + i * width, got.data() + i * width);
    // Sums are exact but for the last rounding; a product has one rounding for each factor.
    double limit = !is_inexact ? 0 : is_product ? 2.0 * double(layout.length()) + 1 : 1;
    if (in == Dtype::Val::complex64 && is_inexact && !is_product) limit = 16;
    INFO("reduction ", int(op), " of ", name_of(in), " to ", name_of(out), ", result ", i, " of ",
         layout.results(), " over ", layout.length(), ": ", describe(out, got.data() + i * width),
         ", expected ", describe(out, expected.data() + i * width));
    REQUIRE(off <= limit);
  }
}

}  // namespace

TEST_CASE("gpu reduce: every operation, dtype and layout as on the CPU") {
  if (!has_device()) return;
  std::mt19937_64 random(5);
  std::vector<Dtype::Val> dtypes(std::begin(gpu_dtypes), std::end(gpu_dtypes));
  if (!tests_are_thorough()) dtypes = {Dtype::Val::float32};
  for (auto& layout : layouts()) {
    for (size_t number = 0; number < dtypes.size(); ++number) {
      if (!in_shard(number)) continue;
      auto dtype = dtypes[number];
      bool is_small = dtype != Dtype::Val::float32 && !is_half(dtype) &&
                      dtype != Dtype::Val::complex64 && item_size(dtype) < 4;
      auto sum_dtype = is_small ? Dtype::Val::int32 : dtype;
      check(ReduceOp::sum, layout, dtype, sum_dtype, random);
      if (is_half(dtype)) check(ReduceOp::sum, layout, dtype, Dtype::Val::float32, random);
      if (!tests_are_thorough()) continue;
      check(ReduceOp::max, layout, dtype, dtype, random);
      check(ReduceOp::all, layout, dtype, Dtype::Val::bool_, random);
      if (!is_half(dtype) && dtype != Dtype::Val::complex64 && layout.length() < 5000)
        check(ReduceOp::prod, layout, dtype, sum_dtype, random);
      check(ReduceOp::min, layout, dtype, dtype, random);
      check(ReduceOp::any, layout, dtype, Dtype::Val::bool_, random);
      if (layout.axes.size() > 1) continue;
      check(ReduceOp::argmax, layout, dtype, Dtype::Val::uint32, random);
      check(ReduceOp::argmin, layout, dtype, Dtype::Val::uint32, random);
    }
  }
}

TEST_CASE("gpu softmax: rows of all lengths as on the CPU") {
  if (!has_device()) return;
  std::mt19937_64 random(6);
  std::vector<int64_t> lengths = {257};
  if (tests_are_thorough()) lengths = {1, 2, 10, 31, 64, 257, 512, 1000, 4096, 16384, 17000, 70001};
  for (auto dtype : {Dtype::Val::float32, Dtype::Val::float16, Dtype::Val::bfloat16}) {
    if (!tests_are_thorough() && dtype != Dtype::Val::float32) continue;
    for (int64_t columns : lengths) {
      const int64_t rows = 9;
      auto values = moderate_values(dtype, size_t(rows * columns), random);
      auto width = size_t(item_size(dtype));
      Bytes expected(values.size()), sums(size_t(rows) * width);
      cpu::softmax(as_dtype(dtype), values.data(), size_t(rows), size_t(columns), expected.data());
      cpu::logsumexp(as_dtype(dtype), values.data(), size_t(rows), size_t(columns), sums.data());
      TestMemory from(values), to(values.size()), logs(sums.size());
      TestCommands commands;
      softmax(commands, dtype, from.at(), rows, columns, to.at());
      logsumexp(commands, dtype, from.at(), rows, columns, logs.at());
      if (!commands.finish()) continue;
      auto got = to.values<char>(values.size());
      auto got_sums = logs.values<char>(sums.size());
      INFO(name_of(dtype), ", rows of ", columns);
      double worst = 0, worst_sum = 0;
      for (size_t i = 0; i < values.size(); i += width)
        worst = std::max(worst, distance(dtype, expected.data() + i, got.data() + i));
      for (size_t i = 0; i < sums.size(); i += width)
        worst_sum = std::max(worst_sum, distance(dtype, sums.data() + i, got_sums.data() + i));
      // The exponentials, their sum and the scale have a rounding each.
      CHECK(worst <= (is_half(dtype) ? 1 : 8));
      CHECK(worst_sum <= (is_half(dtype) ? 1 : 8));
    }
  }
}

TEST_CASE("gpu softmax: infinities and NaN") {
  if (!has_device()) return;
  const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  std::vector<float> values = {-inf, -inf, -inf, 1, inf, 2, 0, -inf, 0, nan, 1, 2};
  std::vector<float> expected(12), sums(4);
  cpu::softmax(float32, values.data(), 4, 3, expected.data());
  cpu::logsumexp(float32, values.data(), 4, 3, sums.data());
  TestMemory from(values), to(48), logs(16);
  TestCommands commands;
  softmax(commands, Dtype::Val::float32, from.at(), 4, 3, to.at());
  logsumexp(commands, Dtype::Val::float32, from.at(), 4, 3, logs.at());
  if (!commands.finish()) return;
  auto got = to.values<float>(12), got_sums = logs.values<float>(4);
  for (size_t i = 0; i < 12; ++i) {
    INFO("element ", i, ": ", got[i], ", expected ", expected[i]);
    // What a row with +inf gives is NaN on both, where its other elements are left to the formula.
    if (i / 3 != 1) CHECK((std::isnan(got[i]) ? std::isnan(expected[i]) : got[i] == expected[i]));
  }
  for (size_t i = 0; i < 4; ++i) {
    INFO("row ", i);
    CHECK((std::isnan(got_sums[i])
               ? std::isnan(sums[i])
               : std::abs(got_sums[i] - sums[i]) <= 1e-6f || got_sums[i] == sums[i]));
  }
}

}  // namespace mlx::core::gpu
