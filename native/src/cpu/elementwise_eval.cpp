#include "cpu/elementwise_eval.h"

#include <array>

#include "mlx/allocator.h"
#include "primitives/elementwise.h"
#include "transforms/debug_view.h"

namespace mlx::core {
namespace {

/// Every element once, without gaps, in whatever order.
bool is_dense(const array& a) { return a.flags().contiguous && a.data_size() == a.size(); }

/// The strides all outputs get: those of the inputs if they agree, so that a chain on transposed
/// data runs straight through memory; otherwise row-contiguous.
const array* common_layout(std::span<const FusedInput> inputs, const Shape& shape) {
  const array* layout = nullptr;
  for (auto& [input, holders, last_read] : inputs) {
    if (input->shape() != shape) continue;
    if (input->data_size() < input->size()) continue;  // a broadcast fits any layout
    if (!is_dense(*input)) return nullptr;
    if (layout && layout->strides() != input->strides()) return nullptr;
    layout = input;
  }
  return layout && !layout->flags().row_contiguous ? layout : nullptr;
}

void allocate_output(array& output, const array* layout) {
  auto buffer = allocator::malloc(output.nbytes());
  if (layout) {
    output.set_data(buffer, output.size(), layout->strides(), layout->flags());
  } else {
    output.set_data(buffer);
  }
}

bool has_layout(const array& input, const array* layout) {
  if (!is_dense(input)) return false;
  return layout ? input.strides() == layout->strides() : input.flags().row_contiguous;
}

template <typename T>
class Operands {
 public:
  explicit Operands(size_t count) { operands_.reserve(count); }
  template <typename Pointer>
  void add(Pointer data, const Strides& strides) {
    operands_.push_back({data, {strides.data(), strides.size()}});
  }
  std::span<const T> view() const { return operands_; }

 private:
  std::vector<T> operands_;
};

}  // namespace

std::vector<bool> eval_fused(const CompiledElementwise& program, const Shape& shape,
                             std::span<const FusedInput> inputs,
                             std::span<const FusedOutput> outputs) {
  const array* layout = common_layout(inputs, shape);

  // First find who takes over whose buffer, then allocate the rest: an allocation may fail, and
  // until then nothing may have changed.
  std::vector<const array*> donors(outputs.size(), nullptr);
  std::vector<bool> taken(inputs.size(), false);
  for (size_t k = 0; k < outputs.size(); ++k) {
    array& output = *outputs[k].target;
    for (size_t i = 0; i < inputs.size(); ++i) {
      auto& input = inputs[i];
      const array& source = *input.source;
      if (taken[i] || input.holders == 0 || input.last_read > outputs[k].position ||
          source.itemsize() != output.itemsize() || source.use_count() != input.holders ||
          source.data_shared_ptr().use_count() != 1 || !has_layout(source, layout) ||
          source.size() != output.size())
        continue;
      taken[i] = true;
      donors[k] = &source;
      break;
    }
  }
  for (size_t k = 0; k < outputs.size(); ++k)
    if (!donors[k]) allocate_output(*outputs[k].target, layout);

  Operands<ConstOperand> sources(inputs.size());
  for (auto& input : inputs) sources.add(input.source->data<void>(), input.source->strides());
  Operands<MutableOperand> results(outputs.size());
  for (size_t k = 0; k < outputs.size(); ++k) {
    array& output = *outputs[k].target;
    if (donors[k]) output.copy_shared_buffer(*donors[k]);
    results.add(output.data<void>(), output.strides());
  }
  run_elementwise(program, {shape.data(), shape.size()}, sources.view(), results.view());
  return taken;
}

void eval_elementwise(Step& step) {
  std::vector<FusedInput> inputs;
  inputs.reserve(step.inputs.size());
  for (auto& input : step.inputs)
    inputs.push_back({input.source, step.keep_graph ? 0 : input.edges, input.last_read});
  std::vector<FusedOutput> outputs;
  outputs.reserve(step.stored.size());
  for (uint16_t position : step.stored) outputs.push_back({&step.members[position], position});
  DebugTimer timer;
  eval_fused(*step.program, step.members.back().shape(), inputs, outputs);
  if (timer.is_on()) timer.report(*step.program, inputs, outputs);
}

void eval_elementwise(ElementwiseOp op, const std::vector<array>& inputs, array& output) {
  ElementwiseProgram program;
  Instruction instruction{op, inputs.back().dtype(), output.dtype(), {0, 0, 0}};
  for (size_t i = 0; i < inputs.size(); ++i) {
    program.inputs.push_back(inputs[i].dtype());
    instruction.operands[i] = uint16_t(i);
  }
  program.instructions.push_back(instruction);
  program.outputs.push_back(uint16_t(inputs.size()));

  std::vector<FusedInput> sources;
  for (auto& input : inputs) sources.push_back({&input, 0, 0});
  FusedOutput result{&output, 0};
  eval_fused(*compile_elementwise(program), output.shape(), sources, {&result, 1});
}

void Elementwise::eval_cpu(const std::vector<array>& inputs, array& output) {
  eval_elementwise(op_, inputs, output);
}

}  // namespace mlx::core
