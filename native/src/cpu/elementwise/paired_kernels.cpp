// Two operations in one pass, which saves a store and a load between them. Highway compiles this
// file once for each SIMD target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/paired_kernels.cpp"
#include "cpu/simd_targets.h"
//
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/scalar_ops.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::HWY_NAMESPACE {

template <typename Inner, typename Outer, bool inner_is_first, typename T>
void PairedLoop(const void* a, const void* b, const void* c, void* out, size_t n) {
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
ElementwiseKernel FindOuter(ElementwiseOp outer, bool inner_is_first) {
  switch (outer) {
    case ElementwiseOp::Add:
      return PairedLoop<Inner, scalar::Add, true, T>;
    case ElementwiseOp::Multiply:
      return PairedLoop<Inner, scalar::Multiply, true, T>;
    case ElementwiseOp::Subtract:
      return inner_is_first ? PairedLoop<Inner, scalar::Subtract, true, T>
                            : PairedLoop<Inner, scalar::Subtract, false, T>;
    default:
      return nullptr;
  }
}

template <typename T>
ElementwiseKernel FindInner(ElementwiseOp inner, ElementwiseOp outer, bool inner_is_first) {
  switch (inner) {
    case ElementwiseOp::Add:
      return FindOuter<scalar::Add, T>(outer, inner_is_first);
    case ElementwiseOp::Multiply:
      return FindOuter<scalar::Multiply, T>(outer, inner_is_first);
    case ElementwiseOp::Subtract:
      return FindOuter<scalar::Subtract, T>(outer, inner_is_first);
    default:
      return nullptr;
  }
}

ElementwiseKernel FindPaired(ElementwiseOp inner, ElementwiseOp outer, bool inner_is_first,
                             Dtype::Val dtype) {
  if (dtype == Dtype::Val::float32) return FindInner<float>(inner, outer, inner_is_first);
  if (dtype == Dtype::Val::float64) return FindInner<double>(inner, outer, inner_is_first);
  return nullptr;
}

}  // namespace mlx::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core {
HWY_EXPORT(FindPaired);

ElementwiseKernel find_paired_kernel(ElementwiseOp inner, ElementwiseOp outer, bool inner_is_first,
                                     Dtype::Val dtype) {
  return HWY_DYNAMIC_DISPATCH(FindPaired)(inner, outer, inner_is_first, dtype);
}
}  // namespace mlx::core
#endif
