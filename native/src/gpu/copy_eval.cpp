#include "array/view.h"
#include "gpu/copy.h"
#include "gpu/encoder.h"
#include "mlx/utils.h"
#include "primitives/row_major_copy.h"
#include "primitives/shape.h"

namespace mlx::core {

void gpu::copy_row_major(const array& a, array& out) {
  allocate(out);
  Encoder encoder;
  StridedPlace from = encoder.strided(a);
  Place to = encoder.write(out);
  Strides strides = row_contiguous_strides(a.shape());
  encoder.encode([&](Commands& commands) {
    copy(commands, from, a.dtype(), to, {strides.data(), strides.size()});
  });
}

void Full::eval_gpu(const std::vector<array>& inputs, array& output) {
  const array& in = inputs[0];
  gpu::allocate(output);
  gpu::Encoder encoder;
  Strides strides = broadcast_strides(in, output.shape());
  std::span<const int32_t> shape{output.shape().data(), output.ndim()};
  std::span<const int64_t> to_strides{output.strides().data(), output.ndim()};
  const void* value = gpu::host_scalar(in);
  gpu::StridedPlace from{
      value ? gpu::Place{} : encoder.read(in), in.dtype(), shape, {strides.data(), strides.size()}};
  gpu::Place to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    if (value)
      gpu::fill(commands, in.dtype(), value, to, shape, to_strides);
    else
      gpu::copy(commands, from, in.dtype(), to, to_strides);
  });
}

}  // namespace mlx::core
