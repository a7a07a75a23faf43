#include <cstdint>

#include "array/raw_booleans.h"
#include "array/view.h"
#include "mlx/utils.h"
#include "ops/slice_bounds.h"
#include "primitives/custom.h"
#include "primitives/graph.h"
#include "primitives/join.h"
#include "primitives/row_major_copy.h"
#include "primitives/shape.h"
#include "primitives/slice.h"
#include "runtime/caching_allocator.h"

// Kinds that only make views of their inputs, on any device; some need a copy where there is none.

namespace mlx::core {
namespace {

/// The same elements in row-major order under another shape: a view if strides allow.
void reshape_values(const Device& device, const array& in, array& out) {
  if (out.size() == 0) return make_view(in, out.strides(), 0, out);
  if (in.flags().row_contiguous) return make_view(in, row_contiguous_strides(out.shape()), 0, out);
  if (auto strides = reshape_strides(in.shape(), in.strides(), out.shape())) {
    make_view(in, *strides, 0, out);
  } else {
    copy_row_major(device, in, out);
  }
}

/// Asked of the address alone: a GPU may have the values.
bool is_aligned(const array& a, size_t bytes) {
  auto address = reinterpret_cast<uintptr_t>(a.buffer().record()->data) + uintptr_t(a.offset());
  return address % bytes == 0;
}

/// The same bytes as elements of another dtype: a view if they lie right for it.
void view_bytes(const Device& device, const array& in, array& out) {
  if (out.size() == 0) return make_view(in, out.strides(), 0, out);
  if (in.itemsize() == out.itemsize()) return out.copy_shared_buffer(in);
  int64_t from = int64_t(in.itemsize()), to = int64_t(out.itemsize());
  size_t last = in.ndim() - 1;
  Strides strides = in.strides();
  // The bytes of the last axis must run on, and every element must lie at a multiple of its size.
  bool fits = (in.shape()[last] == 1 || strides[last] == 1) && is_aligned(in, size_t(to));
  strides[last] = 1;
  for (size_t i = 0; i < last; ++i) {
    fits &= in.shape()[i] == 1 || strides[i] * from % to == 0;
    strides[i] = strides[i] * from / to;
  }
  if (fits) {
    make_view(in, strides, 0, out);
  } else {
    copy_row_major(device, in, out);
  }
}

/// a itself or a copy.
array row_contiguous(const Device& device, const array& a) {
  if (a.flags().row_contiguous) return a;
  array copy(a.shape(), a.dtype(), nullptr, {});
  copy_row_major(device, a, copy);
  return copy;
}

}  // namespace

// ---- Kinds that leave the values as they are

void Copy::eval_cpu(const std::vector<array>& inputs, array& output) {
  output.copy_shared_buffer(inputs[0]);
}

void StopGradient::eval_cpu(const std::vector<array>& inputs, array& output) {
  output.copy_shared_buffer(inputs[0]);
}

void Depends::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) outputs[i].copy_shared_buffer(inputs[i]);
}

void CustomTransforms::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  size_t arguments = inputs.size() - outputs.size();
  for (size_t i = 0; i < outputs.size(); ++i) outputs[i].copy_shared_buffer(inputs[arguments + i]);
}

void Contiguous::eval_cpu(const std::vector<array>& inputs, array& output) {
  // A small view is copied out of a much larger buffer, which it would keep alive.
  constexpr size_t most_slack = 16384;
  const array& in = inputs[0];
  bool dense = in.flags().row_contiguous || (allow_col_major_ && in.flags().col_contiguous);
  auto held = [&] { return allocator::caching_allocator().bytes_asked_for(in.buffer()); };
  if (dense && held() <= in.nbytes() + most_slack) {
    output.copy_shared_buffer(in);
  } else {
    copy_row_major(device(), in, output);
  }
}

// ---- Shapes

void Broadcast::eval_cpu(const std::vector<array>& inputs, array& output) {
  make_view(inputs[0], broadcast_strides(inputs[0], output.shape()), 0, output);
}

void Reshape::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(device(), inputs[0], output);
}
void Flatten::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(device(), inputs[0], output);
}
void Unflatten::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(device(), inputs[0], output);
}
void Squeeze::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(device(), inputs[0], output);
}
void ExpandDims::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(device(), inputs[0], output);
}

void Transpose::eval_cpu(const std::vector<array>& inputs, array& output) {
  Strides strides;
  for (int axis : axes_) strides.push_back(inputs[0].strides()[size_t(axis)]);
  make_view(inputs[0], strides, 0, output);
}

void AsStrided::eval_cpu(const std::vector<array>& inputs, array& output) {
  // Dense but where a file of a function says otherwise.
  make_view(row_contiguous(device(), inputs[0]), strides_, int64_t(offset_), output);
}

void View::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array& in = inputs[0];
  if (output.dtype() != bool_) return view_bytes(device(), in, output);
  view_bytes(device(), row_contiguous(device(), in), output);
  if (device() == Device::cpu) mark_raw_booleans(output);
}

// ---- Parts

void Slice::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array& in = inputs[0];
  auto bounds = slice_bounds("slice", in.shape(), start_, stop_, strides_);
  make_view(in, stepped(in.strides(), bounds.strides), offset_of(bounds.start, in.strides()),
            output);
}

void Split::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  const array& in = inputs[0];
  for (size_t i = 0; i < outputs.size(); ++i) {
    int64_t begin = i == 0 ? 0 : indices_[i - 1];
    make_view(in, in.strides(), begin * in.strides(axis_), outputs[i]);
  }
}

}  // namespace mlx::core
