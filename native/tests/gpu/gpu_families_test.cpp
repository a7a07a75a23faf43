#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "cpu/conv/conv.h"
#include "cpu/copy/copy.h"
#include "cpu/copy/fill.h"
#include "cpu/index/gather.h"
#include "cpu/index/scatter.h"
#include "cpu/matmul/gemm.h"
#include "cpu/random/random_bits.h"
#include "gpu/conv.h"
#include "gpu/copy.h"
#include "gpu/generate/type_name.h"
#include "gpu/indexing.h"
#include "gpu/matmul.h"
#include "gpu/random.h"
#include "gpu_test_device.h"
#include "gpu_test_values.h"

// Random bits, gather, scatter, products and convolutions on the test device against the CPU's.
namespace mlx::core::gpu {
namespace {

using Shape = std::vector<int32_t>;
using Strides = std::vector<int64_t>;

Dtype as_dtype(Dtype::Val val) { return Dtype(val, uint8_t(item_size(val))); }

bool runs_here() { return test_device() && tests_are_thorough(); }

size_t volume(const Shape& shape) {
  size_t size = 1;
  for (auto n : shape) size *= size_t(n);
  return size;
}

Strides row_major(const Shape& shape) {
  Strides strides(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) strides[d] = stride;
  return strides;
}

/// The largest difference of any element, in units of 2^-24 (or the half type's) of the sum of
/// magnitudes `scale`.
double worst_relative(Dtype::Val dtype, const Bytes& expected, const Bytes& got, double scale) {
  double unit = dtype == Dtype::Val::float16    ? 0x1p-11
                : dtype == Dtype::Val::bfloat16 ? 0x1p-8
                                                : 0x1p-24;
  double worst = 0;
  auto width = size_t(item_size(dtype));
  for (size_t i = 0; i < expected.size(); i += width) {
    double off = std::abs(value_of(dtype, &expected[i]) - value_of(dtype, &got[i]));
    worst = std::max(worst, std::isnan(off) ? 1e30 : off / (unit * scale));
  }
  return worst;
}

bool is_exact(Dtype::Val dtype) {
  return dtype != Dtype::Val::float32 && dtype != Dtype::Val::complex64 && !is_half(dtype);
}

Bytes indices_of(Dtype::Val dtype, size_t count, int size, std::mt19937_64& random) {
  Bytes bytes(count * size_t(item_size(dtype)));
  for (size_t i = 0; i < count; ++i) {
    auto index = int64_t(random() % uint64_t(size));
    if (dtype == Dtype::Val::int32) {
      if (random() % 2) index -= size;
      auto narrow = int32_t(index);
      std::memcpy(&bytes[4 * i], &narrow, 4);
    } else {
      std::memcpy(&bytes[i * size_t(item_size(dtype))], &index, size_t(item_size(dtype)));
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("gpu copy: transposed, strided into a part of a result, filled") {
  if (!runs_here()) return;
  std::mt19937_64 random(10);
  for (auto dtype :
       {Dtype::Val::int8, Dtype::Val::float16, Dtype::Val::float32, Dtype::Val::complex64}) {
    auto width = size_t(item_size(dtype));
    struct Layout {
      Shape shape;
      Strides from, to;
    };
    const Layout layouts[] = {
        {{70, 45}, {1, 70}, {45, 1}},
        {{3, 40, 33}, {1320, 1, 40}, {1320, 33, 1}},
        {{33, 3, 40}, {1, 1320, 33}, {200, 64, 1}},
        {{5, 6}, {6, 1}, {20, 2}},
        {{12}, {-1}, {1}},
        {{64, 64}, {64, 1}, {64, 1}},
    };
    for (auto& each : layouts) {
      size_t base = each.from[0] < 0 ? 11 : 0;
      auto values = random_values(dtype, 7000, random);
      Bytes expected(7000 * width, char(0xff));
      cpu::copy_strided(width, each.shape, values.data() + base * width, each.from, expected.data(),
                        each.to);
      TestMemory from(values), to(expected.size());
      TestCommands commands;
      copy(commands, {from.at(base * width), dtype, each.shape, each.from}, dtype, to.at(),
           each.to);
      if (!commands.finish()) continue;
      INFO(name_of(dtype), ", ", each.shape.size(), " dimensions of ", each.shape[0]);
      CHECK(to.values<char>(expected.size()) == expected);
    }
    TestMemory filled(100 * width);
    auto value = random_values(dtype, 1, random);
    Shape shape = {100};
    Strides one = {1};
    TestCommands commands;
    fill(commands, dtype, value.data(), filled.at(), shape, one);
    if (!commands.finish()) continue;
    auto got = filled.values<char>(100 * width);
    for (size_t i = 0; i < 100; ++i) CHECK(std::memcmp(&got[i * width], value.data(), width) == 0);
  }
}

TEST_CASE("gpu arange: every dtype") {
  if (!runs_here()) return;
  for (auto dtype : gpu_dtypes) {
    if (dtype == Dtype::Val::bool_) continue;
    for (auto [start, step] : {std::pair(0.0, 1.0), {-3.7, 0.1}, {1e9, -1234567.0}, {0.1, 1e-3}}) {
      Bytes expected(1000 * size_t(item_size(dtype)));
      cpu::arange(as_dtype(dtype), start, step, 1000, expected.data());
      TestMemory to(expected.size());
      TestCommands commands;
      arange(commands, dtype, start, step, 1000, to.at());
      if (!commands.finish()) continue;
      INFO(name_of(dtype), " from ", start, " by ", step);
      CHECK(to.values<char>(expected.size()) == expected);
    }
  }
}

TEST_CASE("gpu random: Threefry gives the CPU's bits") {
  if (!runs_here()) return;
  std::mt19937_64 random(11);
  for (size_t keys : {1, 3})
    for (size_t bytes : {1, 3, 4, 8, 20, 1001, 4096}) {
      auto key = random_values(Dtype::Val::uint32, 2 * keys, random);
      Bytes expected(keys * bytes);
      cpu::random_bits(reinterpret_cast<uint32_t*>(key.data()), keys, bytes, expected.data());
      TestMemory from(key), to(expected.size());
      TestCommands commands;
      random_bits(commands, {from.at(), int64_t(keys)}, int64_t(bytes), to.at());
      if (!commands.finish()) continue;
      INFO(keys, " keys of ", bytes);
      CHECK(to.values<char>(expected.size()) == expected);
    }
}

TEST_CASE("gpu gather: slices and single elements, any index dtype") {
  if (!runs_here()) return;
  std::mt19937_64 random(12);
  Shape shape = {19, 6, 24}, index_shape = {5, 7};
  auto strides = row_major(shape);
  for (auto dtype :
       {Dtype::Val::float32, Dtype::Val::bfloat16, Dtype::Val::int8, Dtype::Val::complex64}) {
    auto values = random_values(dtype, volume(shape), random);
    TestMemory from(values);
    for (auto index_dtype : {Dtype::Val::int32, Dtype::Val::uint32, Dtype::Val::uint8}) {
      for (auto& axes : {std::vector<int>{0}, {0, 1}, {2}}) {
        std::vector<Bytes> indices;
        std::vector<std::unique_ptr<TestMemory>> memory;
        std::vector<cpu::StridedInput> on_cpu;
        std::vector<StridedPlace> on_gpu;
        auto index_strides = row_major(index_shape);
        Shape slices = shape;
        for (int axis : axes) {
          slices[size_t(axis)] = 1;
          indices.push_back(indices_of(index_dtype, 35, shape[size_t(axis)], random));
          memory.push_back(std::make_unique<TestMemory>(indices.back()));
        }
        for (size_t k = 0; k < axes.size(); ++k) {
          on_cpu.push_back({indices[k].data(), as_dtype(index_dtype), index_shape, index_strides});
          on_gpu.push_back({memory[k]->at(), index_dtype, index_shape, index_strides});
        }
        Bytes expected(35 * volume(slices) * size_t(item_size(dtype)));
        cpu::gather({values.data(), as_dtype(dtype), shape, strides}, on_cpu, axes, slices,
                    expected.data());
        TestMemory to(expected.size());
        TestCommands commands;
        gather(commands, {from.at(), dtype, shape, strides}, on_gpu, axes, slices, to.at());
        if (!commands.finish()) continue;
        INFO(name_of(dtype), " by ", name_of(index_dtype), " along ", axes.size(), " axes");
        CHECK(to.values<char>(expected.size()) == expected);
      }
    }
  }
}

TEST_CASE("gpu gather along an axis, and indices out of range") {
  if (!runs_here()) return;
  std::mt19937_64 random(13);
  Shape shape = {4, 9, 5}, index_shape = {4, 3, 5};
  auto strides = row_major(shape), index_strides = row_major(index_shape);
  auto values = random_values(Dtype::Val::float32, volume(shape), random);
  auto indices = indices_of(Dtype::Val::int32, 60, 9, random);
  Bytes expected(240);
  cpu::gather_axis({values.data(), float32, shape, strides},
                   {indices.data(), int32, index_shape, index_strides}, 1, expected.data());
  TestMemory from(values), index(indices), to(240);
  TestCommands commands;
  gather_axis(commands, {from.at(), Dtype::Val::float32, shape, strides},
              {index.at(), Dtype::Val::int32, index_shape, index_strides}, 1, to.at());
  if (!commands.finish()) return;
  CHECK(to.values<char>(240) == expected);

  // Clamped to the nearest element.
  std::vector<int32_t> far = {100, -100};
  std::vector<float> line = {1, 2, 3};
  TestMemory line_memory(line), far_memory(far), out(8);
  Shape line_shape = {3}, far_shape = {2}, one_shape = {1};
  Strides one = {1};
  StridedPlace far_place{far_memory.at(), Dtype::Val::int32, far_shape, one};
  int axis = 0;
  gather(commands, {line_memory.at(), Dtype::Val::float32, line_shape, one}, {&far_place, 1},
         {&axis, 1}, one_shape, out.at());
  if (!commands.finish()) return;
  CHECK(out.values<float>(2) == std::vector<float>{3, 1});
}

TEST_CASE("gpu scatter: every mode and dtype") {
  if (!runs_here()) return;
  std::mt19937_64 random(14);
  Shape shape = {13, 6}, index_shape = {40}, update_shape = {40, 1, 6};
  auto strides = row_major(shape), index_strides = row_major(index_shape),
       update_strides = row_major(update_shape);
  std::vector<int> axes = {0};
  for (auto dtype : gpu_dtypes) {
    for (auto mode : {ScatterMode::none, ScatterMode::sum, ScatterMode::prod, ScatterMode::max,
                      ScatterMode::min}) {
      auto values = moderate_values(dtype, volume(shape), random);
      auto updates = moderate_values(dtype, volume(update_shape), random);
      auto indices = indices_of(Dtype::Val::int32, 40, 13, random);
      if (mode == ScatterMode::none)
        // Of equal indices any may win: give equal ones equal updates.
        for (size_t i = 0; i < updates.size(); i += size_t(item_size(dtype)))
          std::memcpy(&updates[i], updates.data(), size_t(item_size(dtype)));
      TestMemory to(values), from(updates), index(indices);
      cpu::scatter(
          cpu::ScatterMode(mode), {values.data(), as_dtype(dtype), shape, strides},
          std::vector<cpu::StridedInput>{{indices.data(), int32, index_shape, index_strides}}, axes,
          {updates.data(), as_dtype(dtype), update_shape, update_strides});
      TestCommands commands;
      StridedPlace index_place{index.at(), Dtype::Val::int32, index_shape, index_strides};
      scatter(commands, mode, {to.at(), dtype, shape, strides}, {&index_place, 1}, axes,
              {from.at(), dtype, update_shape, update_strides}, OutOfRange::dropped);
      if (!commands.finish()) continue;
      auto got = to.values<char>(values.size());
      INFO(name_of(dtype), ", mode ", int(mode));
      bool is_ordered = is_exact(dtype) || mode == ScatterMode::none || mode == ScatterMode::max ||
                        mode == ScatterMode::min;
      if (is_ordered) {
        CHECK(got == values);
      } else {
        // A dozen roundings in another order, of values that grow with the products.
        double largest = 1;
        for (size_t i = 0; i < values.size(); i += size_t(item_size(dtype)))
          largest = std::max(largest, std::abs(value_of(dtype, &values[i])));
        CHECK(worst_relative(dtype, values, got, 16 * largest + 100) <= 4);
      }
    }
  }
}

namespace {

void check_matmul(Dtype::Val dtype, int64_t m, int64_t n, int64_t k, const Shape& batch,
                  bool a_turned, bool b_turned, bool has_c, bool by_tiles,
                  std::mt19937_64& random) {
  auto count = volume(batch);
  auto a = moderate_values(dtype, count * size_t(m * k), random);
  auto b = moderate_values(dtype, count * size_t(k * n), random);
  auto c = moderate_values(dtype, size_t(n), random);
  auto steps = [&](int64_t size) {
    Strides strides(batch.size());
    for (size_t d = batch.size(); d-- > 0; size *= batch[d]) strides[d] = size;
    return strides;
  };
  auto a_steps = steps(m * k), b_steps = steps(k * n);
  Strides c_steps(batch.size());
  int64_t a_row = a_turned ? 1 : k, a_column = a_turned ? m : 1;
  int64_t b_row = b_turned ? 1 : n, b_column = b_turned ? k : 1;
  float alpha = has_c ? 0.5f : 1.0f, beta = has_c ? 2.0f : 1.0f;
  if (is_exact(dtype)) alpha = beta = 1;
  Bytes expected(count * size_t(m * n) * size_t(item_size(dtype)));
  cpu::GemmArgs on_cpu{
      .dtype = as_dtype(dtype), .m = m, .n = n, .k = k, .batch_shape = batch, .a = {}, .b = {}};
  on_cpu.a = {a.data(), a_row, a_column, a_steps};
  on_cpu.b = {b.data(), b_row, b_column, b_steps};
  if (has_c) on_cpu.c = {c.data(), 0, 1, c_steps};
  on_cpu.d = expected.data();
  on_cpu.d_row_stride = n;
  on_cpu.alpha = alpha;
  on_cpu.beta = beta;
  cpu::gemm(on_cpu);
  TestMemory a_memory(a), b_memory(b), c_memory(c), d_memory(expected.size());
  MatmulArgs args{};
  args.dtype = dtype;
  args.m = m;
  args.n = n;
  args.k = k;
  args.batch_shape = batch;
  args.a = {a_memory.at(), a_row, a_column, a_steps};
  args.b = {b_memory.at(), b_row, b_column, b_steps};
  if (has_c) args.c = {c_memory.at(), 0, 1, c_steps};
  args.d = d_memory.at();
  args.alpha = alpha;
  args.beta = beta;
  TestCommands commands;
  if (by_tiles)
    matmul_by_tiles(commands, args);
  else
    matmul(commands, args);
  if (!commands.finish()) return;
  auto got = d_memory.values<char>(expected.size());
  INFO(name_of(dtype), " ", m, "x", k, " by ", k, "x", n, ", batch ", count,
       std::string(by_tiles ? ", tiles" : ""));
  if (is_exact(dtype))
    CHECK(got == expected);
  else
    // Relative to the sum of magnitudes: values are up to 4, and 6 where they are complex.
    CHECK(worst_relative(dtype, expected, got,
                         (is_half(dtype)                   ? 8.0
                          : dtype == Dtype::Val::complex64 ? 64.0
                                                           : 16.0) *
                             double(k + 1)) <= 1);
}

}  // namespace

TEST_CASE("gpu matmul: shapes, transposes, batches, addends") {
  if (!runs_here()) return;
  std::mt19937_64 random(15);
  for (bool by_tiles : {true, false}) {
    for (auto dtype : gpu_dtypes) {
      check_matmul(dtype, 33, 47, 29, {}, false, false, false, by_tiles, random);
      check_matmul(dtype, 64, 64, 64, {2, 3}, true, false, false, by_tiles, random);
    }
    for (auto dtype : {Dtype::Val::float32, Dtype::Val::bfloat16}) {
      check_matmul(dtype, 1, 100, 50, {}, false, true, false, by_tiles, random);
      check_matmul(dtype, 100, 1, 50, {}, true, true, false, by_tiles, random);
      check_matmul(dtype, 65, 130, 17, {2}, false, true, true, by_tiles, random);
      check_matmul(dtype, 128, 128, 1, {}, false, false, true, by_tiles, random);
      check_matmul(dtype, 257, 129, 300, {}, true, true, false, by_tiles, random);
    }
    // Whole packs of half types, over several tiles and parts of the inner dimension.
    for (auto dtype : {Dtype::Val::float16, Dtype::Val::bfloat16})
      for (bool a_transposed : {false, true})
        for (bool b_transposed : {false, true})
          check_matmul(dtype, 136, 144, 104, {}, a_transposed, b_transposed, false, by_tiles,
                       random);
  }
}

TEST_CASE("gpu matmul: large products of half types") {
  // For cards' own kernels: the emulator has none, and would take hours.
  if (!runs_here() || !test_is_on_card()) return;
  std::mt19937_64 random(18);
  for (auto dtype : {Dtype::Val::float16, Dtype::Val::bfloat16})
    for (bool a_transposed : {false, true})
      for (bool b_transposed : {false, true}) {
        auto check = [&](int64_t m, int64_t n, int64_t k, Shape batch, bool has_c) {
          check_matmul(dtype, m, n, k, std::move(batch), a_transposed, b_transposed, has_c, false,
                       random);
        };
        check(512, 512, 512, {}, false);
        check(328, 520, 1000, {}, true);
        check(1160, 72, 1024, {}, false);
        check(264, 296, 400, {3}, false);
      }
}

TEST_CASE("gpu conv: forward and weight gradient, one to three dimensions") {
  if (!runs_here()) return;
  std::mt19937_64 random(16);
  struct Case {
    Shape input, weight, output;
    std::vector<int> stride, padding, kernel_dilation, input_dilation;
    int groups;
    bool flip;
  };
  const Case cases[] = {
      {{2, 9, 4}, {6, 3, 4}, {2, 7, 6}, {1}, {0}, {1}, {1}, 1, false},
      {{3, 12, 10, 3}, {8, 3, 5, 3}, {3, 6, 10, 8}, {2, 1}, {1, 2}, {1, 1}, {1, 1}, 1, false},
      {{2, 8, 8, 6}, {4, 3, 3, 3}, {2, 4, 4, 4}, {1, 1}, {0, 0}, {2, 2}, {1, 1}, 2, true},
      {{1, 5, 5, 2}, {3, 3, 3, 2}, {1, 9, 9, 3}, {1, 1}, {1, 1}, {1, 1}, {2, 2}, 1, false},
      {{1, 4, 5, 6, 2},
       {2, 2, 2, 2, 2},
       {1, 3, 4, 5, 2},
       {1, 1, 1},
       {0, 0, 0},
       {1, 1, 1},
       {1, 1, 1},
       1,
       false},
  };
  for (auto dtype : {Dtype::Val::float32, Dtype::Val::float16}) {
    for (auto& each : cases) {
      auto input = moderate_values(dtype, volume(each.input), random);
      auto weight = moderate_values(dtype, volume(each.weight), random);
      auto cotangent = moderate_values(dtype, volume(each.output), random);
      auto in_strides = row_major(each.input), weight_strides = row_major(each.weight),
           out_strides = row_major(each.output);
      auto width = size_t(item_size(dtype));
      Bytes expected(volume(each.output) * width), gradient(volume(each.weight) * width);
      auto d = as_dtype(dtype);
      cpu::ConvGeometry on_cpu{each.stride,         each.padding, each.kernel_dilation,
                               each.input_dilation, each.groups,  each.flip};
      cpu::conv_forward({input.data(), d, each.input, in_strides},
                        {weight.data(), d, each.weight, weight_strides}, on_cpu,
                        {expected.data(), d, each.output, out_strides});
      cpu::conv_weight_gradient({input.data(), d, each.input, in_strides},
                                {cotangent.data(), d, each.output, out_strides}, on_cpu,
                                {gradient.data(), d, each.weight, weight_strides});
      TestMemory in(input), kernel(weight), outer(cotangent), out(expected.size()),
          grad(gradient.size());
      ConvGeometry geometry{each.stride,         each.padding, each.kernel_dilation,
                            each.input_dilation, each.groups,  each.flip};
      TestCommands commands;
      conv_forward(commands, {in.at(), dtype, each.input, in_strides},
                   {kernel.at(), dtype, each.weight, weight_strides}, geometry, each.output,
                   out.at());
      conv_weight_gradient(commands, {in.at(), dtype, each.input, in_strides},
                           {outer.at(), dtype, each.output, out_strides}, geometry, each.weight,
                           grad.at());
      if (!commands.finish()) continue;
      INFO(name_of(dtype), ", ", each.input.size() - 2, " dimensions, groups ", each.groups);
      double terms = double(volume(each.weight)) / each.weight[0];
      double rows = double(volume(each.output)) / each.output.back();
      CHECK(worst_relative(dtype, expected, out.values<char>(expected.size()), 16 * terms) <= 1);
      CHECK(worst_relative(dtype, gradient, grad.values<char>(gradient.size()), 16 * rows) <= 1);
    }
  }
}

}  // namespace mlx::core::gpu
