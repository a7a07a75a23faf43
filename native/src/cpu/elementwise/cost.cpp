#include "cpu/elementwise/cost.h"

#include <algorithm>

#include "primitives/elementwise_table.h"

namespace mlx::core::cpu {
size_t elementwise_cost(ElementwiseOp op, Dtype::Val dtype) {
  using enum ElementwiseRow::Work;
  auto work = row_of(op).work;
  switch (dtype) {
    case Dtype::Val::complex64:
      return work == function ? 320 : work == division ? 64 : 8;
    case Dtype::Val::float64:
      return work == function ? 80 : work == division ? 16 : 2;
    case Dtype::Val::float32:
    case Dtype::Val::float16:
    case Dtype::Val::bfloat16:
      return work == function ? 10 : work == division ? 4 : 1;
    default:
      return work == function ? 40 : work == division ? 16 : 1;
  }
}

size_t elementwise_grain(size_t cost) {
  constexpr size_t unit = 1024, smallest = 4 * unit, largest = 64 * unit;
  size_t elements = 1024 * unit / std::max<size_t>(cost, 1);
  return std::clamp(elements / unit * unit, smallest, largest);
}

}  // namespace mlx::core::cpu
