#include "array/view.h"
#include "cpu/copy/copy.h"
#include "primitives/row_major_copy.h"
#include "primitives/shape.h"

namespace mlx::core {

void cpu::copy_row_major(const array& a, array& out) {
  out.set_data(allocator::malloc(out.nbytes()));
  copy_contiguous(a.itemsize(), {a.shape().data(), a.ndim()}, a.data<void>(),
                  {a.strides().data(), a.ndim()}, out.data<void>());
}

void Full::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array& in = inputs[0];
  Strides strides = broadcast_strides(in, output.shape());
  output.set_data(allocator::malloc(output.nbytes()));
  cpu::copy_contiguous(in.itemsize(), {output.shape().data(), output.ndim()}, in.data<void>(),
                       {strides.data(), strides.size()}, output.data<void>());
}

}  // namespace mlx::core
