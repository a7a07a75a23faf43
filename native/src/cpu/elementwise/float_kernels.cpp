// float32 and float64. Highway compiles this file once for each SIMD target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/float_kernels.cpp"
#include "cpu/simd_targets.h"
//
#include <hwy/foreach_target.h>
//
#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/loops-inl.h"
#include "cpu/elementwise/scalar_ops.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::HWY_NAMESPACE {

template <typename T>
ElementwiseKernel FindUnary(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case Abs:
      return UnaryLoop<scalar::Abs, T, T>;
    case ArcCos:
      return UnaryLoop<scalar::ArcCos, T, T>;
    case ArcCosh:
      return UnaryLoop<scalar::ArcCosh, T, T>;
    case ArcSin:
      return UnaryLoop<scalar::ArcSin, T, T>;
    case ArcSinh:
      return UnaryLoop<scalar::ArcSinh, T, T>;
    case ArcTan:
      return UnaryLoop<scalar::ArcTan, T, T>;
    case ArcTanh:
      return UnaryLoop<scalar::ArcTanh, T, T>;
    case Ceil:
      return UnaryLoop<scalar::Ceil, T, T>;
    case Conjugate:
    case Real:
      return UnaryLoop<scalar::Identity, T, T>;
    case Imag:
      return UnaryLoop<scalar::Zero, T, T>;
    case Cos:
      return UnaryLoop<scalar::Cos, T, T>;
    case Cosh:
      return UnaryLoop<scalar::Cosh, T, T>;
    case Erf:
      return UnaryLoop<scalar::Erf, T, T>;
    case ErfInv:
      return UnaryLoop<scalar::ErfInv, T, T>;
    case Exp:
      return UnaryLoop<scalar::Exp, T, T>;
    case Expm1:
      return UnaryLoop<scalar::Expm1, T, T>;
    case Floor:
      return UnaryLoop<scalar::Floor, T, T>;
    case Log:
      return UnaryLoop<scalar::Log, T, T>;
    case Log10:
      return UnaryLoop<scalar::Log10, T, T>;
    case Log1p:
      return UnaryLoop<scalar::Log1p, T, T>;
    case Log2:
      return UnaryLoop<scalar::Log2, T, T>;
    case LogicalNot:
      return UnaryLoop<scalar::LogicalNot, T, bool>;
    case Negative:
      return UnaryLoop<scalar::Negative, T, T>;
    case Reciprocal:
      return UnaryLoop<scalar::Reciprocal, T, T>;
    case Round:
      return UnaryLoop<scalar::Round, T, T>;
    case Rsqrt:
      return UnaryLoop<scalar::Rsqrt, T, T>;
    case Sigmoid:
      return UnaryLoop<scalar::Sigmoid, T, T>;
    case Sign:
      return UnaryLoop<scalar::Sign, T, T>;
    case Sin:
      return UnaryLoop<scalar::Sin, T, T>;
    case Sinh:
      return UnaryLoop<scalar::Sinh, T, T>;
    case Sqrt:
      return UnaryLoop<scalar::Sqrt, T, T>;
    case Square:
      return UnaryLoop<scalar::Square, T, T>;
    case Tan:
      return UnaryLoop<scalar::Tan, T, T>;
    case Tanh:
      return UnaryLoop<scalar::Tanh, T, T>;
    case Trunc:
      return UnaryLoop<scalar::Trunc, T, T>;
    default:
      return nullptr;
  }
}

template <typename T>
ElementwiseKernel FindBinary(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case Add:
      return BinaryLoop<scalar::Add, T, T>;
    case ArcTan2:
      return BinaryLoop<scalar::ArcTan2, T, T>;
    case Divide:
      return BinaryLoop<scalar::Divide, T, T>;
    case Equal:
      return BinaryLoop<scalar::Equal, T, bool>;
    case FloorDivide:
      return BinaryLoop<scalar::FloorDivide, T, T>;
    case Greater:
      return BinaryLoop<scalar::Greater, T, bool>;
    case GreaterEqual:
      return BinaryLoop<scalar::GreaterEqual, T, bool>;
    case Less:
      return BinaryLoop<scalar::Less, T, bool>;
    case LessEqual:
      return BinaryLoop<scalar::LessEqual, T, bool>;
    case LogAddExp:
      return BinaryLoop<scalar::LogAddExp, T, T>;
    case LogicalAnd:
      return BinaryLoop<scalar::LogicalAnd, T, bool>;
    case LogicalOr:
      return BinaryLoop<scalar::LogicalOr, T, bool>;
    case Maximum:
      return BinaryLoop<scalar::Maximum, T, T>;
    case Minimum:
      return BinaryLoop<scalar::Minimum, T, T>;
    case Multiply:
      return BinaryLoop<scalar::Multiply, T, T>;
    case NaNEqual:
      return BinaryLoop<scalar::NaNEqual, T, bool>;
    case NotEqual:
      return BinaryLoop<scalar::NotEqual, T, bool>;
    case Power:
      return BinaryLoop<scalar::Power, T, T>;
    case Remainder:
      return BinaryLoop<scalar::Remainder, T, T>;
    case Subtract:
      return BinaryLoop<scalar::Subtract, T, T>;
    default:
      return nullptr;
  }
}

ElementwiseKernel FindFloat(ElementwiseOp op, bool is_double) {
  if (arity(op) == 2) return is_double ? FindBinary<double>(op) : FindBinary<float>(op);
  return is_double ? FindUnary<double>(op) : FindUnary<float>(op);
}

}  // namespace mlx::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core {
HWY_EXPORT(FindFloat);

ElementwiseKernel find_float_kernel(ElementwiseOp op, Dtype::Val dtype) {
  return HWY_DYNAMIC_DISPATCH(FindFloat)(op, dtype == Dtype::Val::float64);
}
}  // namespace mlx::core
#endif
