// Integers, bool, and selection by width. Highway compiles this file once for each SIMD target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/integer_kernels.cpp"
#include "cpu/simd_targets.h"

#include "hwy/foreach_target.h"

#include "array/dtype_dispatch.h"
#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/loops-inl.h"
#include "cpu/elementwise/scalar_ops.h"
#include "cpu/elementwise/unsigned.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// Operations that give the same bits for signed numbers and unsigned.
template <typename T>
ElementwiseKernel find_signless(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case BitwiseInvert:
      return unary_loop<scalar::BitwiseInvert, T, T>;
    case Ceil:
    case Conjugate:
    case Floor:
    case Real:
    case Round:
    case Trunc:
      return unary_loop<scalar::Identity, T, T>;
    case Imag:
      return unary_loop<scalar::Zero, T, T>;
    case LogicalNot:
      return unary_loop<scalar::LogicalNot, T, bool>;
    case Negative:
      return unary_loop<scalar::Negative, T, T>;
    case Square:
      return unary_loop<scalar::Square, T, T>;
    case Add:
      return binary_loop<scalar::Add, T, T>;
    case BitwiseAnd:
      return binary_loop<scalar::BitwiseAnd, T, T>;
    case BitwiseOr:
      return binary_loop<scalar::BitwiseOr, T, T>;
    case BitwiseXor:
      return binary_loop<scalar::BitwiseXor, T, T>;
    case NaNEqual:
    case Equal:
      return binary_loop<scalar::Equal, T, bool>;
    case LeftShift:
      return binary_loop<scalar::LeftShift, T, T>;
    case LogicalAnd:
      return binary_loop<scalar::LogicalAnd, T, bool>;
    case LogicalOr:
      return binary_loop<scalar::LogicalOr, T, bool>;
    case Multiply:
      return binary_loop<scalar::Multiply, T, T>;
    case NotEqual:
      return binary_loop<scalar::NotEqual, T, bool>;
    case Subtract:
      return binary_loop<scalar::Subtract, T, T>;
    default:
      return nullptr;
  }
}

template <typename T>
ElementwiseKernel find_typed(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case Abs:
      return unary_loop<scalar::Abs, T, T>;
    case Sign:
      return unary_loop<scalar::Sign, T, T>;
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
    case Maximum:
      return binary_loop<scalar::Maximum, T, T>;
    case Minimum:
      return binary_loop<scalar::Minimum, T, T>;
    case Power:
      return binary_loop<scalar::Power, T, T>;
    case Remainder:
      return binary_loop<scalar::Remainder, T, T>;
    case RightShift:
      return binary_loop<scalar::RightShift, T, T>;
    default:
      return nullptr;
  }
}

ElementwiseKernel find_integer(ElementwiseOp op, Dtype::Val dtype) {
  auto find = [&](auto tag) {
    using T = typename decltype(tag)::type;
    const ElementwiseKernel signless = find_signless<Unsigned<T>>(op);
    return signless ? signless : find_typed<T>(op);
  };
  return dtype == Dtype::Val::bool_ ? find(TypeTag<bool>{}) : dispatch_integral(dtype, find);
}

ElementwiseKernel find_select(size_t width) {
  return dispatch_width(width, [](auto tag) -> ElementwiseKernel {
    return select_loop<typename decltype(tag)::type>;
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {
HWY_EXPORT(find_integer);
HWY_EXPORT(find_select);

ElementwiseKernel find_integer_kernel(ElementwiseOp op, Dtype::Val dtype) {
  return HWY_DYNAMIC_DISPATCH(find_integer)(op, dtype);
}
ElementwiseKernel find_select_kernel(size_t width) {
  return HWY_DYNAMIC_DISPATCH(find_select)(width);
}
}  // namespace mlx::core::cpu
#endif
