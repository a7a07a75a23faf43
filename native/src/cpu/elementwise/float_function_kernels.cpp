// The functions of float32 that have a vector form. Highway compiles this file once for each SIMD
// target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/float_function_kernels.cpp"
#include "cpu/simd_targets.h"
//
#include <hwy/foreach_target.h>
//
#include "cpu/elementwise/error_function-inl.h"
#include "cpu/elementwise/exponential-inl.h"
#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/logarithm-inl.h"
#include "cpu/elementwise/power-inl.h"
#include "cpu/elementwise/trigonometric-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::HWY_NAMESPACE {

// The tail runs through a padded vector, so that it computes exactly what full vectors do.

HWY_INLINE FloatVector LoadPadded(const float* from, size_t count) {
  HWY_ALIGN float padded[hn::MaxLanes(FloatTag())] = {};
  for (size_t k = 0; k < count; ++k) padded[k] = from[k];
  return hn::Load(FloatTag(), padded);
}
HWY_INLINE void StorePart(FloatVector x, float* to, size_t count) {
  HWY_ALIGN float padded[hn::MaxLanes(FloatTag())];
  hn::Store(x, FloatTag(), padded);
  for (size_t k = 0; k < count; ++k) to[k] = padded[k];
}

template <FloatVector (*function)(FloatVector)>
void VectorLoop(const void* a, const void*, const void*, void* out, size_t n) {
  FloatTag d;
  auto* x = static_cast<const float*>(a);
  auto* y = static_cast<float*>(out);
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  // Two at a time: each is a long chain of dependent steps.
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    FloatVector first = function(hn::LoadU(d, x + i));
    FloatVector second = function(hn::LoadU(d, x + i + lanes));
    hn::StoreU(first, d, y + i);
    hn::StoreU(second, d, y + i + lanes);
  }
  for (; i + lanes <= n; i += lanes) hn::StoreU(function(hn::LoadU(d, x + i)), d, y + i);
  if (i < n) StorePart(function(LoadPadded(x + i, n - i)), y + i, n - i);
}

template <FloatVector (*function)(FloatVector, FloatVector)>
void VectorLoop(const void* a, const void* b, const void*, void* out, size_t n) {
  FloatTag d;
  auto* x = static_cast<const float*>(a);
  auto* y = static_cast<const float*>(b);
  auto* z = static_cast<float*>(out);
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(function(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, z + i);
  if (i < n) StorePart(function(LoadPadded(x + i, n - i), LoadPadded(y + i, n - i)), z + i, n - i);
}

ElementwiseKernel FindFloatFunction(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case ArcCos:
      return VectorLoop<ArcCosVector>;
    case ArcCosh:
      return VectorLoop<ArcCoshVector>;
    case ArcSin:
      return VectorLoop<ArcSinVector>;
    case ArcSinh:
      return VectorLoop<ArcSinhVector>;
    case ArcTan:
      return VectorLoop<ArcTanVector>;
    case ArcTan2:
      return VectorLoop<ArcTan2Vector>;
    case ArcTanh:
      return VectorLoop<ArcTanhVector>;
    case Cos:
      return VectorLoop<CosVector>;
    case Cosh:
      return VectorLoop<CoshVector>;
    case Erf:
      return VectorLoop<ErfVector>;
    case ErfInv:
      return VectorLoop<ErfInvVector>;
    case Exp:
      return VectorLoop<ExpVector<>>;
    case Expm1:
      return VectorLoop<Expm1Vector>;
    case FloorDivide:
      return VectorLoop<FloorDivideVector>;
    case Log:
      return VectorLoop<LogVector>;
    case Log10:
      return VectorLoop<Log10Vector>;
    case Log1p:
      return VectorLoop<Log1pVector>;
    case Log2:
      return VectorLoop<Log2Vector>;
    case LogAddExp:
      return VectorLoop<LogAddExpVector>;
    case Power:
      return VectorLoop<PowerVector>;
    case Remainder:
      return VectorLoop<RemainderVector>;
    case Sigmoid:
      return VectorLoop<SigmoidVector>;
    case Sin:
      return VectorLoop<SinVector>;
    case Sinh:
      return VectorLoop<SinhVector>;
    case Tan:
      return VectorLoop<TanVector>;
    case Tanh:
      return VectorLoop<TanhVector>;
    default:
      return nullptr;
  }
}

}  // namespace mlx::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core {
HWY_EXPORT(FindFloatFunction);

ElementwiseKernel find_float_function_kernel(ElementwiseOp op) {
  return HWY_DYNAMIC_DISPATCH(FindFloatFunction)(op);
}
}  // namespace mlx::core
#endif
