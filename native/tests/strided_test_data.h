#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <type_traits>
#include <vector>

#include "cpu/strided_view.h"
#include "mlx/dtype.h"

// Random memory in every kind of layout, for the tests of kernels that take strides.
namespace strided_test {

using mlx::core::complex64_t;
using mlx::core::Dtype;
using mlx::core::is_complex_v;
using mlx::core::is_floating_v;

using Random = std::mt19937_64;
using Index = std::vector<int32_t>;

inline int64_t pick(Random& random, int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random);
}

inline int64_t volume(const Index& shape) {
  int64_t n = 1;
  for (int32_t size : shape) n *= size;
  return n;
}

/// Up to max_ndim axes of sizes around the kernels' vector widths and block borders.
inline Index random_shape(Random& random, int max_ndim, bool allow_empty = true) {
  static const int32_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 64, 65, 130};
  Index shape(size_t(pick(random, 0, max_ndim)));
  int64_t elements = 1;
  for (int32_t& size : shape) {
    do size = sizes[pick(random, 0, 14)];
    while (elements * size > 40000 && size > 1);
    elements *= size;
  }
  if (allow_empty && !shape.empty() && pick(random, 0, 15) == 0)
    shape[size_t(pick(random, 0, int64_t(shape.size()) - 1))] = 0;
  return shape;
}

/// Calls f with every index of the shape in row-major order.
template <typename F>
void for_each_index(const Index& shape, F&& f) {
  Index index(shape.size(), 0);
  for (int64_t i = 0, n = volume(shape); i < n; ++i) {
    f(index);
    for (size_t k = shape.size(); k-- > 0;) {
      if (++index[k] < shape[k]) break;
      index[k] = 0;
    }
  }
}

template <typename T>
T random_value(Random& random, bool with_specials) {
  if constexpr (std::is_same_v<T, bool>) {
    return pick(random, 0, 1) != 0;
  } else if constexpr (std::is_integral_v<T>) {
    if (with_specials && pick(random, 0, 9) == 0)
      return pick(random, 0, 1) ? std::numeric_limits<T>::max() : std::numeric_limits<T>::min();
    return static_cast<T>(pick(random, std::is_signed_v<T> ? -5 : 0, 9));
  } else if constexpr (is_complex_v<T>) {
    return T(random_value<float>(random, with_specials),
             random_value<float>(random, with_specials));
  } else {
    if (with_specials && pick(random, 0, 19) == 0) {
      const float specials[] = {std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN(), 0.0f, -0.0f};
      return T(specials[pick(random, 0, 4)]);
    }
    // Few distinct values, so that there are ties.
    if (pick(random, 0, 1)) return T(float(pick(random, -4, 4)) / 2);
    return T(std::normal_distribution<double>()(random));
  }
}

/// Elements in one of the layouts views have: contiguous, permuted, with gaps, reversed, broadcast.
template <typename T>
class Strided {
 public:
  Strided(Random& random, Index shape, bool with_specials = true, bool allow_broadcast = true)
      : shape_(std::move(shape)), strides_(shape_.size()) {
    std::vector<size_t> order(shape_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = order.size() - 1 - i;
    if (pick(random, 0, 1)) std::shuffle(order.begin(), order.end(), random);
    int64_t extent = 1;
    bool plain = pick(random, 0, 2) == 0;
    for (size_t axis : order) {
      if (!plain && allow_broadcast && pick(random, 0, 7) == 0) continue;
      int64_t stride = extent * (!plain && pick(random, 0, 3) == 0 ? pick(random, 2, 3) : 1);
      strides_[axis] = stride;
      extent = stride * std::max<int32_t>(1, shape_[axis]);
      if (!plain && pick(random, 0, 5) == 0 && shape_[axis] > 0) {
        offset_ += stride * (shape_[axis] - 1);
        strides_[axis] = -stride;
      }
    }
    size_ = extent;
    memory_.reset(new T[size_t(size_)]);
    for (int64_t i = 0; i < size_; ++i) memory_[size_t(i)] = random_value<T>(random, with_specials);
  }

  const Index& shape() const { return shape_; }
  int64_t memory_size() const { return size_; }
  T* memory() { return memory_.get(); }
  T& operator[](const Index& index) {
    int64_t at = offset_;
    for (size_t i = 0; i < index.size(); ++i) at += index[i] * strides_[i];
    return memory_[size_t(at)];
  }
  mlx::core::cpu::StridedInput input() const {
    return {memory_.get() + offset_, mlx::core::exact_dtype<T>(), shape_, strides_};
  }
  mlx::core::cpu::StridedOutput output() {
    return {memory_.get() + offset_, mlx::core::exact_dtype<T>(), shape_, strides_};
  }

 private:
  Index shape_;
  std::vector<int64_t> strides_;
  int64_t offset_ = 0;
  int64_t size_ = 0;
  std::unique_ptr<T[]> memory_;
};

/// Equal bits, so that NaN equal themselves and zeros of different signs differ.
template <typename T>
bool same_bits(const T* a, const T* b, size_t count) {
  auto x = reinterpret_cast<const unsigned char*>(a), y = reinterpret_cast<const unsigned char*>(b);
  for (size_t i = 0; i < count * sizeof(T); ++i)
    if (x[i] != y[i]) return false;
  return true;
}

}  // namespace strided_test

#define ALL_DTYPES                                                                \
  bool, uint8_t, uint16_t, uint32_t, uint64_t, int8_t, int16_t, int32_t, int64_t, \
      mlx::core::float16_t, mlx::core::bfloat16_t, float, double, mlx::core::complex64_t
