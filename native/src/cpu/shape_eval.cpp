#include <cstdint>

#include "array/raw_booleans.h"
#include "array/view.h"
#include "cpu/array_view.h"
#include "cpu/copy/copy.h"
#include "mlx/utils.h"
#include "primitives/custom.h"
#include "primitives/graph.h"
#include "primitives/shape.h"

namespace mlx::core {
namespace {

void copy_row_major(const array& in, array& out) {
  out.set_data(allocator::malloc(out.nbytes()));
  cpu::copy_contiguous(in.itemsize(), {in.shape().data(), in.ndim()}, in.data<void>(),
                       {in.strides().data(), in.ndim()}, out.data<void>());
}

/// The same elements in row-major order under another shape: a view if strides allow.
void reshape_values(const array& in, array& out) {
  if (out.size() == 0) return make_view(in, out.strides(), 0, out);
  if (in.flags().row_contiguous) return make_view(in, row_contiguous_strides(out.shape()), 0, out);
  if (auto strides = reshape_strides(in.shape(), in.strides(), out.shape())) {
    make_view(in, *strides, 0, out);
  } else {
    copy_row_major(in, out);
  }
}

/// Strides that repeat an array along the axes it lacks or has once.
Strides broadcast_strides(const array& in, const Shape& shape) {
  Strides strides(shape.size(), 0);
  size_t lead = shape.size() - in.ndim();
  for (size_t i = 0; i < in.ndim(); ++i)
    if (in.shape()[i] != 1 || shape[lead + i] == 1) strides[lead + i] = in.strides()[i];
  return strides;
}

/// The same bytes as elements of another dtype: a view if they lie right for it.
void view_bytes(const array& in, array& out) {
  if (out.size() == 0) return make_view(in, out.strides(), 0, out);
  if (in.itemsize() == out.itemsize()) return out.copy_shared_buffer(in);
  int64_t from = int64_t(in.itemsize()), to = int64_t(out.itemsize());
  size_t last = in.ndim() - 1;
  Strides strides = in.strides();
  // The bytes of the last axis must run on, and every element must lie at a multiple of its size.
  bool fits = (in.shape()[last] == 1 || strides[last] == 1) &&
              reinterpret_cast<uintptr_t>(in.data<void>()) % size_t(to) == 0;
  strides[last] = 1;
  for (size_t i = 0; i < last; ++i) {
    fits &= in.shape()[i] == 1 || strides[i] * from % to == 0;
    strides[i] = strides[i] * from / to;
  }
  if (fits) {
    make_view(in, strides, 0, out);
  } else {
    copy_row_major(in, out);
  }
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
  if (dense && in.buffer_size() <= in.nbytes() + most_slack) {
    output.copy_shared_buffer(in);
  } else {
    copy_row_major(in, output);
  }
}

// ---- Shapes

void Broadcast::eval_cpu(const std::vector<array>& inputs, array& output) {
  make_view(inputs[0], broadcast_strides(inputs[0], output.shape()), 0, output);
}

void Full::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array& in = inputs[0];
  Strides strides = broadcast_strides(in, output.shape());
  output.set_data(allocator::malloc(output.nbytes()));
  cpu::copy_contiguous(in.itemsize(), {output.shape().data(), output.ndim()}, in.data<void>(),
                       {strides.data(), strides.size()}, output.data<void>());
}

void Reshape::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(inputs[0], output);
}
void Flatten::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(inputs[0], output);
}
void Unflatten::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(inputs[0], output);
}
void Squeeze::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(inputs[0], output);
}
void ExpandDims::eval_cpu(const std::vector<array>& inputs, array& output) {
  reshape_values(inputs[0], output);
}

void Transpose::eval_cpu(const std::vector<array>& inputs, array& output) {
  Strides strides;
  for (int axis : axes_) strides.push_back(inputs[0].strides()[size_t(axis)]);
  make_view(inputs[0], strides, 0, output);
}

void AsStrided::eval_cpu(const std::vector<array>& inputs, array& output) {
  // Dense but where a file of a function says otherwise.
  make_view(cpu::row_contiguous(inputs[0]), strides_, int64_t(offset_), output);
}

void View::eval_cpu(const std::vector<array>& inputs, array& output) {
  if (output.dtype() == bool_) {
    view_bytes(cpu::row_contiguous(inputs[0]), output);
    mark_raw_booleans(output);
  } else {
    view_bytes(inputs[0], output);
  }
}

}  // namespace mlx::core
