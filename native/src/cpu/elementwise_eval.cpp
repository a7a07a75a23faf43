#include "cpu/elementwise_eval.h"

#include <array>

#include "mlx/allocator.h"
#include "primitives/elementwise.h"

namespace mlx::core {
namespace {

/// Every element once, without gaps, in whatever order.
bool is_dense(const array& a) { return a.flags().contiguous && a.data_size() == a.size(); }

/// The strides all outputs get: those of the inputs if they agree, so that a chain on transposed
/// data runs straight through memory; otherwise row-contiguous.
const array* common_layout(std::span<const array* const> inputs, const array& output) {
  const array* layout = nullptr;
  for (const array* input : inputs) {
    if (input->shape() != output.shape()) continue;
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

void eval_elementwise(Step& step) {
  array& root = step.members.back();
  std::vector<const array*> sources;
  sources.reserve(step.inputs.size());
  for (auto& input : step.inputs) sources.push_back(input.source);
  const array* layout = common_layout(sources, root);

  // First find who takes over whose buffer, then allocate the rest: an allocation may fail, and
  // until then nothing may have changed.
  std::vector<const array*> donors(step.stored.size(), nullptr);
  std::vector<bool> taken(step.inputs.size(), false);
  if (!step.keep_graph) {
    for (size_t k = 0; k < step.stored.size(); ++k) {
      array& output = step.members[step.stored[k]];
      for (size_t i = 0; i < step.inputs.size(); ++i) {
        auto& input = step.inputs[i];
        const array& source = *input.source;
        if (taken[i] || input.last_read > step.stored[k] ||
            source.itemsize() != output.itemsize() || source.use_count() != input.edges ||
            source.data_shared_ptr().use_count() != 1 || !has_layout(source, layout) ||
            source.size() != output.size())
          continue;
        taken[i] = true;
        donors[k] = &source;
        break;
      }
    }
  }
  for (size_t k = 0; k < step.stored.size(); ++k)
    if (!donors[k]) allocate_output(step.members[step.stored[k]], layout);

  Operands<ConstOperand> inputs(sources.size());
  for (const array* source : sources) inputs.add(source->data<void>(), source->strides());
  Operands<MutableOperand> outputs(step.stored.size());
  for (size_t k = 0; k < step.stored.size(); ++k) {
    array& output = step.members[step.stored[k]];
    if (donors[k]) output.copy_shared_buffer(*donors[k]);
    outputs.add(output.data<void>(), output.strides());
  }
  run_elementwise(*step.program, {root.shape().data(), root.ndim()}, inputs.view(), outputs.view());
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

  std::vector<const array*> sources;
  for (auto& input : inputs) sources.push_back(&input);
  allocate_output(output, common_layout(sources, output));
  Operands<ConstOperand> operands(inputs.size());
  for (auto& input : inputs) operands.add(input.data<void>(), input.strides());
  Operands<MutableOperand> results(1);
  results.add(output.data<void>(), output.strides());
  run_elementwise(*compile_elementwise(program), {output.shape().data(), output.ndim()},
                  operands.view(), results.view());
}

void Elementwise::eval_cpu(const std::vector<array>& inputs, array& output) {
  eval_elementwise(op_, inputs, output);
}

}  // namespace mlx::core
