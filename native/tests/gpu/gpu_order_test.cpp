#include <doctest/doctest.h>

#include "gpu_comparison.h"
#include "gpu_test_device.h"
#include "gpu_test_values.h"

// Scans, sorts, partitions and searches on the test device against the CPU.
namespace mlx::core::gpu {
namespace {

bool runs_here() { return test_device() && tests_are_thorough(); }

const Dtype dtypes[] = {bool_,  uint8, int8,    uint16,   int16,   uint32,   int32,
                        uint64, int64, float16, bfloat16, float32, complex64};

/// Every special value of a dtype, several times and in no order.
array special_array(Dtype dtype, int count) {
  Bytes special = special_values(dtype), bytes;
  size_t width = dtype.size(), kinds = special.size() / width;
  for (size_t i = 0; i < size_t(count); ++i) {
    auto from = special.begin() + long(i * 7919 % kinds * width);
    bytes.insert(bytes.end(), from, from + long(width));
  }
  array a(allocator::malloc(bytes.size()), {count}, dtype);
  std::memcpy(a.data<char>(), bytes.data(), bytes.size());
  return a;
}

std::vector<array> orders(const array& x, int axis) {
  int kth = x.shape(axis) / 3;
  return {sort(x, axis), argsort(x, axis), partition(x, kth, axis), argpartition(x, kth, axis)};
}

}  // namespace

TEST_CASE("gpu order: sorts and partitions of every dtype") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : dtypes) {
    check_on_both(name_of(dtype) + ", special values", {special_array(dtype, 200)},
                  [](auto& in) { return orders(in[0], 0); });
    array x = some_values({3, 50, 4}, dtype, 1);
    check_on_both(name_of(dtype), {x}, [](auto& in) {
      auto results = orders(in[0], 1);
      for (auto& more : orders(transpose(flip(in[0], 1)), 0)) results.push_back(more);
      return results;
    });
  }
}

TEST_CASE("gpu order: long lines, many lines, and few elements") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {uint8, float16, float32, int64, complex64}) {
    check_on_both(name_of(dtype) + ", long", {some_values({2, 9001}, dtype, 2)},
                  [](auto& in) { return orders(in[0], 1); });
    check_on_both(name_of(dtype) + ", short", {some_values({300, 3}, dtype, 3)},
                  [](auto& in) { return orders(in[0], 1); });
    check_on_both(name_of(dtype) + ", one and none", {some_values({5, 1}, dtype, 4)}, [](auto& in) {
      auto results = orders(in[0], 1);
      results.push_back(sort(slice(in[0], {0, 0}, {0, 1}), 0));
      results.push_back(argsort(slice(in[0], {0, 0}, {5, 0}), 1));
      return results;
    });
  }
}

TEST_CASE("gpu order: very long lines are sorted digit by digit") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  // Few results: the emulator's compiler takes seconds for each kernel.
  check_on_both("uint8", {some_values({2, 16400}, uint8, 13)}, [](auto& in) {
    return std::vector<array>{sort(in[0], 1), argsort(transpose(in[0]), 0),
                              partition(in[0], 5000, 1)};
  });
  check_on_both("float16", {some_values({33000}, float16, 14)},
                [](auto& in) { return std::vector<array>{argsort(in[0], 0)}; });
  check_on_both("float32, special values", {special_array(float32, 65600)},
                [](auto& in) { return std::vector<array>{sort(in[0], 0)}; });
}

TEST_CASE("gpu order: searches") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {uint8, int32, bfloat16, float32, complex64, int64}) {
    array x = some_values({40}, dtype, 5), values = some_values({3, 2, 7}, dtype, 6);
    check_on_both(name_of(dtype), {x, values}, [](auto& in) {
      array line = sort(in[0], 0);
      return std::vector<array>{searchsorted(line, in[1]), searchsorted(line, in[1], "right"),
                                searchsorted(flip(line, 0), transpose(in[1])),
                                searchsorted(slice(line, {0}, {40}, {3}), in[1])};
    });
  }
}

