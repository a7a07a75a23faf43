#include <algorithm>
#include <cstring>
#include <memory>

#include "array/dtype_dispatch.h"
#include "cpu/elementwise/compiled_elementwise.h"
#include "runtime/thread_pool.h"

namespace mlx::core {
namespace {

// A register of eight-byte elements fills 4 KB, so that a handful stay in the first-level cache.
constexpr size_t block_elements = 512;
constexpr size_t register_bytes = block_elements * 8;
// Rows at least this long are worth running one by one, with operands used in place.
constexpr int64_t long_row = 256;
constexpr size_t max_dims = 16;
constexpr size_t max_operands = 96;

/// Memory for the registers of the calling thread, kept for the next run.
std::byte* scratch(size_t bytes) {
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  thread_local std::unique_ptr<std::byte, Free> memory;
  thread_local size_t capacity = 0;
  if (capacity < bytes) {
    memory.reset(static_cast<std::byte*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
    if (!memory) {
      capacity = 0;
      throw std::bad_alloc();
    }
    capacity = bytes;
  }
  return memory.get();
}

/// One operand over the dimensions that are left after merging, innermost last.
struct Operand {
  char* data;
  uint8_t item_size;
  /// Runs through memory without gaps over all dimensions.
  bool dense;
  int64_t strides[max_dims];
};

struct Layout {
  int dims = 0;
  int64_t shape[max_dims];
  size_t size = 1;
  size_t operands = 0;
  Operand operand[max_operands];

  int64_t row_length() const { return dims ? shape[dims - 1] : 1; }
};

/// Drops dimensions of one, sorts the others by the output's strides, and merges neighbours that
/// all operands run through in one go.
void build_layout(Layout& layout, const CompiledElementwise& program,
                  std::span<const int32_t> shape, std::span<const ConstOperand> inputs,
                  std::span<const MutableOperand> outputs) {
  layout.operands = inputs.size() + outputs.size();
  if (layout.operands > max_operands) throw EngineError("[elementwise] Too many operands.");
  std::span<const int64_t> strides[max_operands];
  for (size_t i = 0; i < layout.operands; ++i) {
    bool is_input = i < inputs.size();
    strides[i] = is_input ? inputs[i].strides : outputs[i - inputs.size()].strides;
    void* data = is_input ? const_cast<void*>(inputs[i].data) : outputs[i - inputs.size()].data;
    layout.operand[i].data = static_cast<char*>(data);
    layout.operand[i].item_size = program.item_sizes[i];
  }

  int order[64];
  int count = 0;
  if (shape.size() > 64) throw EngineError("[elementwise] More than 64 dimensions.");
  for (size_t d = 0; d < shape.size(); ++d) {
    layout.size *= size_t(shape[d]);
    if (shape[d] != 1) order[count++] = int(d);
  }
  auto& by = strides[inputs.size()];
  std::stable_sort(order, order + count, [&](int a, int b) { return by[a] > by[b]; });

  for (int k = 0; k < count; ++k) {
    int d = order[k];
    bool merges = layout.dims > 0;
    for (size_t i = 0; merges && i < layout.operands; ++i)
      merges = layout.operand[i].strides[layout.dims - 1] == strides[i][d] * shape[d];
    if (merges) {
      layout.shape[layout.dims - 1] *= shape[d];
    } else {
      if (layout.dims == int(max_dims))
        throw EngineError("[elementwise] More than 16 dimensions that can't be merged.");
      layout.shape[layout.dims++] = shape[d];
    }
    for (size_t i = 0; i < layout.operands; ++i)
      layout.operand[i].strides[layout.dims - 1] = strides[i][d];
  }
  for (size_t i = 0; i < layout.operands; ++i) {
    auto& operand = layout.operand[i];
    int64_t step = 1;
    operand.dense = true;
    for (int d = layout.dims; d-- > 0;) {
      operand.dense &= operand.strides[d] == step;
      step *= layout.shape[d];
    }
  }
}

/// Copies n elements between a strided operand and a block, from position `at` of the row on.
template <typename T, bool load>
void move_strided(char* data, int64_t stride, void* block, int64_t n) {
  auto* source = reinterpret_cast<T*>(data);
  auto* to = static_cast<T*>(block);
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (load)
      to[i] = source[i * stride];
    else
      source[i * stride] = to[i];
  }
}

/// The same over `count` elements from flat position `begin`, which may span rows.
template <bool load>
void move_block(const Layout& layout, const Operand& operand, size_t begin, size_t count,
                char* block) {
  int64_t row = layout.row_length();
  int64_t index[max_dims];
  int64_t rest = int64_t(begin), offset = 0;
  for (int d = layout.dims; d-- > 0;) {
    index[d] = rest % layout.shape[d];
    rest /= layout.shape[d];
    offset += index[d] * operand.strides[d];
  }
  int last = layout.dims - 1;
  int64_t stride = layout.dims ? operand.strides[last] : 0;
  int64_t left = int64_t(count);
  dispatch_width(operand.item_size, [&](auto tag) {
    using T = typename decltype(tag)::type;
    while (left > 0) {
      int64_t n = layout.dims ? std::min(left, row - index[last]) : left;
      move_strided<T, load>(operand.data + offset * int64_t(sizeof(T)), stride, block, n);
      block += n * int64_t(sizeof(T));
      left -= n;
      if (left <= 0) break;
      // On to the next row: carry through the outer dimensions.
      offset -= index[last] * stride;
      index[last] = 0;
      for (int d = last - 1; d >= 0; --d) {
        offset += operand.strides[d];
        if (++index[d] < layout.shape[d]) break;
        offset -= index[d] * operand.strides[d];
        index[d] = 0;
      }
    }
  });
}

/// Executes a program over ranges of the flattened shape, on one thread.
class Interpreter {
 public:
  Interpreter(const CompiledElementwise& program, const Layout& layout)
      : program_(program), layout_(layout), in_rows_(layout.row_length() >= long_row) {
    size_t blocks = program.registers;
    bool direct = program.registers == 0;
    for (size_t i = 0; i < layout.operands; ++i) {
      staged_[i] = nullptr;
      repeated_[i] = nullptr;
      if (layout.operand[i].dense) continue;
      direct = false;
      ++blocks;
    }
    // With nothing to keep in a register there is no reason to work in small blocks.
    block_ = direct ? SIZE_MAX : block_elements;
    if (blocks == 0) return;
    std::byte* memory = scratch(blocks * register_bytes);
    for (size_t r = 0; r < program.registers; ++r, memory += register_bytes)
      places_[layout.operands + r] = reinterpret_cast<char*>(memory);
    for (size_t i = 0; i < layout.operands; ++i) {
      if (layout.operand[i].dense) continue;
      staged_[i] = reinterpret_cast<char*>(memory);
      memory += register_bytes;
    }
  }

