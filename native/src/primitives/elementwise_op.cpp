#include "primitives/elementwise_op.h"

namespace mlx::core {

const char* elementwise_op_name(ElementwiseOp op) {
  // In the order of the enumeration.
  static constexpr const char* names[] = {
      "Abs",        "ArcCos",        "ArcCosh",    "ArcSin",      "ArcSinh",    "ArcTan",
      "ArcTanh",    "BitwiseInvert", "AsType",     "Ceil",        "Conjugate",  "Cos",
      "Cosh",       "Erf",           "ErfInv",     "Exp",         "Expm1",      "Floor",
      "Imag",       "Log",           "Log10",      "Log1p",       "Log2",       "LogicalNot",
      "Negative",   "Real",          "Reciprocal", "Round",       "Rsqrt",      "Sigmoid",
      "Sign",       "Sin",           "Sinh",       "Sqrt",        "Square",     "Tan",
      "Tanh",       "Trunc",         "Add",        "ArcTan2",     "BitwiseAnd", "BitwiseOr",
      "BitwiseXor", "Divide",        "Equal",      "FloorDivide", "Greater",    "GreaterEqual",
      "LeftShift",  "Less",          "LessEqual",  "LogAddExp",   "LogicalAnd", "LogicalOr",
      "Maximum",    "Minimum",       "Multiply",   "NaNEqual",    "NotEqual",   "Power",
      "Remainder",  "RightShift",    "Subtract",   "Select",
  };
  static_assert(sizeof(names) / sizeof(names[0]) == elementwise_op_count);
  return names[int(op)];
}

}  // namespace mlx::core
