#include "cpu/array_view.h"
#include "cpu/matmul/gemm.h"
#include "primitives/matmul.h"

namespace mlx::core {

void Matmul::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  size_t batch = output.ndim() - 2;
  auto operand = [&](const array& x) {
    return cpu::GemmOperand{
        x.data<void>(), x.strides(-2), x.strides(-1), {x.strides().data(), batch}};
  };
  cpu::gemm({.dtype = output.dtype(),
             .m = output.shape(-2),
             .n = output.shape(-1),
             .k = inputs[0].shape(-1),
             .batch_shape = {output.shape().data(), batch},
             .a = operand(inputs[0]),
             .b = operand(inputs[1]),
             .d = output.data<void>()});
}

}  // namespace mlx::core
