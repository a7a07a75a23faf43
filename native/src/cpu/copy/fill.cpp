#include "cpu/copy/fill.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "array/dtype_dispatch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr size_t kTaskElements = 65536;

/// A plain cast is undefined for NaN and for values out of range.
template <typename T>
T saturate(double value) {
  if (std::isnan(value)) return 0;
  // max() + 1 is a power of two, so it is exact in float64 where max() may not be.
  double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
  if (value >= limit) return std::numeric_limits<T>::max();
  if (value < double(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  return static_cast<T>(value);
}

template <typename T>
void arange_integers(double start, double step, size_t count, T* dst) {
  // A negative step wraps rightly for unsigned types when it goes through int64.
  uint64_t first = uint64_t(saturate<T>(start));
  uint64_t delta = step < 0 ? uint64_t(saturate<int64_t>(step)) : saturate<uint64_t>(step);
  parallel_for(count, kTaskElements, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) dst[i] = static_cast<T>(first + i * delta);
  });
}

template <typename T>
void arange_reals(double start, double step, size_t count, T* dst) {
  parallel_for(count, kTaskElements, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) dst[i] = T(start + double(i) * step);
  });
}

}  // namespace

void fill(size_t itemsize, const void* value, size_t count, void* dst) {
  dispatch_width(itemsize, [&](auto tag) {
    using T = typename decltype(tag)::type;
    T element;
    std::memcpy(&element, value, sizeof(T));
    T* out = static_cast<T*>(dst);
    parallel_for(count, kTaskElements,
                 [&](size_t begin, size_t end) { std::fill(out + begin, out + end, element); });
  });
}

void arange(Dtype dtype, double start, double step, size_t count, void* dst) {
  dispatch_dtype(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    if constexpr (std::is_same_v<T, bool>)
      throw DtypeError("[arange] bool has no sequence of values; expected a numeric dtype");
    else if constexpr (std::is_integral_v<T>)
      arange_integers(start, step, count, static_cast<T*>(dst));
    else
      arange_reals(start, step, count, static_cast<T*>(dst));
  });
}

void eye(Dtype dtype, int32_t rows, int32_t columns, int32_t diagonal, void* dst) {
  dispatch_dtype(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    T* out = static_cast<T*>(dst);
    T zero = T(0);
    fill(sizeof(T), &zero, size_t(rows) * size_t(columns), out);
    int64_t first = std::max<int64_t>(0, -int64_t(diagonal));
    int64_t last = std::min<int64_t>(rows, int64_t(columns) - diagonal);
    for (int64_t row = first; row < last; ++row) out[row * columns + row + diagonal] = T(1);
  });
}

}  // namespace mlx::core::cpu
