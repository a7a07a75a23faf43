#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mlx::core::cpu {

/// Copies src into dst, both of `shape`, for elements of 1, 2, 4 or 8 bytes. Strides count
/// elements and may be zero or negative in src; dst must not overlap src or itself.
void copy_strided(size_t itemsize, std::span<const int32_t> shape, const void* src,
                  std::span<const int64_t> src_strides, void* dst,
                  std::span<const int64_t> dst_strides);

/// The same into row-contiguous memory.
void copy_contiguous(size_t itemsize, std::span<const int32_t> shape, const void* src,
                     std::span<const int64_t> src_strides, void* dst);

}  // namespace mlx::core::cpu
