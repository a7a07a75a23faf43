#include "primitives/quantized.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"
#include "ops/quantization_checks.h"
#include "primitives/quantized_matmul.h"

namespace mlx::core {

template <>
inline constexpr int enumerator_count<QuantizationMode> = int(QuantizationMode::nvfp4) + 1;

namespace {

struct Format {
  QuantizationMode mode;
  int group_size, bits;

  const char* name() const {
    switch (mode) {
      case QuantizationMode::affine:
        return "affine";
      case QuantizationMode::mxfp4:
        return "mxfp4";
      case QuantizationMode::mxfp8:
        return "mxfp8";
      case QuantizationMode::nvfp4:
        return "nvfp4";
    }
    throw std::invalid_argument("a mode of quantization");
  }
};

std::optional<array> input_at(const Arrays& in, size_t i) {
  return i < in.size() ? std::optional(in[i]) : std::nullopt;
}

Values quantize_outputs(const Quantize& node, const Arrays& in) {
  auto [mode, group, bits] = node.parameters();
  Format f{mode, group, bits};
  return same_node(node, in, quantize(in[0], group, bits, f.name(), input_at(in, 1)));
}

Values dequantize_outputs(const Dequantize& node, const Arrays& in) {
  auto [mode, group, bits, dtype] = node.parameters();
  Format f{mode, group, bits};
  return same_node(
      node, in,
      {dequantize(in[0], in[1], input_at(in, 2), group, bits, f.name(), std::nullopt, dtype)});
}

Values rounding_outputs(const QuantizedRounding& node, const Arrays& in) {
  auto [mode, group, bits] = node.parameters();
  Format f{mode, group, bits};
  auto format = checked_quantization("import_function", f.name(), group, bits);
  check_groups("import_function", format, in[0], 1);
  check_global_scale("import_function", format, input_at(in, 1));
  require(in.size() == 1 || (in[1].ndim() == 0 && in[1].dtype() == float32), "a scale for all");
  return {value_of(in[0])};
}

Values quantized_matmul_outputs(const QuantizedMatmul& node, const Arrays& in) {
  auto [mode, group, bits, transpose] = node.parameters();
  Format f{mode, group, bits};
  return same_node(
      node, in,
      {quantized_matmul(in[0], in[1], in[2], input_at(in, 3), transpose, group, bits, f.name())});
}

Values gather_qmm_outputs(const GatherQMM& node, const Arrays& in) {
  auto [mode, group, bits, transpose] = node.parameters();
  Format f{mode, group, bits};
  size_t n = in.size();
  auto biases = n == 6 ? std::optional(in[3]) : std::nullopt;
  return same_node(node, in,
                   {gather_qmm(in[0], in[1], in[2], biases, in[n - 2], in[n - 1], transpose, group,
                               bits, f.name())});
}

}  // namespace

std::vector<NodeKind> quantized_kinds() {
  return {
      kind<ConvertFP8>("ConvertFP8", 1, made_by([](const Arrays& in, Dtype dtype) {
                         return dtype == uint8 ? to_fp8(in[0]) : from_fp8(in[0], dtype);
                       })),
      kind<Dequantize>("Dequantize", {2, 3}, dequantize_outputs),
      kind<GatherQMM>("GatherQMM", {5, 6}, gather_qmm_outputs),
      kind<Quantize>("Quantize", {1, 2}, quantize_outputs),
      kind<QuantizedMatmul>("QuantizedMatmul", {3, 4}, quantized_matmul_outputs),
      kind<QuantizedRounding>("QuantizedRounding", {1, 2}, rounding_outputs),
  };
}

}  // namespace mlx::core
