#include "cpu/array_view.h"
#include "cpu/sort/partition.h"
#include "cpu/sort/search_sorted.h"
#include "cpu/sort/sort.h"
#include "cpu/strided_loop.h"
#include "primitives/partition.h"
#include "primitives/search_sorted.h"
#include "primitives/sort.h"

namespace mlx::core {

void Sort::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::sort(cpu::input_view(inputs[0]), axis_, output.data<void>());
}

void ArgSort::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::argsort(cpu::input_view(inputs[0]), axis_, output.data<uint32_t>());
}

void Partition::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::partition(cpu::input_view(inputs[0]), axis_, kth_, output.data<void>());
}

void ArgPartition::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::argpartition(cpu::input_view(inputs[0]), axis_, kth_, output.data<uint32_t>());
}

void SearchSorted::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  if (output.size() == 0) return;
  array values = cpu::row_contiguous(inputs[1]);
  cpu::StridedInput sequences = cpu::input_view(inputs[0]);
  size_t batch_axes = inputs[0].ndim() - 1;
  auto starts =
      cpu::make_loop<1>(sequences.shape.first(batch_axes), {sequences.strides.first(batch_axes)});
  size_t batches = size_t(cpu::loop_size(starts)), count = values.size() / batches;
  cpu::LoopIterator<1> start(starts);
  for (size_t batch = 0; batch < batches; ++batch, start.next()) {
    size_t begin = batch * count;
    cpu::StridedInput sequence{
        inputs[0].data<char>() + start.offset(0) * int64_t(inputs[0].itemsize()), sequences.dtype,
        sequences.shape.last(1), sequences.strides.last(1)};
    cpu::search_sorted(sequence, values.data<char>() + begin * values.itemsize(), count, right_,
                       output.data<uint32_t>() + begin);
  }
}

}  // namespace mlx::core
