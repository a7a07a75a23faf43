#include "array/view.h"
#include "cpu/copy/copy.h"
#include "cpu/copy/fill.h"
#include "primitives/join.h"

namespace mlx::core {
namespace {

/// Writes a block of output that begins `offset` elements after its first.
void copy_block(const array& in, array& output, int64_t offset) {
  cpu::copy_strided(in.itemsize(), {in.shape().data(), in.ndim()}, in.data<void>(),
                    {in.strides().data(), in.ndim()},
                    output.data<char>() + offset * int64_t(output.itemsize()),
                    {output.strides().data(), output.ndim()});
}

}  // namespace

void Concatenate::eval_cpu(const std::vector<array>& inputs, array& output) {
  output.set_data(allocator::malloc(output.nbytes()));
  int64_t offset = 0;
  for (auto& in : inputs) {
    copy_block(in, output, offset);
    offset += in.shape(axis_) * output.strides(axis_);
  }
}

void Pad::eval_cpu(const std::vector<array>& inputs, array& output) {
  output.set_data(allocator::malloc(output.nbytes()));
  cpu::fill(output.itemsize(), inputs[1].data<void>(), output.size(), output.data<void>());
  Shape begin = start(output.ndim());
  int64_t offset = 0;
  for (size_t i = 0; i < begin.size(); ++i) offset += begin[i] * output.strides()[i];
  copy_block(inputs[0], output, offset);
}

}  // namespace mlx::core
