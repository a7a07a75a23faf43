#include <algorithm>

#include "cpu/elementwise/interpreter.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

bool is_row_contiguous(std::span<const int32_t> shape, std::span<const int64_t> strides) {
  int64_t step = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    if (shape[d] != 1 && strides[d] != step) return false;
    step *= shape[d];
  }
  return true;
}

/// Chunks of about the same size: a short last one would leave threads without work.
size_t even_grain(size_t size, size_t grain) {
  constexpr size_t unit = 1024;
  if (size <= grain) return grain;
  const size_t chunks = (size - 1) / grain + 1;
  return ((size - 1) / chunks / unit + 1) * unit;
}

/// A single operation on contiguous data: the kernel runs right on it, with nothing to set up.
bool run_directly(const CompiledElementwise& program, std::span<const int32_t> shape,
                  std::span<const ConstOperand> inputs, std::span<const MutableOperand> outputs) {
  if (program.steps.size() != 1 || outputs.size() != 1) return false;
  for (auto& input : inputs)
    if (!is_row_contiguous(shape, input.strides)) return false;
  if (!is_row_contiguous(shape, outputs[0].strides)) return false;
  size_t size = 1;
  for (auto length : shape) size *= size_t(length);

  auto& step = program.steps[0];
  const char* operands[3];
  size_t widths[3];
  for (int i = 0; i < 3; ++i) {
    operands[i] = static_cast<const char*>(inputs[step.operands[i]].data);
    widths[i] = program.item_sizes[step.operands[i]];
  }
  char* result = static_cast<char*>(outputs[0].data);
  size_t result_width = program.item_sizes[step.result];
  parallel_for(size, even_grain(size, program.grain), [&](size_t begin, size_t end) {
    step.kernel(operands[0] + begin * widths[0], operands[1] + begin * widths[1],
                operands[2] + begin * widths[2], result + begin * result_width, end - begin);
  });
  return true;
}

}  // namespace

void run_elementwise(const CompiledElementwise& program, std::span<const int32_t> shape,
                     std::span<const ConstOperand> inputs,
                     std::span<const MutableOperand> outputs) {
  if (outputs.empty() || run_directly(program, shape, inputs, outputs)) return;
  ElementwiseLayout layout(program, shape, inputs, outputs, ElementwiseLayout::Order::memory);
  if (layout.size() == 0) return;
  auto* generated = program.generated(layout.size());
  if (int cross = layout.cross_dimension(); cross >= 0) {
    size_t grain = std::max<size_t>(program.grain / ElementwiseInterpreter::tile_size, 1);
    parallel_for(
        ElementwiseInterpreter::tile_count(layout, cross), grain, [&](size_t begin, size_t end) {
          ElementwiseInterpreter(program, layout, ElementwiseInterpreter::tile_size, generated)
              .run_tiles(begin, end, cross);
        });
    return;
  }
  const size_t grain = even_grain(layout.size(), program.grain);
  parallel_for(layout.size(), grain, [&](size_t begin, size_t end) {
    ElementwiseInterpreter(program, layout, generated ? GeneratedKernel::block : program.block,
                           generated)
        .run(begin, end);
  });
}

ElementwiseBlocks::ElementwiseBlocks(const CompiledElementwise& program,
                                     std::span<const int32_t> shape,
                                     std::span<const ConstOperand> inputs,
                                     std::span<const MutableOperand> stored)
    : program_(program) {
  SmallVector<MutableOperand, 8> outputs;
  for (auto& output : stored) outputs.push_back(output);
  // The last one lies wherever the caller wants it: as if contiguous, at no address.
  SmallVector<int64_t, 16> strides(shape.size());
  int64_t step = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    strides[d] = step;
    step *= shape[d];
  }
  outputs.push_back({nullptr, {strides.data(), strides.size()}});
  layout_ = std::make_unique<const ElementwiseLayout>(program, shape, inputs,
                                                      std::span(outputs.data(), outputs.size()),
                                                      ElementwiseLayout::Order::shape);
  generated_ = program.generated(layout_->size());
}

ElementwiseBlocks::~ElementwiseBlocks() = default;

size_t ElementwiseBlocks::size() const { return layout_->size(); }

void ElementwiseBlocks::evaluate(size_t begin, size_t count, void* out) const {
  if (count == 0) return;
  ElementwiseInterpreter(program_, *layout_, generated_ ? GeneratedKernel::block : program_.block,
                         generated_)
      .run_into(begin, begin + count, out);
}

}  // namespace mlx::core::cpu
