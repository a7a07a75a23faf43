#include "cpu/array_view.h"
#include "cpu/attention/attention.h"
#include "primitives/attention.h"

namespace mlx::core {
namespace {

/// One matrix a head: the last two axes.
cpu::HeadsInput heads(const array& a) {
  return {a.data<void>(),
          {a.strides().data(), a.ndim() - 3},
          a.strides(-3),
          a.strides(-2),
          a.strides(-1)};
}

cpu::AttentionArgs arguments(const std::vector<array>& inputs, const AttentionSettings& settings) {
  const array &q = inputs[0], &k = inputs[1], &v = inputs[2];
  cpu::AttentionArgs args{.dtype = q.dtype(),
                          .batch_shape = {q.shape().data(), q.ndim() - 3},
                          .heads = q.shape(-3),
                          .key_heads = k.shape(-3),
                          .queries = q.shape(-2),
                          .keys = k.shape(-2),
                          .width = q.shape(-1),
                          .value_width = v.shape(-1),
                          .scale = double(settings.scale),
                          .q = heads(q),
                          .k = heads(k),
                          .v = heads(v)};
  if (settings.causal) args.mask_kind = cpu::MaskKind::causal;
  if (settings.has_mask) {
    args.mask_kind = inputs[3].dtype() == bool_ ? cpu::MaskKind::boolean : cpu::MaskKind::additive;
    args.mask = heads(inputs[3]);
  }
  if (settings.has_sinks) {
    const array& sinks = inputs[settings.has_mask ? 4 : 3];
    args.sinks = {
        sinks.data<void>(), {sinks.strides().data(), sinks.ndim() - 1}, sinks.strides(-1)};
  }
  return args;
}

}  // namespace

void Attention::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  if (output.size() > 0) cpu::attention(arguments(inputs, settings_), output.data<void>());
}

void AttentionGradient::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  for (auto& output : outputs) cpu::allocate(output);
  const array &result = inputs[inputs.size() - 2], &cotangent = inputs.back();
  void* sinks = settings_.has_sinks ? outputs[3].data<void>() : nullptr;
  cpu::attention_gradient(
      arguments(inputs, settings_), heads(result), heads(cotangent),
      {outputs[0].data<void>(), outputs[1].data<void>(), outputs[2].data<void>(), sinks});
}

}  // namespace mlx::core
