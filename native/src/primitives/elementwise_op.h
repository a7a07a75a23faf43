#pragma once

#include <cstdint>

namespace mlx::core {

/// The operations that act on each element by itself. All are fusable; a backend has one kernel
/// for each pair of operation and dtype.
enum class ElementwiseOp : uint8_t {
  // One operand.
  Abs,
  ArcCos,
  ArcCosh,
  ArcSin,
  ArcSinh,
  ArcTan,
  ArcTanh,
  BitwiseInvert,
  /// To another dtype.
  Cast,
  Ceil,
  Conjugate,
  Cos,
  Cosh,
  Erf,
  ErfInv,
  Exp,
  Expm1,
  Floor,
  Imag,
  Log,
  Log10,
  Log1p,
  Log2,
  LogicalNot,
  Negative,
  Real,
  Reciprocal,
  Round,
  Rsqrt,
  Sigmoid,
  Sign,
  Sin,
  Sinh,
  Sqrt,
  Square,
  Tan,
  Tanh,
  Trunc,
  // Two operands of one dtype.
  Add,
  ArcTan2,
  BitwiseAnd,
  BitwiseOr,
  BitwiseXor,
  Divide,
  Equal,
  FloorDivide,
  Greater,
  GreaterEqual,
  LeftShift,
  Less,
  LessEqual,
  LogAddExp,
  LogicalAnd,
  LogicalOr,
  Maximum,
  Minimum,
  Multiply,
  /// Equal, where NaN equals NaN.
  NaNEqual,
  NotEqual,
  Power,
  Remainder,
  RightShift,
  Subtract,
  // Three: a condition of dtype bool_, then two of one dtype.
  Select,
};

inline constexpr int elementwise_op_count = int(ElementwiseOp::Select) + 1;

/// The number of operands.
constexpr int arity(ElementwiseOp op) {
  return op == ElementwiseOp::Select ? 3 : op >= ElementwiseOp::Add ? 2 : 1;
}

/// MLX's name of the primitive.
const char* elementwise_op_name(ElementwiseOp op);

}  // namespace mlx::core
