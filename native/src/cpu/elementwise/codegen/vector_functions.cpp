// What generated code calls: the functions of float_function_kernels.cpp, one vector at a time.
// Only the AVX2 target has any.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/codegen/vector_functions.cpp"
#include "cpu/simd_targets.h"
//
#include <hwy/foreach_target.h>
//
#include "cpu/elementwise/codegen/vector_functions.h"
#include "cpu/elementwise/error_function-inl.h"
#include "cpu/elementwise/exponential-inl.h"
#include "cpu/elementwise/logarithm-inl.h"
#include "cpu/elementwise/power-inl.h"
#include "cpu/elementwise/trigonometric-inl.h"

#if HWY_TARGET == HWY_AVX2
HWY_BEFORE_NAMESPACE();
namespace mlx::core::HWY_NAMESPACE {

template <FloatVector (*function)(FloatVector)>
__m256 OnRegisters(__m256 x) {
  return function(FloatVector{x}).raw;
}
template <FloatVector (*function)(FloatVector, FloatVector)>
__m256 OnRegisters(__m256 x, __m256 y) {
  return function(FloatVector{x}, FloatVector{y}).raw;
}

template <FloatVector (*function)(FloatVector)>
const void* Unary() {
  __m256 (*pointer)(__m256) = OnRegisters<function>;
  return reinterpret_cast<const void*>(pointer);
}
template <FloatVector (*function)(FloatVector, FloatVector)>
const void* Binary() {
  __m256 (*pointer)(__m256, __m256) = OnRegisters<function>;
  return reinterpret_cast<const void*>(pointer);
}

const void* FindVectorFunction(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case ArcCos:
      return Unary<ArcCosVector>();
    case ArcCosh:
      return Unary<ArcCoshVector>();
    case ArcSin:
      return Unary<ArcSinVector>();
    case ArcSinh:
      return Unary<ArcSinhVector>();
    case ArcTan:
      return Unary<ArcTanVector>();
    case ArcTan2:
      return Binary<ArcTan2Vector>();
    case ArcTanh:
      return Unary<ArcTanhVector>();
    case Cos:
      return Unary<CosVector>();
    case Cosh:
      return Unary<CoshVector>();
    case Erf:
      return Unary<ErfVector>();
    case ErfInv:
      return Unary<ErfInvVector>();
    case Exp:
      return Unary<ExpVector<>>();
    case Expm1:
      return Unary<Expm1Vector>();
    case FloorDivide:
      return Binary<FloorDivideVector>();
    case Log:
      return Unary<LogVector>();
    case Log10:
      return Unary<Log10Vector>();
    case Log1p:
      return Unary<Log1pVector>();
    case Log2:
      return Unary<Log2Vector>();
    case LogAddExp:
      return Binary<LogAddExpVector>();
    case Power:
      return Binary<PowerVector>();
    case Remainder:
      return Binary<RemainderVector>();
    case Sigmoid:
      return Unary<SigmoidVector>();
    case Sin:
      return Unary<SinVector>();
    case Sinh:
      return Unary<SinhVector>();
    case Tan:
      return Unary<TanVector>();
    case Tanh:
      return Unary<TanhVector>();
    default:
      return nullptr;
  }
}

}  // namespace mlx::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace mlx::core {

const void* find_vector_function(ElementwiseOp op) {
#if HWY_TARGETS & HWY_AVX2
  return N_AVX2::FindVectorFunction(op);
#else
  return nullptr;
#endif
}

}  // namespace mlx::core
#endif
