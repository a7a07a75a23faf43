// Loads float32 vectors from float32 and half-type memory; compiled once a SIMD target.

#if defined(MLX_CPU_REDUCE_LOAD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_REDUCE_LOAD_INL_H
#undef MLX_CPU_REDUCE_LOAD_INL_H
#else
#define MLX_CPU_REDUCE_LOAD_INL_H
#endif

#include "hwy/highway.h"
#include "mlx/types.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> load_wide(D d, const float* from) {
  return hn::LoadU(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> load_wide(D d, const double* from) {
  return hn::LoadU(d, from);
}
// Without instructions for it, Highway's conversion takes infinities and NaN for numbers.
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON
inline constexpr bool kConvertsHalves = true;
#else
inline constexpr bool kConvertsHalves = false;
#endif

template <class D>
HWY_INLINE hn::Vec<D> load_wide(D d, const float16_t* from) {
  if constexpr (kConvertsHalves) {
    const hn::Rebind<uint16_t, D> bits;
    const hn::Rebind<hwy::float16_t, D> half;
    return hn::PromoteTo(d, hn::BitCast(half, hn::LoadU(bits, &from->bits_)));
  } else {
    HWY_ALIGN float values[hn::MaxLanes(D())];
    for (size_t i = 0; i < hn::Lanes(d); ++i) values[i] = float(from[i]);
    return hn::Load(d, values);
  }
}
template <class D>
HWY_INLINE hn::Vec<D> load_wide(D d, const bfloat16_t* from) {
  const hn::Rebind<uint16_t, D> bits;
  const hn::Rebind<uint32_t, D> wide;
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(wide, hn::LoadU(bits, &from->bits_))));
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#endif
