// Complex arithmetic on vectors of real and imaginary parts; compiled once a SIMD target.

#if defined(MLX_CPU_FFT_COMPLEX_VECTOR_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_FFT_COMPLEX_VECTOR_INL_H
#undef MLX_CPU_FFT_COMPLEX_VECTOR_INL_H
#else
#define MLX_CPU_FFT_COMPLEX_VECTOR_INL_H
#endif

#include "cpu/fft/column_plan.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Wider machines use a part of their vectors; narrower ones take a row in two halves.
using LanesTag = hn::CappedTag<float, kLanes>;
using Vector = hn::Vec<LanesTag>;

template <class V>
struct ComplexOf {
  V re, im;
};
using ComplexVector = ComplexOf<Vector>;

template <class V>
HWY_INLINE ComplexOf<V> add(ComplexOf<V> a, ComplexOf<V> b) {
  return {hn::Add(a.re, b.re), hn::Add(a.im, b.im)};
}
template <class V>
HWY_INLINE ComplexOf<V> subtract(ComplexOf<V> a, ComplexOf<V> b) {
  return {hn::Sub(a.re, b.re), hn::Sub(a.im, b.im)};
}
template <class V>
HWY_INLINE ComplexOf<V> multiply(ComplexOf<V> a, ComplexOf<V> b) {
  return {hn::NegMulAdd(a.im, b.im, hn::Mul(a.re, b.re)),
          hn::MulAdd(a.im, b.re, hn::Mul(a.re, b.im))};
}
template <class V>
HWY_INLINE ComplexOf<V> conjugate(ComplexOf<V> a) {
  return {a.re, hn::Neg(a.im)};
}
/// a + i b and a - i b: b turned by a quarter.
template <class V>
HWY_INLINE ComplexOf<V> add_turned(ComplexOf<V> a, ComplexOf<V> b) {
  return {hn::Sub(a.re, b.im), hn::Add(a.im, b.re)};
}
template <class V>
HWY_INLINE ComplexOf<V> subtract_turned(ComplexOf<V> a, ComplexOf<V> b) {
  return {hn::Add(a.re, b.im), hn::Sub(a.im, b.re)};
}

HWY_INLINE ComplexVector load_row(const float* row) {
  const LanesTag d;
  return {hn::LoadU(d, row), hn::LoadU(d, row + kLanes)};
}
HWY_INLINE void store_row(ComplexVector a, float* row) {
  const LanesTag d;
  hn::StoreU(a.re, d, row);
  hn::StoreU(a.im, d, row + kLanes);
}
/// One complex number in all lanes.
HWY_INLINE ComplexVector broadcast(const float* number) {
  const LanesTag d;
  return {hn::Set(d, number[0]), hn::Set(d, number[1])};
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#endif
