#include "cpu/array_view.h"
#include "cpu/matmul/gemm.h"
#include "primitives/matmul.h"

namespace mlx::core {
namespace {

cpu::MatrixView last_two_axes(const array& a) {
  return {a.data<void>(), a.strides(-2), a.strides(-1)};
}

}  // namespace

void Matmul::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array &a = inputs[0], &b = inputs[1];
  cpu::allocate(output);
  if (output.size() == 0) return;
  size_t batch_ndim = a.ndim() - 2;
  cpu::batched_gemm(output.dtype(), {a.shape().data(), batch_ndim}, a.shape(-2), b.shape(-1),
                    a.shape(-1), last_two_axes(a), {a.strides().data(), batch_ndim},
                    last_two_axes(b), {b.strides().data(), batch_ndim}, output.data<void>());
}

}  // namespace mlx::core
