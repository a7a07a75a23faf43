#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "mlx/array.h"
#include "mlx/utils.h"

namespace mlx::core::io {

/// Throws the error of a file that isn't what its format asks for.
template <typename... Parts>
[[noreturn]] void throw_unsound(std::string_view operation, const std::string& file,
                                std::string_view format, const Parts&... parts) {
  throw EngineError(concat_text("[", operation, "] ", file, " is not a sound ", format,
                                " file: ", parts..., "."));
}

/// Throws the error of a sound file with something in it that arrays here can't hold.
template <typename... Parts>
[[noreturn]] void throw_unsupported(std::string_view operation, const std::string& file,
                                    const Parts&... parts) {
  throw EngineError(concat_text("[", operation, "] ", file, " can't be loaded: ", parts..., "."));
}

/// A name out of a file, in quotes, short enough for a message.
inline std::string quoted(std::string_view name) {
  constexpr size_t most = 80;
  std::string text(1, '"');
  text += name.substr(0, most);
  if (name.size() > most) text += "...";
  text += '"';
  return text;
}

/// Sizes out of a file, and the bytes that an array of them has.
struct CheckedShape {
  Shape shape;
  uint64_t bytes = 0;
};

/// Turns sizes into a shape whose strides and bytes are sure not to overflow, or returns false.
/// That holds for empty arrays too, whose other sizes still make strides.
inline bool check_shape(std::span<const uint64_t> sizes, size_t itemsize, CheckedShape& result) {
  constexpr size_t most_dimensions = 64;
  constexpr uint64_t most_bytes = uint64_t(1) << 58;
  if (sizes.size() > most_dimensions) return false;
  uint64_t bytes = itemsize;
  bool is_empty = false;
  result.shape.clear();
  for (uint64_t size : sizes) {
    if (size > uint64_t(std::numeric_limits<ShapeElem>::max())) return false;
    if (size == 0)
      is_empty = true;
    else if (__builtin_mul_overflow(bytes, size, &bytes) || bytes > most_bytes)
      return false;
    result.shape.push_back(ShapeElem(size));
  }
  result.bytes = is_empty ? 0 : bytes;
  return true;
}

}  // namespace mlx::core::io
