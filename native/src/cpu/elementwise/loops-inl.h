// Loops around one operation on one element. Included once for each SIMD target, whose instructions
// the compiler then uses; see Highway's foreach_target.
#if defined(MLX_CPU_ELEMENTWISE_LOOPS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_ELEMENTWISE_LOOPS_INL_H
#undef MLX_CPU_ELEMENTWISE_LOOPS_INL_H
#else
#define MLX_CPU_ELEMENTWISE_LOOPS_INL_H
#endif

#include "hwy/highway.h"

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

// The result may lie on an operand, element on element, which ivdep tells the compiler is safe.

template <typename Op, typename T, typename R>
void unary_loop(const void* a, const void*, const void*, void* out, size_t n) {
  auto* x = static_cast<const T*>(a);
  auto* y = static_cast<R*>(out);
#pragma GCC ivdep
  for (size_t i = 0; i < n; ++i) y[i] = R(Op::apply(x[i]));
}

template <typename Op, typename T, typename R>
void binary_loop(const void* a, const void* b, const void*, void* out, size_t n) {
  auto* x = static_cast<const T*>(a);
  auto* y = static_cast<const T*>(b);
  auto* z = static_cast<R*>(out);
#pragma GCC ivdep
  for (size_t i = 0; i < n; ++i) z[i] = R(Op::apply(x[i], y[i]));
}

/// Only bytes move, so one loop serves all dtypes of a size.
template <typename T>
void select_loop(const void* condition, const void* a, const void* b, void* out, size_t n) {
  auto* chosen = static_cast<const uint8_t*>(condition);
  auto* x = static_cast<const T*>(a);
  auto* y = static_cast<const T*>(b);
  auto* z = static_cast<T*>(out);
#pragma GCC ivdep
  for (size_t i = 0; i < n; ++i) z[i] = chosen[i] ? x[i] : y[i];
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();
#endif
