#pragma once

#include <iterator>

#include "primitives/elementwise_op.h"

namespace mlx::core {

/// All that there is to say of an elementwise operation but for its kernels and its derivative.
struct ElementwiseRow {
  /// The dtype that comes out: the operands', bool_, or the real one where they are complex.
  enum class Result { operand, boolean, real };
  /// What an element costs, roughly.
  enum class Work { arithmetic, division, function };
  /// Steps and bits have none wherever they have a derivative at all.
  enum class Slope { none, known };

  ElementwiseOp op;
  /// MLX's name of the primitive.
  const char* name;
  Result result;
  Work work;
  Slope slope;
};

namespace elementwise_table {

using Op = ElementwiseOp;
using Result = ElementwiseRow::Result;
using Work = ElementwiseRow::Work;
using Slope = ElementwiseRow::Slope;

// clang-format off
inline constexpr ElementwiseRow rows[] = {
    {Op::Abs, "Abs", Result::real, Work::arithmetic, Slope::known},
    {Op::ArcCos, "ArcCos", Result::operand, Work::function, Slope::known},
    {Op::ArcCosh, "ArcCosh", Result::operand, Work::function, Slope::known},
    {Op::ArcSin, "ArcSin", Result::operand, Work::function, Slope::known},
    {Op::ArcSinh, "ArcSinh", Result::operand, Work::function, Slope::known},
    {Op::ArcTan, "ArcTan", Result::operand, Work::function, Slope::known},
    {Op::ArcTanh, "ArcTanh", Result::operand, Work::function, Slope::known},
    {Op::BitwiseInvert, "BitwiseInvert", Result::operand, Work::arithmetic, Slope::none},
    {Op::Cast, "AsType", Result::operand, Work::arithmetic, Slope::known},
    {Op::Ceil, "Ceil", Result::operand, Work::arithmetic, Slope::none},
    {Op::Conjugate, "Conjugate", Result::operand, Work::arithmetic, Slope::known},
    {Op::Cos, "Cos", Result::operand, Work::function, Slope::known},
    {Op::Cosh, "Cosh", Result::operand, Work::function, Slope::known},
    {Op::Erf, "Erf", Result::operand, Work::function, Slope::known},
    {Op::ErfInv, "ErfInv", Result::operand, Work::function, Slope::known},
    {Op::Exp, "Exp", Result::operand, Work::function, Slope::known},
    {Op::Expm1, "Expm1", Result::operand, Work::function, Slope::known},
    {Op::Floor, "Floor", Result::operand, Work::arithmetic, Slope::none},
    {Op::Imag, "Imag", Result::real, Work::arithmetic, Slope::known},
    {Op::Log, "Log", Result::operand, Work::function, Slope::known},
    {Op::Log10, "Log10", Result::operand, Work::function, Slope::known},
    {Op::Log1p, "Log1p", Result::operand, Work::function, Slope::known},
    {Op::Log2, "Log2", Result::operand, Work::function, Slope::known},
    {Op::LogicalNot, "LogicalNot", Result::boolean, Work::arithmetic, Slope::none},
    {Op::Negative, "Negative", Result::operand, Work::arithmetic, Slope::known},
    {Op::Real, "Real", Result::real, Work::arithmetic, Slope::known},
    {Op::Reciprocal, "Reciprocal", Result::operand, Work::division, Slope::known},
    {Op::Round, "Round", Result::operand, Work::arithmetic, Slope::none},
    {Op::Rsqrt, "Rsqrt", Result::operand, Work::division, Slope::known},
    {Op::Sigmoid, "Sigmoid", Result::operand, Work::function, Slope::known},
    {Op::Sign, "Sign", Result::operand, Work::arithmetic, Slope::known},
    {Op::Sin, "Sin", Result::operand, Work::function, Slope::known},
    {Op::Sinh, "Sinh", Result::operand, Work::function, Slope::known},
    {Op::Sqrt, "Sqrt", Result::operand, Work::division, Slope::known},
    {Op::Square, "Square", Result::operand, Work::arithmetic, Slope::known},
    {Op::Tan, "Tan", Result::operand, Work::function, Slope::known},
    {Op::Tanh, "Tanh", Result::operand, Work::function, Slope::known},
    {Op::Trunc, "Trunc", Result::operand, Work::arithmetic, Slope::none},
    {Op::Add, "Add", Result::operand, Work::arithmetic, Slope::known},
    {Op::ArcTan2, "ArcTan2", Result::operand, Work::function, Slope::known},
    {Op::BitwiseAnd, "BitwiseAnd", Result::operand, Work::arithmetic, Slope::none},
    {Op::BitwiseOr, "BitwiseOr", Result::operand, Work::arithmetic, Slope::none},
    {Op::BitwiseXor, "BitwiseXor", Result::operand, Work::arithmetic, Slope::none},
    {Op::Divide, "Divide", Result::operand, Work::division, Slope::known},
    {Op::Equal, "Equal", Result::boolean, Work::arithmetic, Slope::none},
    {Op::FloorDivide, "FloorDivide", Result::operand, Work::division, Slope::none},
    {Op::Greater, "Greater", Result::boolean, Work::arithmetic, Slope::none},
    {Op::GreaterEqual, "GreaterEqual", Result::boolean, Work::arithmetic, Slope::none},
    {Op::LeftShift, "LeftShift", Result::operand, Work::arithmetic, Slope::none},
    {Op::Less, "Less", Result::boolean, Work::arithmetic, Slope::none},
    {Op::LessEqual, "LessEqual", Result::boolean, Work::arithmetic, Slope::none},
    {Op::LogAddExp, "LogAddExp", Result::operand, Work::function, Slope::known},
    {Op::LogicalAnd, "LogicalAnd", Result::boolean, Work::arithmetic, Slope::none},
    {Op::LogicalOr, "LogicalOr", Result::boolean, Work::arithmetic, Slope::none},
    {Op::Maximum, "Maximum", Result::operand, Work::arithmetic, Slope::known},
    {Op::Minimum, "Minimum", Result::operand, Work::arithmetic, Slope::known},
    {Op::Multiply, "Multiply", Result::operand, Work::arithmetic, Slope::known},
    {Op::NaNEqual, "NaNEqual", Result::boolean, Work::arithmetic, Slope::none},
    {Op::NotEqual, "NotEqual", Result::boolean, Work::arithmetic, Slope::none},
    {Op::Power, "Power", Result::operand, Work::function, Slope::known},
    {Op::Remainder, "Remainder", Result::operand, Work::division, Slope::known},
    {Op::RightShift, "RightShift", Result::operand, Work::arithmetic, Slope::none},
    {Op::Subtract, "Subtract", Result::operand, Work::arithmetic, Slope::known},
    {Op::Select, "Select", Result::operand, Work::arithmetic, Slope::known},
};
// clang-format on

constexpr bool are_in_order() {
  for (int i = 0; i < elementwise_op_count; ++i)
    if (rows[i].op != Op(i)) return false;
  return true;
}
static_assert(std::size(rows) == elementwise_op_count && are_in_order());

}  // namespace elementwise_table

constexpr const ElementwiseRow& row_of(ElementwiseOp op) {
  return elementwise_table::rows[int(op)];
}

}  // namespace mlx::core
