#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace mlx::core::io {

/// An unsigned integer from its bytes, the lowest first.
template <typename T>
T read_little_endian(const uint8_t* bytes) {
  T value = 0;
  for (size_t i = sizeof(T); i-- > 0;) value = T(uint64_t(value) << 8 | bytes[i]);
  return value;
}

/// Appends an unsigned integer's bytes, the lowest first.
template <typename T>
void append_little_endian(std::string& text, std::type_identity_t<T> value) {
  for (size_t i = 0; i < sizeof(T); ++i) text += char(uint64_t(value) >> (8 * i));
}

}  // namespace mlx::core::io
