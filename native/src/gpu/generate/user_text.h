#pragma once

#include <string>
#include <string_view>

#include "gpu/hal.h"

namespace mlx::core::gpu {

/// A caller's text in Metal's language as the language of a device takes it. Metal takes it as it
/// is. For the others, arrays in threadgroup memory are declared in their way, numbers with a point
/// are float32, and what is `constant` is const once.
std::string user_text(Language language, std::string_view text);

/// Whether an identifier stands in a text outside of comments and strings.
bool mentions(std::string_view text, std::string_view identifier);

}  // namespace mlx::core::gpu
