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

size_t ElementwiseLayout::period(size_t operand) const {
  size_t period = size();
  for (int d = 0; d < dims() && stride(operand, d) == 0; ++d) period /= size_t(shape(d));
  return period;
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

/// Carries on from the end of a run along a dimension; how far away the next one begins.
int64_t ElementwiseLayout::next_run(size_t operand, int dim, int64_t* index) const {
  int64_t distance = -index[dim] * stride(operand, dim);
  index[dim] = 0;
  for (int d = dim - 1; d >= 0; --d) {
    distance += stride(operand, d);
    if (++index[d] < shape(d)) break;
    distance -= index[d] * stride(operand, d);
    index[d] = 0;
  }
  return distance;
}

template <bool is_load, typename T>
void ElementwiseLayout::move_rows(size_t operand, size_t position, size_t count, T* values) const {
  const size_t dimensions = size_t(dims());
  SmallVector<int64_t, 16> index(dimensions);
  split(position, index.data());
  T* memory = reinterpret_cast<T*>(operand_[operand].data) + offset(operand, index.data());
  const int last = dims() - 1;
  const int64_t step = row_stride(operand);
  for (auto left = int64_t(count); left > 0;) {
    const int64_t n = dims() ? std::min(left, shape(last) - index[size_t(last)]) : left;
    if (step == 1) {
      std::memcpy(is_load ? values : memory, is_load ? memory : values, size_t(n) * sizeof(T));
    } else if (is_load && step == 0) {
      std::fill_n(values, n, *memory);
    } else {
      for (int64_t i = 0; i < n; ++i) {
        if constexpr (is_load)
          values[i] = memory[i * step];
        else
          memory[i * step] = values[i];
      }
    }
    values += n;
    left -= n;
    if (left > 0) memory += next_run(operand, last, index.data());
  }
}

/// By a table of where the elements of several rows lie, whatever dimensions they are in.
template <bool is_load, typename T>
void ElementwiseLayout::move_short_rows(size_t operand, size_t position, size_t count,
                                        T* values) const {
  constexpr int64_t most = 64;
  // The dimensions from `outer + 1` on fit the table whole, and so many steps along `outer`.
  int outer = dims() - 1;
  int64_t inner = 1;
  while (outer > 0 && inner * shape(outer) <= most) inner *= shape(outer--);
  const int64_t outer_stride = stride(operand, outer);
  const int64_t steps = std::min(most / inner, shape(outer));
  int64_t table[most];
  table[0] = 0;
  int64_t known = 1;
  for (int d = dims() - 1; d >= outer; --d) {
    const int64_t length = d == outer ? steps : shape(d);
    for (int64_t i = 1; i < length; ++i)
      for (int64_t k = 0; k < known; ++k) table[i * known + k] = table[k] + i * stride(operand, d);
    known *= length;
  }

  const size_t dimensions = size_t(dims());
  SmallVector<int64_t, 16> index(dimensions);
  split(position, index.data());
  // Within the dimensions that are in the table only the first position can begin.
  auto skipped = int64_t(position % size_t(inner));
  for (int d = outer + 1; d < dims(); ++d) index[size_t(d)] = 0;
  T* memory = reinterpret_cast<T*>(operand_[operand].data) + offset(operand, index.data());
  for (auto left = int64_t(count); left > 0;) {
    const int64_t there = std::min(steps, shape(outer) - index[size_t(outer)]);
    const int64_t n = std::min(left, there * inner - skipped);
    const int64_t* places = table + skipped;
    for (int64_t i = 0; i < n; ++i) {
      if constexpr (is_load)
        values[i] = memory[places[i]];
      else
        memory[places[i]] = values[i];
    }
    skipped = 0;
    values += n;
    left -= n;
    if (left == 0) break;
    memory += there * outer_stride;
    if ((index[size_t(outer)] += there) == shape(outer))
      memory += next_run(operand, outer, index.data());
  }
}

template <bool is_load>
void ElementwiseLayout::move(size_t operand, size_t position, size_t count, char* block) const {
  constexpr int64_t short_row = 16;
  dispatch_width(operand_[operand].item_size, [&](auto tag) {
    using T = typename decltype(tag)::type;
    if (row_length() < short_row && dims() > 1)
      move_short_rows<is_load>(operand, position, count, reinterpret_cast<T*>(block));
    else
      move_rows<is_load>(operand, position, count, reinterpret_cast<T*>(block));
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
