// Squares of numbers turned by shuffles; compiled once a SIMD target.

#if defined(MLX_CPU_FFT_TRANSPOSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_FFT_TRANSPOSE_INL_H
#undef MLX_CPU_FFT_TRANSPOSE_INL_H
#else
#define MLX_CPU_FFT_TRANSPOSE_INL_H
#endif

#include "cpu/fft/complex_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR
/// Transposes 4 x 4 squares within the vectors' 128-bit parts.
HWY_INLINE void transpose_squares(Vector& a, Vector& b, Vector& c, Vector& d) {
  const LanesTag tag;
  const Vector ac_low = hn::InterleaveLower(tag, a, c), ac_high = hn::InterleaveUpper(tag, a, c);
  const Vector bd_low = hn::InterleaveLower(tag, b, d), bd_high = hn::InterleaveUpper(tag, b, d);
  a = hn::InterleaveLower(tag, ac_low, bd_low);
  b = hn::InterleaveUpper(tag, ac_low, bd_low);
  c = hn::InterleaveLower(tag, ac_high, bd_high);
  d = hn::InterleaveUpper(tag, ac_high, bd_high);
}
#endif

/// to(r, h) receives column r of 8 x 8 numbers whose row r from(r, h) gives; h is the offset of a
/// vector's worth of them.
template <class From, class To>
HWY_INLINE void transpose_square(From&& from, To&& to) {
#if HWY_TARGET == HWY_SCALAR
  for (size_t r = 0; r < 8; ++r)
    for (size_t c = 0; c < 8; ++c) to(c, r, from(r, c));
#else
  if constexpr (hn::MaxLanes(LanesTag()) == kLanes) {
    const LanesTag d;
    Vector v[8];
#pragma GCC unroll 8
    for (size_t r = 0; r < 8; ++r) v[r] = from(r, 0);
    transpose_squares(v[0], v[1], v[2], v[3]);
    transpose_squares(v[4], v[5], v[6], v[7]);
#pragma GCC unroll 4
    for (size_t r = 0; r < 4; ++r) {
      to(r, 0, hn::ConcatLowerLower(d, v[r + 4], v[r]));
      to(r + 4, 0, hn::ConcatUpperUpper(d, v[r + 4], v[r]));
    }
  } else {
    for (size_t row = 0; row < 8; row += 4)
      for (size_t column = 0; column < 8; column += 4) {
        Vector v[4];
#pragma GCC unroll 4
        for (size_t r = 0; r < 4; ++r) v[r] = from(row + r, column);
        transpose_squares(v[0], v[1], v[2], v[3]);
#pragma GCC unroll 4
        for (size_t r = 0; r < 4; ++r) to(column + r, row, v[r]);
      }
  }
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#endif
