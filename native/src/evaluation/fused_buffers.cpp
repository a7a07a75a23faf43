#include "evaluation/fused_buffers.h"

#include "runtime/device_side.h"

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
  auto buffer = allocate_for_work(output.nbytes());
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

bool may_donate(const FusedInput& input, const FusedOutput& output, const array* layout) {
  const array &source = *input.source, &target = *output.target;
  return input.holders > 0 && input.last_read <= output.position &&
         source.itemsize() == target.itemsize() && source.use_count() == input.holders &&
         source.data_shared_ptr().use_count() == 1 && has_layout(source, layout) &&
         source.size() == target.size();
}

}  // namespace

std::vector<bool> place_outputs(const Shape& shape, std::span<const FusedInput> inputs,
                                std::span<const FusedOutput> outputs) {
  const array* layout = common_layout(inputs, shape);

  // First find who takes over whose buffer, then allocate the rest: an allocation may fail, and
  // until then nothing may have changed.
  SmallVector<const array*, 4> donors(outputs.size(), nullptr);
  std::vector<bool> taken(inputs.size(), false);
  for (size_t k = 0; k < outputs.size(); ++k) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (taken[i] || !may_donate(inputs[i], outputs[k], layout)) continue;
      taken[i] = true;
      donors[k] = inputs[i].source;
      break;
    }
  }
  for (size_t k = 0; k < outputs.size(); ++k)
    if (!donors[k]) allocate_output(*outputs[k].target, layout);
  for (size_t k = 0; k < outputs.size(); ++k)
    if (donors[k]) outputs[k].target->copy_shared_buffer(*donors[k]);
  return taken;
}

SinglePass::SinglePass(ElementwiseOp op, const std::vector<array>& sources, array& target)
    : output{&target, 0} {
  Instruction instruction{op, sources.back().dtype(), target.dtype(), {0, 0, 0}};
  for (size_t i = 0; i < sources.size(); ++i) {
    program.inputs.push_back(sources[i].dtype());
    instruction.operands[i] = uint16_t(i);
    inputs.push_back({&sources[i], 0, 0});
  }
  program.instructions.push_back(instruction);
  program.outputs.push_back(uint16_t(sources.size()));
  place_outputs(target.shape(), inputs, {&output, 1});
}

}  // namespace mlx::core
