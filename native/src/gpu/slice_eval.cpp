#include "array/view.h"
#include "gpu/arrays.h"
#include "gpu/copy.h"
#include "gpu/indexing.h"
#include "ops/slice_bounds.h"
#include "primitives/row_major_copy.h"
#include "primitives/slice.h"

namespace mlx::core {
namespace {

/// Puts source's values into output, in source's own buffer when nobody else can see it.
void start_from(const array& source, const array& update, array& output) {
  bool dense = source.flags().contiguous && source.data_size() == source.size();
  if (dense && source.is_donatable())
    output.copy_shared_buffer(source);
  else if (update.size() != output.size())
    gpu::copy_row_major(source, output);
  else
    // An update of this size overwrites everything.
    gpu::allocate(output);
}

/// One number an axis, as indices without a shape of their own.
std::vector<gpu::StridedPlace> start_places(gpu::Encoder& encoder, const array& start) {
  std::vector<gpu::StridedPlace> places;
  auto first = encoder.read(start);
  for (int i = 0; i < start.shape(0); ++i)
    places.push_back(
        {first.moved(i * start.strides(0) * int64_t(start.itemsize())), start.dtype(), {}, {}});
  return places;
}

}  // namespace

void SliceUpdate::eval_gpu(const std::vector<array>& inputs, array& output) {
  const array& update = inputs[1];
  auto bounds = slice_bounds("slice_update", output.shape(), start_, stop_, strides_);
  start_from(inputs[0], update, output);
  if (update.size() == 0) return;
  Strides strides = stepped(output.strides(), bounds.strides);
  int64_t offset = offset_of(bounds.start, output.strides());
  gpu::Encoder encoder;
  auto from = encoder.strided(update);
  auto to = gpu::update(encoder, output).moved(offset * int64_t(output.itemsize()));
  encoder.encode([&](gpu::Commands& commands) {
    gpu::copy(commands, from, output.dtype(), to, {strides.data(), strides.size()});
  });
}

// The start's values are read on the device, where one that is out of range counts as the nearest
// that is not.

void DynamicSlice::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto from = encoder.strided(inputs[0]);
  auto start = start_places(encoder, inputs[1]);
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::gather(commands, from, start, axes_, gpu::shape_of(output), to);
  });
}

void DynamicSliceUpdate::eval_gpu(const std::vector<array>& inputs, array& output) {
  const array& update = inputs[1];
  start_from(inputs[0], update, output);
  if (update.size() == 0) return;
  gpu::Encoder encoder;
  auto from = encoder.strided(update);
  auto start = start_places(encoder, inputs[2]);
  gpu::StridedPlace to{gpu::update(encoder, output), output.dtype(), gpu::shape_of(output),
                       gpu::strides_of(output)};
  encoder.encode([&](gpu::Commands& commands) {
    gpu::scatter(commands, gpu::ScatterMode::none, to, start, axes_, from,
                 gpu::OutOfRange::clamped);
  });
}

}  // namespace mlx::core
