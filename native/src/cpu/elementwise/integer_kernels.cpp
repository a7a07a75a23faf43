// Integers, bool, and selection by width. Highway compiles this file once for each SIMD target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/integer_kernels.cpp"
#include "cpu/simd_targets.h"
//
#include <hwy/foreach_target.h>
//
#include "array/dtype_dispatch.h"
#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/loops-inl.h"
#include "cpu/elementwise/scalar_ops.h"
#include "cpu/elementwise/unsigned.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::HWY_NAMESPACE {

/// Operations that give the same bits for signed numbers and unsigned.
template <typename T>
ElementwiseKernel FindSignless(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case BitwiseInvert:
      return UnaryLoop<scalar::BitwiseInvert, T, T>;
    case Ceil:
    case Conjugate:
    case Floor:
    case Real:
    case Round:
    case Trunc:
      return UnaryLoop<scalar::Identity, T, T>;
    case Imag:
      return UnaryLoop<scalar::Zero, T, T>;
    case LogicalNot:
      return UnaryLoop<scalar::LogicalNot, T, bool>;
    case Negative:
      return UnaryLoop<scalar::Negative, T, T>;
    case Square:
      return UnaryLoop<scalar::Square, T, T>;
    case Add:
      return BinaryLoop<scalar::Add, T, T>;
    case BitwiseAnd:
      return BinaryLoop<scalar::BitwiseAnd, T, T>;
    case BitwiseOr:
      return BinaryLoop<scalar::BitwiseOr, T, T>;
    case BitwiseXor:
      return BinaryLoop<scalar::BitwiseXor, T, T>;
    case NaNEqual:
    case Equal:
      return BinaryLoop<scalar::Equal, T, bool>;
    case LeftShift:
      return BinaryLoop<scalar::LeftShift, T, T>;
    case LogicalAnd:
      return BinaryLoop<scalar::LogicalAnd, T, bool>;
    case LogicalOr:
      return BinaryLoop<scalar::LogicalOr, T, bool>;
    case Multiply:
      return BinaryLoop<scalar::Multiply, T, T>;
    case NotEqual:
      return BinaryLoop<scalar::NotEqual, T, bool>;
    case Subtract:
      return BinaryLoop<scalar::Subtract, T, T>;
    default:
      return nullptr;
  }
}

template <typename T>
ElementwiseKernel FindTyped(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case Abs:
      return UnaryLoop<scalar::Abs, T, T>;
    case Sign:
      return UnaryLoop<scalar::Sign, T, T>;
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
    case Maximum:
      return BinaryLoop<scalar::Maximum, T, T>;
    case Minimum:
      return BinaryLoop<scalar::Minimum, T, T>;
    case Power:
      return BinaryLoop<scalar::Power, T, T>;
    case Remainder:
      return BinaryLoop<scalar::Remainder, T, T>;
    case RightShift:
      return BinaryLoop<scalar::RightShift, T, T>;
    default:
      return nullptr;
  }
}

ElementwiseKernel FindInteger(ElementwiseOp op, Dtype::Val dtype) {
  auto find = [&](auto tag) {
    using T = typename decltype(tag)::type;
    const ElementwiseKernel signless = FindSignless<Unsigned<T>>(op);
    return signless ? signless : FindTyped<T>(op);
  };
  return dtype == Dtype::Val::bool_ ? find(TypeTag<bool>{}) : dispatch_integral(dtype, find);
}

ElementwiseKernel FindSelect(size_t width) {
  return dispatch_width(width, [](auto tag) -> ElementwiseKernel {
    return SelectLoop<typename decltype(tag)::type>;
  });
}

}  // namespace mlx::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core {
HWY_EXPORT(FindInteger);
HWY_EXPORT(FindSelect);

ElementwiseKernel find_integer_kernel(ElementwiseOp op, Dtype::Val dtype) {
  return HWY_DYNAMIC_DISPATCH(FindInteger)(op, dtype);
}
ElementwiseKernel find_select_kernel(size_t width) {
  return HWY_DYNAMIC_DISPATCH(FindSelect)(width);
}
}  // namespace mlx::core
#endif
