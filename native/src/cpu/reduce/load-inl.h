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
template <class D>
HWY_INLINE hn::Vec<D> load_wide(D d, const float16_t* from) {
  const hn::Rebind<uint16_t, D> bits;
  const hn::Rebind<hwy::float16_t, D> half;
  return hn::PromoteTo(d, hn::BitCast(half, hn::LoadU(bits, &from->bits_)));
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
