// Two operations in one pass, which saves a store and a load between them. Highway compiles this
// file once for each SIMD target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/paired_kernels.cpp"
#include "cpu/simd_targets.h"

#include "hwy/foreach_target.h"

#include "hwy/highway.h"

#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/scalar_ops.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

template <typename Inner, typename Outer, bool inner_is_first, typename T>
void paired_loop(const void* a, const void* b, const void* c, void* out, size_t n) {
  auto* x = static_cast<const T*>(a);
  auto* y = static_cast<const T*>(b);
  auto* z = static_cast<const T*>(c);
  auto* r = static_cast<T*>(out);
#pragma GCC ivdep
  for (size_t i = 0; i < n; ++i) {
    T inner = Inner::apply(x[i], y[i]);
    r[i] = inner_is_first ? Outer::apply(inner, z[i]) : Outer::apply(z[i], inner);
  }
}

template <typename Inner, typename T>
ElementwiseKernel find_outer(ElementwiseOp outer, bool inner_is_first) {
  switch (outer) {
    case ElementwiseOp::Add:
      return paired_loop<Inner, scalar::Add, true, T>;
    case ElementwiseOp::Multiply:
      return paired_loop<Inner, scalar::Multiply, true, T>;
    case ElementwiseOp::Subtract:
      return inner_is_first ? paired_loop<Inner, scalar::Subtract, true, T>
                            : paired_loop<Inner, scalar::Subtract, false, T>;
    default:
      return nullptr;
  }
}

template <typename T>
ElementwiseKernel find_inner(ElementwiseOp inner, ElementwiseOp outer, bool inner_is_first) {
  switch (inner) {
    case ElementwiseOp::Add:
      return find_outer<scalar::Add, T>(outer, inner_is_first);
    case ElementwiseOp::Multiply:
      return find_outer<scalar::Multiply, T>(outer, inner_is_first);
    case ElementwiseOp::Subtract:
      return find_outer<scalar::Subtract, T>(outer, inner_is_first);
    default:
      return nullptr;
  }
}

ElementwiseKernel find_paired(ElementwiseOp inner, ElementwiseOp outer, bool inner_is_first,
                              Dtype::Val dtype) {
  if (dtype == Dtype::Val::float32) return find_inner<float>(inner, outer, inner_is_first);
  if (dtype == Dtype::Val::float64) return find_inner<double>(inner, outer, inner_is_first);
  return nullptr;
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {
HWY_EXPORT(find_paired);

ElementwiseKernel find_paired_kernel(ElementwiseOp inner, ElementwiseOp outer, bool inner_is_first,
                                     Dtype::Val dtype) {
  return HWY_DYNAMIC_DISPATCH(find_paired)(inner, outer, inner_is_first, dtype);
}
}  // namespace mlx::core::cpu
#endif
