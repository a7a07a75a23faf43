#include "cpu/array_view.h"
#include "cpu/gguf/dequantize.h"
#include "io/gguf_blocks.h"

namespace mlx::core {

void DequantizeGguf::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  array blocks = cpu::row_contiguous(inputs[0]);
  cpu::dequantize_gguf(format_, blocks.data<uint8_t>(), blocks.size() / format_.bytes,
                       output.data<float16_t>());
}

void UnpackGguf::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  for (auto& output : outputs) cpu::allocate(output);
  array blocks = cpu::row_contiguous(inputs[0]);
  cpu::unpack_gguf(format_, blocks.data<uint8_t>(), blocks.size() / format_.bytes,
                   outputs[0].data<uint32_t>(), outputs[1].data<float16_t>(),
                   outputs[2].data<float16_t>());
}

}  // namespace mlx::core
