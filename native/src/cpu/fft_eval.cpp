#include "cpu/array_view.h"
#include "cpu/fft/fftn.h"
#include "primitives/fft.h"

namespace mlx::core {

void FFT::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::fftn(cpu::input_view(inputs[0]),
            {.axes = axes_,
             .from_real = kind_ == Kind::real,
             .to_real = kind_ == Kind::inverse_real,
             .length = length_,
             .inverse = inverse_,
             .scale = scale_},
            output.data<void>());
}

}  // namespace mlx::core
