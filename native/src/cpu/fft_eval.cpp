#include "cpu/array_view.h"
#include "cpu/fft/fft.h"
#include "cpu/matmul/scratch.h"
#include "mlx/utils.h"
#include "primitives/fft.h"

namespace mlx::core {

// One axis after another, the first of them with the scale; all but the first step in place.
void FFT::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::StridedInput in = cpu::input_view(inputs[0]);
  cpu::allocate(output);
  const int last = axes_.back();
  if (kind_ == Kind::inverse_real) {
    float scale = scale_;
    bool single = axes_.size() == 1;
    cpu::Scratch<complex64_t> spectrum(single ? 0 : int64_t(inputs[0].size()));
    Strides strides = row_contiguous_strides(inputs[0].shape());
    for (size_t i = 0; i + 1 < axes_.size(); ++i) {
      cpu::fft(in, axes_[i], inverse_, scale, spectrum.data());
      in = {spectrum.data(), complex64, in.shape, {strides.data(), strides.size()}};
      scale = 1;
    }
    cpu::inverse_real_fft(in, last, length_, scale, output.data<float>());
    return;
  }
  auto* out = output.data<complex64_t>();
  if (kind_ == Kind::real)
    cpu::real_fft(in, last, scale_, out);
  else
    cpu::fft(in, last, inverse_, scale_, out);
  for (size_t i = axes_.size() - 1; i-- > 0;)
    cpu::fft(cpu::input_view(output), axes_[i], inverse_, 1, out);
}

}  // namespace mlx::core
