// The transforms of 2, 3, 4, ... numbers, in place; compiled once a SIMD target.

#if defined(MLX_CPU_FFT_BUTTERFLIES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_FFT_BUTTERFLIES_INL_H
#undef MLX_CPU_FFT_BUTTERFLIES_INL_H
#else
#define MLX_CPU_FFT_BUTTERFLIES_INL_H
#endif

#include "cpu/fft/complex_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

struct Butterfly2 {
  static constexpr size_t kRadix = 2;
  static HWY_INLINE void apply(ComplexVector* a, const float*) {
    ComplexVector difference = subtract(a[0], a[1]);
    a[0] = add(a[0], a[1]);
    a[1] = difference;
  }
};

struct Butterfly4 {
  static constexpr size_t kRadix = 4;
  static HWY_INLINE void apply(ComplexVector* a, const float*) {
    ComplexVector even_sum = add(a[0], a[2]), even_difference = subtract(a[0], a[2]);
    ComplexVector odd_sum = add(a[1], a[3]), odd_difference = subtract(a[1], a[3]);
    a[0] = add(even_sum, odd_sum);
    a[1] = subtract_turned(even_difference, odd_difference);
    a[2] = subtract(even_sum, odd_sum);
    a[3] = add_turned(even_difference, odd_difference);
  }
};

struct Butterfly8 {
  static constexpr size_t kRadix = 8;
  static HWY_INLINE void apply(ComplexVector* a, const float*) {
    ComplexVector even[4] = {a[0], a[2], a[4], a[6]};
    ComplexVector odd[4] = {a[1], a[3], a[5], a[7]};
    Butterfly4::apply(even, nullptr);
    Butterfly4::apply(odd, nullptr);
    // The roots of order 8: (1 - i) / sqrt 2, -i, -(1 + i) / sqrt 2.
    const Vector half_root = hn::Set(LanesTag(), 0.70710678118654752f);
    const Vector minus_half_root = hn::Set(LanesTag(), -0.70710678118654752f);
    odd[1] = {hn::Mul(half_root, hn::Add(odd[1].re, odd[1].im)),
              hn::Mul(half_root, hn::Sub(odd[1].im, odd[1].re))};
    odd[3] = {hn::Mul(half_root, hn::Sub(odd[3].im, odd[3].re)),
              hn::Mul(minus_half_root, hn::Add(odd[3].re, odd[3].im))};
    for (size_t k : {0, 1, 3}) {
      a[k] = add(even[k], odd[k]);
      a[k + 4] = subtract(even[k], odd[k]);
    }
    a[2] = subtract_turned(even[2], odd[2]);
    a[6] = add_turned(even[2], odd[2]);
  }
};

/// Odd numbers of elements: those at j and n - j meet conjugate roots, which halves the products.
HWY_INLINE void apply_odd(size_t n, ComplexVector* a, const float* roots, ComplexVector* sums,
                          ComplexVector* differences) {
  const LanesTag d;
  const size_t half = n / 2;
  const ComplexVector first = a[0];
#pragma GCC unroll 8
  for (size_t j = 1; j <= half; ++j) {
    sums[j] = add(a[j], a[n - j]);
    differences[j] = subtract(a[j], a[n - j]);
    a[0] = add(a[0], sums[j]);
  }
#pragma GCC unroll 8
  for (size_t k = 1; k <= half; ++k) {
    ComplexVector even = first;
    ComplexVector odd{hn::Zero(d), hn::Zero(d)};
#pragma GCC unroll 8
    for (size_t j = 1; j <= half; ++j) {
      const Vector c = hn::Set(d, roots[2 * (j * k % n)]);
      const Vector s = hn::Set(d, roots[2 * (j * k % n) + 1]);
      even = {hn::MulAdd(c, sums[j].re, even.re), hn::MulAdd(c, sums[j].im, even.im)};
      odd = {hn::MulAdd(s, differences[j].re, odd.re), hn::MulAdd(s, differences[j].im, odd.im)};
    }
    a[k] = subtract_turned(even, odd);
    a[n - k] = add_turned(even, odd);
  }
}

template <size_t kSize>
struct ButterflyOdd {
  static constexpr size_t kRadix = kSize;
  static HWY_INLINE void apply(ComplexVector* a, const float* roots) {
    ComplexVector sums[kSize / 2 + 1], differences[kSize / 2 + 1];
    apply_odd(kSize, a, roots, sums, differences);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#endif
