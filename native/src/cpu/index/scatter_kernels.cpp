#include "cpu/index/scatter_kernels.h"

#include <cstring>

#include "array/dtype_dispatch.h"
#include "cpu/elementwise/scalar_ops.h"

namespace mlx::core::cpu {
namespace {

struct Assign {
  template <typename T>
  static T apply(T, T update) {
    return update;
  }
};

/// Complex numbers are ordered by real part, then imaginary part, with NaN on both ends.
template <bool kMax, typename Real>
struct Extreme {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (is_complex_v<T>) {
      if (a != a) return a;
      if (b != b) return b;
      T low = kMax ? b : a, high = kMax ? a : b;
      bool first = low.real() != high.real() ? low.real() < high.real() : low.imag() < high.imag();
      return first ? a : b;
    } else {
      return Real::apply(a, b);
    }
  }
};

template <typename Op, typename T>
void scatter_run(void* out, int64_t out_step, const void* updates, int64_t update_step,
                 int64_t count) {
  T* to = static_cast<T*>(out);
  const T* from = static_cast<const T*>(updates);
  if (out_step == 1 && update_step == 1) {
    for (int64_t i = 0; i < count; ++i) to[i] = Op::apply(to[i], from[i]);
  } else {
    for (int64_t i = 0; i < count; ++i)
      to[i * out_step] = Op::apply(to[i * out_step], from[i * update_step]);
  }
}

template <typename Op, typename T>
void scatter_indexed(void* out, int64_t out_step, const int64_t* offsets, const void* updates,
                     int64_t update_step, int64_t count) {
  T* to = static_cast<T*>(out);
  const T* from = static_cast<const T*>(updates);
  for (int64_t i = 0; i < count; ++i) {
    T& place = to[i * out_step + offsets[i]];
    place = Op::apply(place, from[i * update_step]);
  }
}

template <typename Op, typename T>
void scatter_placed(void* out, const void* updates, std::span<const Placement> places, int64_t low,
                    int64_t high) {
  T* to = static_cast<T*>(out);
  const T* from = static_cast<const T*>(updates);
  for (const Placement& place : places)
    if (place.out >= low && place.out < high)
      to[place.out] = Op::apply(to[place.out], from[place.update]);
}

template <typename Op>
ScatterKernels kernels_of(Dtype dtype) {
  return dispatch_dtype(dtype, [](auto tag) {
    using T = typename decltype(tag)::type;
    return ScatterKernels{scatter_run<Op, T>, scatter_indexed<Op, T>, scatter_placed<Op, T>};
  });
}

}  // namespace

ScatterKernels scatter_kernels(ScatterMode mode, Dtype dtype) {
  switch (mode) {
    case ScatterMode::none:
      return kernels_of<Assign>(dtype);
    case ScatterMode::sum:
      return kernels_of<scalar::Add>(dtype);
    case ScatterMode::prod:
      return kernels_of<scalar::Multiply>(dtype);
    case ScatterMode::max:
      return kernels_of<Extreme<true, scalar::Maximum>>(dtype);
    default:
      return kernels_of<Extreme<false, scalar::Minimum>>(dtype);
  }
}

}  // namespace mlx::core::cpu
