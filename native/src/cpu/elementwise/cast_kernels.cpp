// From every dtype to every other. Highway compiles this file once for each SIMD target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/cast_kernels.cpp"
#include "cpu/simd_targets.h"

#include "hwy/foreach_target.h"

#include "hwy/highway.h"

#include <cstring>

#include "array/dtype_dispatch.h"
#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/scalar_ops.h"
#include "cpu/elementwise/unsigned.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <typename From, typename To>
void cast_loop(const void* a, const void*, const void*, void* out, size_t n) {
  auto* x = static_cast<const From*>(a);
  auto* y = static_cast<To*>(out);
#pragma GCC ivdep
  for (size_t i = 0; i < n; ++i) y[i] = scalar::convert<To>(x[i]);
}

template <typename T>
void copy_loop(const void* a, const void*, const void*, void* out, size_t n) {
  if (a != out) std::memcpy(out, a, n * sizeof(T));
}

/// float32 to the values of a half type and back, without a store in between.
template <typename Half>
void rounding_loop(const void* a, const void*, const void*, void* out, size_t n) {
  auto* x = static_cast<const float*>(a);
  auto* y = static_cast<float*>(out);
#pragma GCC ivdep
  for (size_t i = 0; i < n; ++i) y[i] = float(Half(x[i]));
}

// The baseline has no conversion of float16, and Highway's stand-in for it rounds otherwise.
#define MLX_HAS_HALF_CONVERSION (HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128)

#if MLX_HAS_HALF_CONVERSION
void half_to_float(const void* a, const void*, const void*, void* out, size_t n) {
  hn::ScalableTag<float> d;
  hn::Rebind<hwy::float16_t, decltype(d)> dh;
  auto* x = static_cast<const hwy::float16_t*>(a);
  auto* y = static_cast<float*>(out);
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::PromoteTo(d, hn::LoadU(dh, x + i)), d, y + i);
  cast_loop<float16_t, float>(x + i, nullptr, nullptr, y + i, n - i);
}

void float_to_half(const void* a, const void*, const void*, void* out, size_t n) {
  hn::ScalableTag<float> d;
  hn::Rebind<hwy::float16_t, decltype(d)> dh;
  auto* x = static_cast<const float*>(a);
  auto* y = static_cast<hwy::float16_t*>(out);
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::DemoteTo(dh, hn::LoadU(d, x + i)), dh, y + i);
  cast_loop<float, float16_t>(x + i, nullptr, nullptr, y + i, n - i);
}

void round_to_half(const void* a, const void*, const void*, void* out, size_t n) {
  hn::ScalableTag<float> d;
  hn::Rebind<hwy::float16_t, decltype(d)> dh;
  auto* x = static_cast<const float*>(a);
  auto* y = static_cast<float*>(out);
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(hn::PromoteTo(d, hn::DemoteTo(dh, hn::LoadU(d, x + i))), d, y + i);
  rounding_loop<float16_t>(x + i, nullptr, nullptr, y + i, n - i);
}
#endif

template <typename From, typename To>
ElementwiseKernel find_loop() {
#if MLX_HAS_HALF_CONVERSION
  if constexpr (std::is_same_v<From, float16_t> && std::is_same_v<To, float>) return half_to_float;
  if constexpr (std::is_same_v<From, float> && std::is_same_v<To, float16_t>) return float_to_half;
#endif
  if constexpr (std::is_same_v<From, To>) return copy_loop<To>;
  return cast_loop<From, To>;
}

/// Whole numbers wrap: the sign of a result never matters, an argument's where the result is wider.
template <typename From, typename To>
ElementwiseKernel find_pair() {
  if constexpr (std::is_integral_v<From> && std::is_integral_v<To>)
    return find_loop<std::conditional_t<sizeof(From) < sizeof(To), From, Unsigned<From>>,
                     Unsigned<To>>();
  else
    return find_loop<From, To>();
}

ElementwiseKernel find_cast(Dtype::Val from, Dtype::Val to) {
  return dispatch_dtype(from, [&](auto from_tag) {
    return dispatch_dtype(to, [](auto to_tag) {
      return find_pair<typename decltype(from_tag)::type, typename decltype(to_tag)::type>();
    });
  });
}

ElementwiseKernel find_rounding(Dtype::Val half) {
  if (half == Dtype::Val::bfloat16) return rounding_loop<bfloat16_t>;
#if MLX_HAS_HALF_CONVERSION
  return round_to_half;
#else
  return rounding_loop<float16_t>;
#endif
}

#undef MLX_HAS_HALF_CONVERSION

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {
HWY_EXPORT(find_cast);
HWY_EXPORT(find_rounding);

ElementwiseKernel find_cast_kernel(Dtype::Val from, Dtype::Val to) {
  return HWY_DYNAMIC_DISPATCH(find_cast)(from, to);
}

ElementwiseKernel find_rounding_kernel(Dtype::Val half) {
  return HWY_DYNAMIC_DISPATCH(find_rounding)(half);
}
}  // namespace mlx::core::cpu
#endif
