#include "gpu/arrays.h"
#include "gpu/attention.h"
#include "primitives/attention.h"

namespace mlx::core {
namespace {

/// One matrix a head: the last two axes.
gpu::HeadsPlace heads(gpu::Encoder& encoder, const array& a) {
  return {encoder.read(a), gpu::strides_of(a).first(a.ndim() - 3), a.strides(-3), a.strides(-2),
          a.strides(-1)};
}

gpu::AttentionArgs arguments(gpu::Encoder& encoder, const std::vector<array>& inputs,
                             const AttentionSettings& settings) {
  const array &q = inputs[0], &k = inputs[1], &v = inputs[2];
  gpu::AttentionArgs args{.dtype = q.dtype(),
                          .batch_shape = gpu::shape_of(q).first(q.ndim() - 3),
                          .heads = q.shape(-3),
                          .key_heads = k.shape(-3),
                          .queries = q.shape(-2),
                          .keys = k.shape(-2),
                          .width = q.shape(-1),
                          .value_width = v.shape(-1),
                          .scale = settings.scale,
                          .q = heads(encoder, q),
                          .k = heads(encoder, k),
                          .v = heads(encoder, v),
                          .mask = {},
                          .sinks = {}};
  if (settings.causal) args.mask_kind = gpu::MaskKind::causal;
  if (settings.has_mask) {
    args.mask_kind = inputs[3].dtype() == bool_ ? gpu::MaskKind::boolean : gpu::MaskKind::additive;
    args.mask = heads(encoder, inputs[3]);
  }
  if (settings.has_sinks) {
    const array& sinks = inputs[settings.has_mask ? 4 : 3];
    args.has_sinks = true;
    args.sinks = {encoder.read(sinks), gpu::strides_of(sinks).first(sinks.ndim() - 1),
                  sinks.strides(-1)};
  }
  return args;
}

}  // namespace

void Attention::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto args = arguments(encoder, inputs, settings_);
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) { gpu::attention(commands, args, to); });
}

void AttentionGradient::eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  for (auto& output : outputs) gpu::allocate(output);
  gpu::Encoder encoder;
  auto args = arguments(encoder, inputs, settings_);
  auto result = heads(encoder, inputs[inputs.size() - 2]);
  auto cotangent = heads(encoder, inputs.back());
  gpu::AttentionGradients gradients{
      encoder.write(outputs[0]), encoder.write(outputs[1]), encoder.write(outputs[2]), {}};
  if (settings_.has_sinks) gradients.sinks = encoder.write(outputs[3]);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::attention_gradient(commands, args, result, cotangent, gradients);
  });
}

}  // namespace mlx::core
