#include "cpu/array_view.h"
#include "cpu/sort/sort.h"
#include "primitives/sort.h"

namespace mlx::core {

void Sort::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::sort(cpu::input_view(inputs[0]), axis_, output.data<void>());
}

void ArgSort::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::argsort(cpu::input_view(inputs[0]), axis_, output.data<uint32_t>());
}

}  // namespace mlx::core
