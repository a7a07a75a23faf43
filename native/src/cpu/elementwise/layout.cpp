#include "cpu/elementwise/layout.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "array/dtype_dispatch.h"

namespace mlx::core::cpu {
namespace {

// Below these a tile would not use whole cache lines, or the rows do well as they are.
constexpr int64_t far_apart = 8, shortest_side = 8;

using OperandStrides = SmallVector<MergedLayout::Strides, 8>;

OperandStrides strides_of(std::span<const ConstOperand> inputs,
                          std::span<const MutableOperand> outputs) {
  OperandStrides strides;
  for (auto& input : inputs) strides.push_back(input.strides);
  for (auto& output : outputs) strides.push_back(output.strides);
  return strides;
}

MergedLayout merged(std::span<const int32_t> shape, std::span<const ConstOperand> inputs,
                    std::span<const MutableOperand> outputs, ElementwiseLayout::Order order) {
  auto strides = strides_of(inputs, outputs);
  return MergedLayout(
      shape, {strides.data(), strides.size()},
      order == ElementwiseLayout::Order::memory ? inputs.size() : MergedLayout::none);
}

}  // namespace

ElementwiseLayout::ElementwiseLayout(const CompiledElementwise& program,
                                     std::span<const int32_t> shape,
                                     std::span<const ConstOperand> inputs,
                                     std::span<const MutableOperand> outputs, Order order)
    : MergedLayout(merged(shape, inputs, outputs, order)) {
  auto add = [&](void* data) {
    size_t i = operand_.size();
    operand_.push_back(
        {static_cast<char*>(data), program.item_sizes[i], size() == 0 || is_dense(i)});
  };
  for (auto& input : inputs) add(const_cast<void*>(input.data));
  for (auto& output : outputs) add(output.data);
}

bool ElementwiseLayout::repeats_rows(size_t operand) const {
  for (int d = 0; d < dims() - 1; ++d)
    if (stride(operand, d) != 0) return false;
  return true;
}

int64_t ElementwiseLayout::offset(size_t operand, const int64_t* index) const {
  int64_t sum = 0;
  for (int d = 0; d < dims(); ++d) sum += index[d] * stride(operand, d);
  return sum;
}

void ElementwiseLayout::split(size_t position, int64_t* index) const {
  for (int d = dims(); d-- > 0;) {
    index[d] = int64_t(position % size_t(shape(d)));
    position /= size_t(shape(d));
  }
}

int ElementwiseLayout::cross_dimension() const {
  if (dims() < 2 || row_length() < shortest_side) return -1;
  for (size_t i = 0; i < operands(); ++i) {
    if (std::abs(row_stride(i)) < far_apart) continue;
    for (int d = dims() - 1; d-- > 0;)
      if (stride(i, d) == 1 && shape(d) >= shortest_side) return d;
  }
  return -1;
}

template <bool is_load>
void ElementwiseLayout::move(size_t operand, size_t position, size_t count, char* block) const {
  const Operand& from = operand_[operand];
  const size_t shape_count = size_t(dims());
  SmallVector<int64_t, 16> index(shape_count);
  split(position, index.data());
  int64_t at = offset(operand, index.data());
  int last = dims() - 1;
  int64_t stride_in_row = row_stride(operand), left = int64_t(count);
  dispatch_width(from.item_size, [&](auto tag) {
    using T = typename decltype(tag)::type;
    auto* memory = reinterpret_cast<T*>(from.data);
    auto* values = reinterpret_cast<T*>(block);
    while (left > 0) {
      int64_t n = dims() ? std::min(left, shape(last) - index[size_t(last)]) : left;
      for (int64_t i = 0; i < n; ++i) {
        if constexpr (is_load)
          values[i] = memory[at + i * stride_in_row];
        else
          memory[at + i * stride_in_row] = values[i];
      }
      values += n;
      left -= n;
      if (left == 0) break;
      // On to the next row: carry through the outer dimensions.
      at -= index[size_t(last)] * stride_in_row;
      index[size_t(last)] = 0;
      for (int d = last - 1; d >= 0; --d) {
        at += stride(operand, d);
        if (++index[size_t(d)] < shape(d)) break;
        at -= index[size_t(d)] * stride(operand, d);
        index[size_t(d)] = 0;
      }
    }
  });
}

void ElementwiseLayout::load(size_t operand, size_t position, size_t count, char* block) const {
  move<true>(operand, position, count, block);
}

void ElementwiseLayout::store(size_t operand, size_t position, size_t count,
                              const char* block) const {
  move<false>(operand, position, count, const_cast<char*>(block));
}

}  // namespace mlx::core::cpu
