#include "array/dtype_dispatch.h"
#include "array/view.h"
#include "cpu/copy/copy.h"
#include "mlx/utils.h"
#include "ops/slice_bounds.h"
#include "primitives/slice.h"

namespace mlx::core {
namespace {

/// Where the slice of this shape begins, as the computed values say.
Shape computed_start(const char* name, const array& start, const std::vector<int>& axes,
                     const Shape& shape, const Shape& slice_shape) {
  Shape begin(shape.size(), 0);
  dispatch_integral(start.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (size_t i = 0; i < axes.size(); ++i) {
      int axis = axes[i];
      T value = start.data<T>()[int64_t(i) * start.strides()[0]];
      int64_t last = int64_t(shape[axis]) - slice_shape[axis];
      bool inside = value >= 0
                        ? uint64_t(value) <= uint64_t(last)
                        : int64_t(value) + shape[axis] >= 0 && int64_t(value) + shape[axis] <= last;
      if (!inside)
        throw EngineError(concat_text("[", name, "] A slice of size ", slice_shape[axis],
                                      " that begins at ", +value, " leaves axis ", axis,
                                      " of shape ", shape, "."));
      begin[axis] = int(value >= 0 ? int64_t(value) : int64_t(value) + shape[axis]);
    }
  });
  return begin;
}

void copy_values(const array& from, array& to, const Strides& strides, int64_t offset) {
  cpu::copy_strided(from.itemsize(), {from.shape().data(), from.ndim()}, from.data<void>(),
                    {from.strides().data(), from.ndim()},
                    to.data<char>() + offset * int64_t(to.itemsize()),
                    {strides.data(), strides.size()});
}

/// Puts source's values into output, in source's own buffer when nobody else can see it.
void start_from(const array& source, const array& update, array& output) {
  bool dense = source.flags().contiguous && source.data_size() == source.size();
  if (dense && source.is_donatable()) {
    output.copy_shared_buffer(source);
    return;
  }
  output.set_data(allocator::malloc(output.nbytes()));
  // An update of this size overwrites everything.
  if (update.size() != output.size()) copy_values(source, output, output.strides(), 0);
}

}  // namespace

void SliceUpdate::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array& update = inputs[1];
  auto bounds = slice_bounds("slice_update", output.shape(), start_, stop_, strides_);
  start_from(inputs[0], update, output);
  copy_values(update, output, stepped(output.strides(), bounds.strides),
              offset_of(bounds.start, output.strides()));
}

void DynamicSlice::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array& in = inputs[0];
  Shape begin = computed_start("slice", inputs[1], axes_, in.shape(), output.shape());
  make_view(in, in.strides(), offset_of(begin, in.strides()), output);
}

void DynamicSliceUpdate::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array& update = inputs[1];
  Shape begin = computed_start("slice_update", inputs[2], axes_, output.shape(), update.shape());
  start_from(inputs[0], update, output);
  copy_values(update, output, output.strides(), offset_of(begin, output.strides()));
}

}  // namespace mlx::core
