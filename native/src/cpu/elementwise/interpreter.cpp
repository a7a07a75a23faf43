#include "cpu/elementwise/interpreter.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "array/dtype_dispatch.h"
#include "cpu/copy/transpose.h"

namespace mlx::core::cpu {
namespace {

// Rows at least this long are worth running one by one.
constexpr int64_t long_row = 256;
constexpr size_t cache_line = 64;
// Sides of a tile. It reads whole cache lines whichever way an operand lies, several of each, and
// blocks of this size still fit the second-level cache.
constexpr size_t tile_rows = 64, tile_columns = 32;
static_assert(tile_rows * tile_columns == ElementwiseInterpreter::tile_size);

/// Memory for the blocks of the calling thread, kept for the next run.
char* scratch(size_t bytes) {
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  thread_local std::unique_ptr<char, Free> memory;
  thread_local size_t capacity = 0;
  if (capacity < bytes) {
    capacity = 0;
    memory.reset(static_cast<char*>(std::aligned_alloc(64, bytes)));
    if (!memory) throw std::bad_alloc();
    capacity = bytes;
  }
  return memory.get();
}

void fill(const char* value, size_t width, char* block, size_t count) {
  dispatch_width(width, [&](auto tag) {
    using T = typename decltype(tag)::type;
    std::fill_n(reinterpret_cast<T*>(block), count, *reinterpret_cast<const T*>(value));
  });
}

/// Copies a tile between memory with two strides and a block with its rows one after the other.
template <typename T, bool is_load>
void move_tile(T* memory, int64_t row_stride, int64_t column_stride, int64_t rows, int64_t columns,
               T* block) {
  if (row_stride == 1 && is_load) {
    cpu::transpose(memory, column_stride, block, columns, rows, columns);
    return;
  }
  if (row_stride == 1) {
    cpu::transpose(block, columns, memory, column_stride, columns, rows);
    return;
  }
  for (int64_t r = 0; r < rows; ++r) {
    T* outside = memory + r * row_stride;
    T* inside = block + r * columns;
    if (column_stride == 1) {
      std::memcpy(is_load ? inside : outside, is_load ? outside : inside,
                  size_t(columns) * sizeof(T));
    } else {
      for (int64_t c = 0; c < columns; ++c) {
        if constexpr (is_load)
          inside[c] = outside[c * column_stride];
        else
          outside[c * column_stride] = inside[c];
      }
    }
  }
}

}  // namespace

ElementwiseInterpreter::ElementwiseInterpreter(const CompiledElementwise& program,
                                               const ElementwiseLayout& layout, size_t block,
                                               const GeneratedKernel* generated)
    : program_(program),
      layout_(layout),
      generated_(generated),
      in_rows_(layout.row_length() >= long_row),
      block_(block),
      places_(layout.operands() + program.register_widths.size(), nullptr),
      staging_(layout.operands(), nullptr),
      kept_(layout.operands(), nullptr) {
  size_t width = 0;
  for (auto bytes : program.register_widths) width += bytes;
  for (auto bytes : program.item_sizes) width += bytes;
  // Blocks are multiples of 256 elements, so all stay aligned to cache lines.
  char* memory = scratch(width * block_);
  for (size_t r = 0; r < program.register_widths.size(); ++r) {
    places_[layout.operands() + r] = memory;
    memory += program.register_widths[r] * block_;
  }
  for (size_t i = 0; i < layout.operands(); ++i) {
    staging_[i] = memory;
    memory += program.item_sizes[i] * block_;
  }
  if (!in_rows_) {
    // Periods are multiples of each other.
    size_t longest = size_t(layout.row_length());
    for (size_t i = 0; i < program.inputs; ++i)
      if (layout.period(i) <= block_) longest = std::max(longest, layout.period(i));
    block_ = block_ / longest * longest;
  }
}

void ElementwiseInterpreter::run(size_t begin, size_t end) {
  while (begin < end) {
    size_t count = block_end(begin, end) - begin;
    run_block(begin, count);
    begin += count;
  }
}

void ElementwiseInterpreter::run_into(size_t begin, size_t end, void* last_output) {
  replacement_ = static_cast<char*>(last_output);
  replacement_begin_ = begin;
  run(begin, end);
}

size_t ElementwiseInterpreter::block_end(size_t begin, size_t end) const {
  end = std::min(end, begin + block_);
  if (!in_rows_) return end;
  auto row = size_t(layout_.row_length());
  return std::min(end, begin - begin % row + row);
}

void ElementwiseInterpreter::run_block(size_t begin, size_t count) {
  SmallVector<int64_t, 16> index(in_rows_ ? size_t(layout_.dims()) : 0);
  if (in_rows_) layout_.split(begin, index.data());
  for (size_t i = 0; i < layout_.operands(); ++i) places_[i] = find(i, begin, count, index.data());
  if (begin + count < layout_.size()) fetch_next(count);
  run_steps(count);
  for (size_t i = program_.inputs; i < layout_.operands(); ++i)
    if (places_[i] == staging_[i]) layout_.store(i, begin, count, staging_[i]);
}

/// Asks memory for the blocks after these, since most steps don't use memory while they compute.
void ElementwiseInterpreter::fetch_next(size_t count) {
  for (size_t i = 0; i < layout_.operands(); ++i) {
    if (places_[i] == staging_[i]) continue;
    size_t bytes = count * layout_.operand(i).item_size;
    for (size_t at = 0; at < bytes; at += cache_line) __builtin_prefetch(places_[i] + bytes + at);
  }
}

void ElementwiseInterpreter::run_steps(size_t count) {
  if (generated_) {
    generated_->run(places_.data(), count);
    return;
  }
  for (auto& step : program_.steps)
    step.kernel(places_[step.operands[0]], places_[step.operands[1]], places_[step.operands[2]],
                places_[step.result], count);
}

/// Where an operand's block is: in place if it lies there without gaps.
char* ElementwiseInterpreter::find(size_t i, size_t begin, size_t count, const int64_t* index) {
  const auto& operand = layout_.operand(i);
  if (is_replaced(i)) return replacement_ + (begin - replacement_begin_) * operand.item_size;
  if (operand.dense) return operand.data + begin * operand.item_size;
  int64_t stride = layout_.row_stride(i);
  if (in_rows_ && (stride == 1 || (stride == 0 && is_input(i)))) {
    char* first = operand.data + layout_.offset(i, index) * operand.item_size;
    if (stride == 1) return first;
    if (kept_[i] != first) fill(first, operand.item_size, staging_[i], block_);
    kept_[i] = first;
    return staging_[i];
  }
  if (is_input(i)) stage(i, begin, count);
  return staging_[i];
}

void ElementwiseInterpreter::stage(size_t i, size_t begin, size_t count) {
  // Blocks of short rows are whole periods, so that what repeats within a block also repeats from
  // block to block.
  bool repeats = !in_rows_ && layout_.period(i) <= block_;
  if (repeats && kept_[i]) return;
  layout_.load(i, begin, count, staging_[i]);
  kept_[i] = repeats && count == block_ ? layout_.operand(i).data : nullptr;
}

size_t ElementwiseInterpreter::tile_count(const ElementwiseLayout& layout, int cross) {
  auto rows = size_t(layout.shape(cross)), columns = size_t(layout.row_length());
  return layout.size() / rows / columns * ((rows + tile_rows - 1) / tile_rows) *
         ((columns + tile_columns - 1) / tile_columns);
}

void ElementwiseInterpreter::run_tiles(size_t begin, size_t end, int cross) {
  auto rows = size_t(layout_.shape(cross)), columns = size_t(layout_.row_length());
  size_t across = (columns + tile_columns - 1) / tile_columns;
  size_t down = (rows + tile_rows - 1) / tile_rows;
  SmallVector<int64_t, 16> index(size_t(layout_.dims()));
  for (size_t i = 0; i < layout_.operands(); ++i) places_[i] = staging_[i];
  for (size_t tile = begin; tile < end; ++tile) {
    // Which tile of its plane, and which plane of the other dimensions.
    size_t plane = tile / (across * down);
    for (int d = layout_.dims() - 1; d-- > 0;) {
      if (d == cross) continue;
      index[size_t(d)] = int64_t(plane % size_t(layout_.shape(d)));
      plane /= size_t(layout_.shape(d));
    }
    size_t row = tile / across % down * tile_rows, column = tile % across * tile_columns;
    index[size_t(cross)] = int64_t(row);
    index[size_t(layout_.dims() - 1)] = int64_t(column);
    size_t height = std::min(tile_rows, rows - row);
    size_t width = std::min(tile_columns, columns - column);
    for (size_t i = 0; i < layout_.operands(); ++i)
      if (is_input(i)) move<true>(i, index.data(), cross, height, width);
    run_steps(height * width);
    for (size_t i = program_.inputs; i < layout_.operands(); ++i)
      move<false>(i, index.data(), cross, height, width);
  }
}

template <bool is_load>
void ElementwiseInterpreter::move(size_t i, const int64_t* index, int cross, size_t height,
                                  size_t width) {
  const auto& operand = layout_.operand(i);
  dispatch_width(operand.item_size, [&](auto tag) {
    using T = typename decltype(tag)::type;
    move_tile<T, is_load>(reinterpret_cast<T*>(operand.data) + layout_.offset(i, index),
                          layout_.stride(i, cross), layout_.row_stride(i), int64_t(height),
                          int64_t(width), reinterpret_cast<T*>(staging_[i]));
  });
}

}  // namespace mlx::core::cpu
