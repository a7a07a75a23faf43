#include "array/view.h"
#include "gpu/arrays.h"
#include "gpu/copy.h"
#include "mlx/utils.h"
#include "primitives/row_major_copy.h"
#include "primitives/shape.h"

namespace mlx::core {

void gpu::copy_row_major(const array& a, array& out) {
  allocate(out);
  if (out.size() == 0) return;
  Encoder encoder;
  StridedPlace from = encoder.strided(a);
  Place to = encoder.write(out);
  Strides strides = row_contiguous_strides(a.shape());
  encoder.encode([&](Commands& commands) {
    copy(commands, from, a.dtype(), to, {strides.data(), strides.size()});
  });
}

void gpu::copy_or_donate(const array& a, array& out) {
  if (a.flags().row_contiguous && a.data_size() == a.size() && a.is_donatable())
    out.copy_shared_buffer(a, row_contiguous_strides(out.shape()), a.flags(), a.size());
  else
    copy_row_major(a, out);
}

array gpu::row_contiguous(const array& a) {
  if (a.flags().row_contiguous) return a;
  array copy(a.shape(), a.dtype(), nullptr, {});
  copy_row_major(a, copy);
  return copy;
}

void gpu::fill_with(const array& a, array& out) {
  if (out.size() == 0) return;
  Encoder encoder;
  Strides strides = broadcast_strides(a, out.shape());
  const void* value = host_scalar(a);
  StridedPlace from{value ? Place{} : encoder.read(a),
                    a.dtype(),
                    shape_of(out),
                    {strides.data(), strides.size()}};
  Place to = encoder.write(out);
  encoder.encode([&](Commands& commands) {
    if (value)
      fill(commands, a.dtype(), value, to, shape_of(out), strides_of(out));
    else
      copy(commands, from, a.dtype(), to, strides_of(out));
  });
}

void Full::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  gpu::fill_with(inputs[0], output);
}

}  // namespace mlx::core
