#include "cpu/array_view.h"
#include "cpu/hadamard/hadamard.h"
#include "primitives/hadamard.h"

namespace mlx::core {

void Hadamard::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::copy_or_donate(inputs[0], output);
  const int64_t size = output.shape(-1);
  cpu::hadamard(output.dtype(), output.data<void>(), int64_t(output.size()) / size, size,
                double(scale_), transpose_, output.data<void>());
}

}  // namespace mlx::core
