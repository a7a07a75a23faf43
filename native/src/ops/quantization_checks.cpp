#include "ops/quantization_checks.h"

#include <algorithm>
#include <initializer_list>

#include "mlx/utils.h"

namespace mlx::core {
namespace {

bool is_one_of(int value, std::initializer_list<int> allowed) {
  return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

QuantizationMode mode_named(const char* op, const std::string& name) {
  if (name == "affine") return QuantizationMode::affine;
  if (name == "mxfp4") return QuantizationMode::mxfp4;
  if (name == "mxfp8") return QuantizationMode::mxfp8;
  if (name == "nvfp4") return QuantizationMode::nvfp4;
  throw std::invalid_argument(
      concat_text("[", op, "] Unknown mode '", name, "'; expected affine, mxfp4, mxfp8 or nvfp4."));
}

}  // namespace

Quantization checked_quantization(const char* op, const std::string& mode_name,
                                  std::optional<int> group_size, std::optional<int> bits) {
  const QuantizationMode mode = mode_named(op, mode_name);
  if (mode == QuantizationMode::affine) {
    const Quantization format{mode, group_size.value_or(64), bits.value_or(4)};
    if (!is_one_of(format.group_size, {32, 64, 128}))
      throw std::invalid_argument(concat_text(
          "[", op, "] The mode affine has group sizes 32, 64 and 128, not ", *group_size, "."));
    if (!is_one_of(format.bits, {2, 3, 4, 5, 6, 8}))
      throw std::invalid_argument(
          concat_text("[", op, "] The mode affine has 2, 3, 4, 5, 6 or 8 bits, not ", *bits, "."));
    return format;
  }
  const Quantization format{mode, mode == QuantizationMode::nvfp4 ? 16 : 32,
                            mode == QuantizationMode::mxfp8 ? 8 : 4};
  if (group_size.value_or(format.group_size) != format.group_size ||
      bits.value_or(format.bits) != format.bits)
    throw std::invalid_argument(concat_text(
        "[", op, "] The mode ", mode_name, " has group size ", format.group_size, " and ",
        format.bits, " bits, but received group size ", group_size.value_or(format.group_size),
        " and ", bits.value_or(format.bits), " bits."));
  return format;
}

void check_quantized(const char* op, const Quantization& format, const array& codes,
                     const array& scales, const std::optional<array>& biases) {
  if (codes.dtype() != uint32)
    throw DtypeError(
        concat_text("[", op, "] Expected codes of dtype uint32 but received ", codes.dtype(), "."));
  if (format.is_affine() != biases.has_value())
    throw std::invalid_argument(concat_text("[", op, "] The mode affine has biases and the other ",
                                            "modes have none; biases were ",
                                            biases ? "given." : "missing."));
  if (format.is_affine()) {
    if (!issubdtype(scales.dtype(), floating) || !issubdtype(biases->dtype(), floating))
      throw DtypeError(concat_text("[", op, "] Expected scales and biases of a real floating ",
                                   "dtype but received ", scales.dtype(), " and ", biases->dtype(),
                                   "."));
  } else if (scales.dtype() != uint8) {
    throw DtypeError(concat_text("[", op, "] Expected scales of dtype uint8 but received ",
                                 scales.dtype(), "."));
  }
  bool fits =
      codes.ndim() >= 2 && codes.ndim() == scales.ndim() &&
      int64_t(codes.shape(-1)) * 32 == int64_t(scales.shape(-1)) * format.group_size * format.bits;
  for (int axis = 0; fits && axis + 1 < int(codes.ndim()); ++axis)
    fits = codes.shape(axis) == scales.shape(axis);
  if (!fits)
    throw ShapeError(concat_text("[", op, "] Codes of shape ", codes.shape(), " and scales of ",
                                 "shape ", scales.shape(), " don't belong to one matrix with ",
                                 "group size ", format.group_size, " and ", format.bits, " bits."));
  if (biases && biases->shape() != scales.shape())
    throw ShapeError(concat_text("[", op, "] Scales and biases must have one shape but received ",
                                 scales.shape(), " and ", biases->shape(), "."));
}

void check_groups(const char* op, const Quantization& format, const array& a, size_t least_ndim) {
  if (!issubdtype(a.dtype(), floating))
    throw DtypeError(
        concat_text("[", op, "] Expected a real floating dtype but received ", a.dtype(), "."));
  if (a.ndim() < least_ndim || a.shape(-1) % format.group_size != 0)
    throw ShapeError(concat_text("[", op, "] Expected at least ", least_ndim, " axes, the last of ",
                                 "them a multiple of the group size ", format.group_size,
                                 ", but received shape ", a.shape(), "."));
}

void check_global_scale(const char* op, const Quantization& format,
                        const std::optional<array>& global_scale) {
  if (!global_scale) return;
  if (format.mode != QuantizationMode::nvfp4)
    throw std::invalid_argument(
        concat_text("[", op, "] Only the mode nvfp4 has a scale for all groups."));
  if (global_scale->size() != 1 || !issubdtype(global_scale->dtype(), floating))
    throw std::invalid_argument(concat_text("[", op, "] Expected one floating number as the scale ",
                                            "for all groups but received shape ",
                                            global_scale->shape(), " of ", global_scale->dtype(),
                                            "."));
}

}  // namespace mlx::core
