#pragma once

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "array/dtype_table.h"
#include "mlx/mlx.h"

// What no sensible caller passes, for tests that show that the engine lives through it.
namespace hostile {

using namespace mlx::core;
using Random = std::mt19937_64;

inline int below(Random& random, int n) { return int(random() % uint64_t(n)); }

template <typename T>
T pick(Random& random, const std::vector<T>& pool) {
  return pool[random() % pool.size()];
}

inline const std::vector<Dtype> integer_dtypes{int8,  int16,  int32,  int64,
                                               uint8, uint16, uint32, uint64};
inline const std::vector<Dtype> floating_dtypes{float16, bfloat16, float32, float64};

template <typename T>
T hostile_integer(Random& random) {
  using Limits = std::numeric_limits<T>;
  // Shift counts around every width are among them.
  static const std::vector<T> pool{Limits::min(), T(Limits::min() + 1),
                                   Limits::max(), T(-1),
                                   T(0),          T(1),
                                   T(2),          T(7),
                                   T(8),          T(31),
                                   T(32),         T(63),
                                   T(64),         T(-64)};
  return below(random, 4) == 0 ? T(random()) : pick(random, pool);
}

inline double hostile_number(Random& random) {
  using Limits = std::numeric_limits<double>;
  static const std::vector<double> pool{Limits::quiet_NaN(),
                                        Limits::infinity(),
                                        -Limits::infinity(),
                                        0.0,
                                        -0.0,
                                        1e30,
                                        -1e30,
                                        Limits::max(),
                                        Limits::lowest(),
                                        Limits::denorm_min(),
                                        1e-40,
                                        0x1p31,
                                        -0x1p31,
                                        0x1p63,
                                        -0x1p63,
                                        0x1p64,
                                        255.9,
                                        -128.9,
                                        0.5,
                                        -1.0};
  return below(random, 4) == 0 ? double(int64_t(random())) * 0x1p-60 : pick(random, pool);
}

template <typename T, typename Draw>
array array_of(const Shape& shape, Dtype dtype, Draw draw) {
  size_t size = 1;
  for (int n : shape) size *= size_t(n);
  std::vector<T> values(size);
  for (auto& value : values) value = draw();
  return array(values.begin(), shape, dtype);
}

template <typename T>
array integers(const Shape& shape, Dtype dtype, Random& random) {
  return array_of<T>(shape, dtype, [&] { return hostile_integer<T>(random); });
}

/// Extremes of the dtype, among random values.
inline array hostile_array(const Shape& shape, Dtype dtype, Random& random) {
  switch (dtype.val()) {
    case Dtype::Val::bool_:
      return array_of<uint8_t>(shape, bool_, [&] { return uint8_t(random() % 2); });
    case Dtype::Val::int8:
      return integers<int8_t>(shape, dtype, random);
    case Dtype::Val::int16:
      return integers<int16_t>(shape, dtype, random);
    case Dtype::Val::int32:
      return integers<int32_t>(shape, dtype, random);
    case Dtype::Val::int64:
      return integers<int64_t>(shape, dtype, random);
    case Dtype::Val::uint8:
      return integers<uint8_t>(shape, dtype, random);
    case Dtype::Val::uint16:
      return integers<uint16_t>(shape, dtype, random);
    case Dtype::Val::uint32:
      return integers<uint32_t>(shape, dtype, random);
    case Dtype::Val::uint64:
      return integers<uint64_t>(shape, dtype, random);
    case Dtype::Val::complex64:
      return array_of<complex64_t>(shape, dtype, [&] {
        return complex64_t(float(hostile_number(random)), float(hostile_number(random)));
      });
    default:
      return array_of<double>(shape, dtype, [&] { return hostile_number(random); });
  }
}

/// Sizes and steps from sensible ones to those whose products overflow.
inline int hostile_size(Random& random) {
  static const std::vector<int> pool{
      0, 1, 2, 3, 5, -1, -2, 7, 64, 65536, 1 << 30, INT32_MAX, INT32_MIN, INT32_MAX - 1, -65536};
  return pick(random, pool);
}

inline std::vector<int> hostile_sizes(Random& random, int most) {
  std::vector<int> sizes(size_t(below(random, most + 1)));
  for (int& size : sizes) size = hostile_size(random);
  return sizes;
}

inline Shape hostile_shape(Random& random, int most) {
  auto sizes = hostile_sizes(random, most);
  return Shape(sizes.begin(), sizes.end());
}

/// Whether f gives arrays that can be evaluated; if not, it must fail as the engine fails.
template <typename F>
bool succeeds(F&& f) {
  try {
    std::vector<array> results;
    if constexpr (std::is_same_v<decltype(f()), array>) {
      results = {f()};
    } else {
      results = f();
    }
    // Arrays too large to be computed in a test are the caller's own wish.
    for (auto& result : results)
      if (result.nbytes() <= (size_t(1) << 20)) result.eval();
    return true;
  } catch (const std::logic_error& error) {
    CHECK_MESSAGE(error.what()[0] == '[', error.what());
  } catch (const EngineError& error) {
    CHECK_MESSAGE(error.what()[0] == '[', error.what());
  }
  return false;
}

}  // namespace hostile
