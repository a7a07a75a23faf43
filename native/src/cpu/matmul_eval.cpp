#include "cpu/array_view.h"
#include "cpu/matmul/gemm.h"
#include "primitives/matmul.h"

namespace mlx::core {
namespace {

cpu::GemmOperand operand(const array& a) {
  return {a.data<void>(), a.strides(-2), a.strides(-1), {a.strides().data(), a.ndim() - 2}};
}

cpu::GemmArgs product(const array& a, const array& b, array& output) {
  cpu::allocate(output);
  return {.dtype = output.dtype(),
          .m = a.shape(-2),
          .n = b.shape(-1),
          .k = a.shape(-1),
          .batch_shape = {a.shape().data(), a.ndim() - 2},
          .a = operand(a),
          .b = operand(b),
          .d = output.data<void>(),
          .d_row_stride = b.shape(-1)};
}

}  // namespace

void Matmul::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::gemm(product(inputs[0], inputs[1], output));
}

void AddMM::eval_cpu(const std::vector<array>& inputs, array& output) {
  auto args = product(inputs[0], inputs[1], output);
  args.c = operand(inputs[2]);
  args.alpha = double(alpha_);
  args.beta = double(beta_);
  cpu::gemm(args);
}

}  // namespace mlx::core
