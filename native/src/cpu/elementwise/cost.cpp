#include "cpu/elementwise/cost.h"

#include <algorithm>

namespace mlx::core {
namespace {

enum class Kind { arithmetic, division, function };

Kind kind_of(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case ArcCos:
    case ArcCosh:
    case ArcSin:
    case ArcSinh:
    case ArcTan:
    case ArcTan2:
    case ArcTanh:
    case Cos:
    case Cosh:
    case Erf:
    case ErfInv:
    case Exp:
    case Expm1:
    case Log:
    case Log10:
    case Log1p:
    case Log2:
    case LogAddExp:
    case Power:
    case Sigmoid:
    case Sin:
    case Sinh:
    case Tan:
    case Tanh:
      return Kind::function;
    case Divide:
    case FloorDivide:
    case Reciprocal:
    case Remainder:
    case Rsqrt:
    case Sqrt:
      return Kind::division;
    default:
      return Kind::arithmetic;
  }
}

}  // namespace

size_t elementwise_cost(ElementwiseOp op, Dtype::Val dtype) {
  Kind kind = kind_of(op);
  switch (dtype) {
    case Dtype::Val::complex64:
      return kind == Kind::function ? 320 : kind == Kind::division ? 64 : 8;
    case Dtype::Val::float64:
      return kind == Kind::function ? 80 : kind == Kind::division ? 16 : 2;
    case Dtype::Val::float32:
    case Dtype::Val::float16:
    case Dtype::Val::bfloat16:
      return kind == Kind::function ? 10 : kind == Kind::division ? 4 : 1;
    default:
      return kind == Kind::function ? 40 : kind == Kind::division ? 16 : 1;
  }
}

size_t elementwise_grain(size_t cost) {
  constexpr size_t unit = 1024, smallest = 4 * unit, largest = 64 * unit;
  size_t elements = 1024 * unit / std::max<size_t>(cost, 1);
  return std::clamp(elements / unit * unit, smallest, largest);
}

}  // namespace mlx::core
