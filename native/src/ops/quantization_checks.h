#pragma once

#include <optional>
#include <string>

#include "mlx/array.h"
#include "primitives/quantization.h"

namespace mlx::core {

/// The format that a mode's name, a group size and bits mean; throws std::invalid_argument for
/// combinations that the mode doesn't have. `op` names the operation in errors.
Quantization checked_quantization(const char* op, const std::string& mode,
                                  std::optional<int> group_size, std::optional<int> bits);

/// Throws unless codes, scales and biases are those of one matrix in the format.
void check_quantized(const char* op, const Quantization& format, const array& codes,
                     const array& scales, const std::optional<array>& biases);

/// Throws unless the array has real floating elements, at least `least_ndim` axes, and whole groups
/// along the last one.
void check_groups(const char* op, const Quantization& format, const array& a, size_t least_ndim);

/// Throws unless a scale for all is one number, and the mode nvfp4.
void check_global_scale(const char* op, const Quantization& format,
                        const std::optional<array>& global_scale);

}  // namespace mlx::core
