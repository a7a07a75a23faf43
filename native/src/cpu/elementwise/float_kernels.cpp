// float32 and float64. Highway compiles this file once for each SIMD target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/float_kernels.cpp"
#include "cpu/simd_targets.h"

#include "hwy/foreach_target.h"

#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/loops-inl.h"
#include "cpu/elementwise/scalar_ops.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

template <typename T>
ElementwiseKernel find_unary(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case Abs:
      return unary_loop<scalar::Abs, T, T>;
    case ArcCos:
      return unary_loop<scalar::ArcCos, T, T>;
    case ArcCosh:
      return unary_loop<scalar::ArcCosh, T, T>;
    case ArcSin:
      return unary_loop<scalar::ArcSin, T, T>;
    case ArcSinh:
      return unary_loop<scalar::ArcSinh, T, T>;
    case ArcTan:
      return unary_loop<scalar::ArcTan, T, T>;
    case ArcTanh:
      return unary_loop<scalar::ArcTanh, T, T>;
    case Ceil:
      return unary_loop<scalar::Ceil, T, T>;
    case Conjugate:
    case Real:
      return unary_loop<scalar::Identity, T, T>;
    case Imag:
      return unary_loop<scalar::Zero, T, T>;
    case Cos:
      return unary_loop<scalar::Cos, T, T>;
    case Cosh:
      return unary_loop<scalar::Cosh, T, T>;
    case Erf:
      return unary_loop<scalar::Erf, T, T>;
    case ErfInv:
      return unary_loop<scalar::ErfInv, T, T>;
    case Exp:
      return unary_loop<scalar::Exp, T, T>;
    case Expm1:
      return unary_loop<scalar::Expm1, T, T>;
    case Floor:
      return unary_loop<scalar::Floor, T, T>;
    case Log:
      return unary_loop<scalar::Log, T, T>;
    case Log10:
      return unary_loop<scalar::Log10, T, T>;
    case Log1p:
      return unary_loop<scalar::Log1p, T, T>;
    case Log2:
      return unary_loop<scalar::Log2, T, T>;
    case LogicalNot:
      return unary_loop<scalar::LogicalNot, T, bool>;
    case Negative:
      return unary_loop<scalar::Negative, T, T>;
    case Reciprocal:
      return unary_loop<scalar::Reciprocal, T, T>;
    case Round:
      return unary_loop<scalar::Round, T, T>;
    case Rsqrt:
      return unary_loop<scalar::Rsqrt, T, T>;
    case Sigmoid:
      return unary_loop<scalar::Sigmoid, T, T>;
    case Sign:
      return unary_loop<scalar::Sign, T, T>;
    case Sin:
      return unary_loop<scalar::Sin, T, T>;
    case Sinh:
      return unary_loop<scalar::Sinh, T, T>;
    case Sqrt:
      return unary_loop<scalar::Sqrt, T, T>;
    case Square:
      return unary_loop<scalar::Square, T, T>;
    case Tan:
      return unary_loop<scalar::Tan, T, T>;
    case Tanh:
      return unary_loop<scalar::Tanh, T, T>;
    case Trunc:
      return unary_loop<scalar::Trunc, T, T>;
    default:
      return nullptr;
  }
}

template <typename T>
ElementwiseKernel find_binary(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case Add:
      return binary_loop<scalar::Add, T, T>;
    case ArcTan2:
      return binary_loop<scalar::ArcTan2, T, T>;
    case Divide:
      return binary_loop<scalar::Divide, T, T>;
    case Equal:
      return binary_loop<scalar::Equal, T, bool>;
    case FloorDivide:
      return binary_loop<scalar::FloorDivide, T, T>;
    case Greater:
      return binary_loop<scalar::Greater, T, bool>;
    case GreaterEqual:
      return binary_loop<scalar::GreaterEqual, T, bool>;
    case Less:
      return binary_loop<scalar::Less, T, bool>;
    case LessEqual:
      return binary_loop<scalar::LessEqual, T, bool>;
    case LogAddExp:
      return binary_loop<scalar::LogAddExp, T, T>;
    case LogicalAnd:
      return binary_loop<scalar::LogicalAnd, T, bool>;
    case LogicalOr:
      return binary_loop<scalar::LogicalOr, T, bool>;
    case Maximum:
      return binary_loop<scalar::Maximum, T, T>;
    case Minimum:
      return binary_loop<scalar::Minimum, T, T>;
    case Multiply:
      return binary_loop<scalar::Multiply, T, T>;
    case NaNEqual:
      return binary_loop<scalar::NaNEqual, T, bool>;
    case NotEqual:
      return binary_loop<scalar::NotEqual, T, bool>;
    case Power:
      return binary_loop<scalar::Power, T, T>;
    case Remainder:
      return binary_loop<scalar::Remainder, T, T>;
    case Subtract:
      return binary_loop<scalar::Subtract, T, T>;
    default:
      return nullptr;
  }
}

ElementwiseKernel find_float(ElementwiseOp op, bool is_double) {
  if (arity(op) == 2) return is_double ? find_binary<double>(op) : find_binary<float>(op);
  return is_double ? find_unary<double>(op) : find_unary<float>(op);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {
HWY_EXPORT(find_float);

ElementwiseKernel find_float_kernel(ElementwiseOp op, Dtype::Val dtype) {
  return HWY_DYNAMIC_DISPATCH(find_float)(op, dtype == Dtype::Val::float64);
}
}  // namespace mlx::core::cpu
#endif