TEST_CASE("gpu order: scans along any axis") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : dtypes) {
    if (dtype == bool_) continue;
    array x = some_values({3, 70, 5}, dtype, 7);
    bool is_complex = dtype == complex64, is_inexact = issubdtype(dtype, inexact);
    for (bool reverse : {false, true})
      for (bool inclusive : {false, true}) {
        auto sums = [&](auto& in) {
          return std::vector<array>{
              cumsum(in[0], 1, reverse, inclusive), cumsum(transpose(in[0]), 1, reverse, inclusive),
              cumsum(transpose(in[0], {0, 2, 1}), 2, reverse, inclusive),
              cumprod(slice(in[0], {0, 0, 0}, {3, 6, 5}), 1, reverse, inclusive)};
        };
        check_on_both(name_of(dtype) + ", sums", {x}, sums, is_inexact ? 16 : 0);
        if (is_inexact)
          check_on_both(
              name_of(dtype) + ", logarithms of sums", {x},
              [&](auto& in) {
                return std::vector<array>{
                    logcumsumexp(in[0], 1, reverse, inclusive),
                    logcumsumexp(transpose(in[0], {0, 2, 1}), 2, reverse, inclusive)};
              },
              16);
        if (!is_complex)
          check_on_both(name_of(dtype) + ", extremes", {x}, [&](auto& in) {
            return std::vector<array>{cummax(in[0], 1, reverse, inclusive),
                                      cummin(in[0], 2, reverse, inclusive),
                                      cummax(transpose(in[0], {0, 2, 1}), 2, reverse, inclusive)};
          });
      }
  }
  check_on_both("NaN", {special_array(float32, 100)}, [](auto& in) {
    return std::vector<array>{cummax(in[0], 0), cummin(in[0], 0, true),
                              cummax(in[0], 0, false, false)};
  });
}

TEST_CASE("gpu order: scans of long lines are cut into chunks") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  array x = some_values({2, 20000}, float32, 8), z = some_values({9001}, complex64, 18),
        counts = astype(some_values({30000}, int8, 9), int32),
        // Over 256 tiles, whose totals are added up together.
      many = astype(some_values({540000}, int8, 19), int64);
  check_on_both(
      "float32", {x},
      [](auto& in) {
        return std::vector<array>{cumsum(in[0], 1), cumsum(in[0], 1, true, false),
                                  cumsum(transpose(in[0]), 0), logcumsumexp(in[0], 1, true)};
      },
      // The CPU adds 20,000 numbers one after another.
      2000);
  check_on_both("int32", {counts}, [](auto& in) {
    return std::vector<array>{cumsum(in[0], 0), cumsum(in[0], 0, true, false), cummax(in[0], 0)};
  });
  check_on_both(
      "complex64", {z}, [](auto& in) { return std::vector<array>{cumsum(in[0], 0)}; }, 1000);
  check_on_both("int64", {many},
                [](auto& in) { return std::vector<array>{cumsum(in[0], 0, false, false)}; });
}

TEST_CASE("gpu order: derivatives of scans") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  array x = some_values({4, 300}, float32, 10), slopes = some_values({4, 300}, float32, 11);
  check_on_both(
      "cumprod, logcumsumexp", {x, slopes},
      [](auto& in) {
        std::vector<array> results;
        for (auto& slope :
             {vjp(
                  [](const std::vector<array>& x) {
                    return std::vector<array>{cumprod(x[0] * 0.1f + 1.0f, 1)};
                  },
                  {in[0]}, {in[1]})
                  .second[0],
              vjp(
                  [](const std::vector<array>& x) {
                    return std::vector<array>{logcumsumexp(x[0], 1)};
                  },
                  {in[0]}, {in[1]})
                  .second[0],
              vjp([](const std::vector<array>& x) { return std::vector<array>{sort(x[0], 1)}; },
                  {in[0]}, {in[1]})
                  .second[0]})
          results.push_back(slope);
        return results;
      },
      300);
}

TEST_CASE("gpu order: draws from categories") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  array logits = some_values({5, 300}, float32, 12);
  check_on_both("categorical", {logits, random::key(3)}, [](auto& in) {
    return std::vector<array>{random::categorical(in[0], 1, 40, in[1]),
                              random::categorical(in[0], 0, in[1]),
                              random::permutation(100, in[1])};
  });
}

}  // namespace mlx::core::gpu
