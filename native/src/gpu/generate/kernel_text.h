#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "gpu/hal.h"

namespace mlx::core::gpu {

/// One file of gpu/kernels or cuda/kernels, as the build wrote it into the binary.
struct KernelText {
  std::string_view name;
  /// The names of what it includes, with spaces between.
  std::string_view needs;
  std::string_view text;
};

/// All files.
std::span<const KernelText> kernel_texts();

/// The text of one file.
std::string_view kernel_text(std::string_view name);

/// The prelude of a language, and the named files in that order with all that they need, each once.
std::string kernel_bodies(Language language, std::initializer_list<std::string_view> names);

}  // namespace mlx::core::gpu
