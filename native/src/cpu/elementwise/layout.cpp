#include "cpu/elementwise/layout.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "array/dtype_dispatch.h"

namespace mlx::core {
namespace {

// Below these a tile would not use whole cache lines, or the rows do well as they are.
constexpr int64_t far_apart = 8, shortest_side = 8;

}  // namespace

ElementwiseLayout::ElementwiseLayout(const CompiledElementwise& program,
                                     std::span<const int32_t> shape,
                                     std::span<const ConstOperand> inputs,
                                     std::span<const MutableOperand> outputs, Order order) {
  SmallVector<std::span<const int64_t>, 8> strides;
  for (auto& input : inputs) {
    auto* data = static_cast<char*>(const_cast<void*>(input.data));
    operand_.push_back({data, program.item_sizes[operand_.size()], true});
    strides.push_back(input.strides);
  }
  for (auto& output : outputs) {
    operand_.push_back(
        {static_cast<char*>(output.data), program.item_sizes[operand_.size()], true});
    strides.push_back(output.strides);
  }

  SmallVector<int, 8> visited;
  for (size_t d = 0; d < shape.size(); ++d) {
    size_ *= size_t(shape[d]);
    if (shape[d] != 1) visited.push_back(int(d));
  }
  if (size_ == 0) return;
  if (order == Order::memory) {
    auto& by = outputs[0].strides;
    auto is_outer = [&](int a, int b) { return std::abs(by[size_t(a)]) > std::abs(by[size_t(b)]); };
    // By insertion: they are few, mostly in order, and std::stable_sort allocates.
    for (size_t i = 1; i < visited.size(); ++i)
      for (size_t k = i; k > 0 && is_outer(visited[k], visited[k - 1]); --k)
        std::swap(visited[k], visited[k - 1]);
  }

  size_t count = operand_.size();
  for (int dim : visited) {
    auto d = size_t(dim);
    size_t last = strides_.size() - count;
    bool merges = !shape_.empty();
    for (size_t i = 0; merges && i < count; ++i)
      merges = strides_[last + i] == strides[i][d] * shape[d];
    if (merges) {
      shape_.back() *= shape[d];
      for (size_t i = 0; i < count; ++i) strides_[last + i] = strides[i][d];
    } else {
      shape_.push_back(shape[d]);
      for (size_t i = 0; i < count; ++i) strides_.push_back(strides[i][d]);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    int64_t step = 1;
    for (int d = dims(); d-- > 0 && operand_[i].dense;) {
      operand_[i].dense = stride(i, d) == step;
      step *= this->shape(d);
    }
  }
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
  SmallVector<int64_t, 16> index(shape_.size());
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

}  // namespace mlx::core
