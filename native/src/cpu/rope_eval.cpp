#include <cmath>

#include "cpu/array_view.h"
#include "cpu/rope/rope.h"
#include "primitives/rope.h"

namespace mlx::core {

void RoPE::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  if (output.size() == 0) return;
  const array &x = inputs[0], &offset = inputs[1];
  const int half = settings_.dims / 2;
  std::vector<double> frequencies;
  if (settings_.has_frequencies) {
    array given = cpu::row_contiguous(inputs[2]);
    frequencies.assign(given.data<float>(), given.data<float>() + half);
  } else {
    for (int i = 0; i < half; ++i)
      frequencies.push_back(std::pow(double(settings_.base), double(i) / half));
  }
  cpu::rope({.dtype = x.dtype(),
             .rows_shape = {x.shape().data(), x.ndim() - 2},
             .length = x.shape(-2),
             .features = x.shape(-1),
             .x = x.data<void>(),
             .x_strides = {x.strides().data(), x.ndim()},
             .offset = offset.data<int32_t>(),
             .offset_strides = {offset.strides().data(), offset.ndim()},
             .dims = settings_.dims,
             .traditional = settings_.traditional,
             .frequencies = frequencies.data(),
             .scale = double(settings_.scale),
             .inverse = inverse_,
             .out = output.data<void>()});
}

}  // namespace mlx::core