  void run(size_t begin, size_t end) {
    while (begin < end) {
      size_t count = std::min(end - begin, block_);
      if (in_rows_ && block_ != SIZE_MAX) {
        size_t row = size_t(layout_.row_length());
        count = std::min(count, row - begin % row);
      }
      run_block(begin, count);
      begin += count;
    }
  }

 private:
  void run_block(size_t begin, size_t count) {
    size_t inputs = program_.inputs;
    int64_t row_offset[max_dims];
    if (in_rows_) split(begin, row_offset);
    for (size_t i = 0; i < layout_.operands; ++i) places_[i] = find(i, begin, count, row_offset);
    for (auto& step : program_.steps)
      step.kernel(places_[step.operands[0]], places_[step.operands[1]], places_[step.operands[2]],
                  places_[step.result], count);
    for (size_t i = inputs; i < layout_.operands; ++i)
      if (places_[i] == staged_[i])
        move_block<false>(layout_, layout_.operand[i], begin, count, staged_[i]);
  }

  void split(size_t position, int64_t* index) const {
    for (int d = layout_.dims; d-- > 0;) {
      index[d] = int64_t(position % size_t(layout_.shape[d]));
      position /= size_t(layout_.shape[d]);
    }
  }

  /// Where the kernels find an operand's block: in place if it lies there without gaps.
  char* find(size_t i, size_t begin, size_t count, const int64_t* index) {
    const Operand& operand = layout_.operand[i];
    if (operand.dense) return operand.data + begin * operand.item_size;
    bool is_input = i < program_.inputs;
    if (in_rows_) {
      int64_t offset = 0;
      for (int d = 0; d < layout_.dims; ++d) offset += index[d] * operand.strides[d];
      char* first = operand.data + offset * operand.item_size;
      int64_t stride = operand.strides[layout_.dims - 1];
      if (stride == 1) return first;
      if (stride == 0 && is_input) {
        if (repeated_[i] != first) {
          fill(first, operand.item_size, staged_[i]);
          repeated_[i] = first;
        }
        return staged_[i];
      }
    }
    if (is_input) move_block<true>(layout_, operand, begin, count, staged_[i]);
    return staged_[i];
  }

  static void fill(const char* value, size_t width, char* block) {
    dispatch_width(width, [&](auto tag) {
      using T = typename decltype(tag)::type;
      std::fill_n(reinterpret_cast<T*>(block), block_elements, *reinterpret_cast<const T*>(value));
    });
  }

  const CompiledElementwise& program_;
  const Layout& layout_;
  bool in_rows_;
  size_t block_;
  char* places_[max_operands + 128];
  char* staged_[max_operands];
  /// The address whose value fills the staging block of a repeated operand.
  const char* repeated_[max_operands];
};

}  // namespace

void run_elementwise(const CompiledElementwise& program, std::span<const int32_t> shape,
                     std::span<const ConstOperand> inputs,
                     std::span<const MutableOperand> outputs) {
  Layout layout;
  build_layout(layout, program, shape, inputs, outputs);
  if (layout.size == 0) return;
  parallel_for(layout.size, program.grain,
               [&](size_t begin, size_t end) { Interpreter(program, layout).run(begin, end); });
}

}  // namespace mlx::core
