#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace mlx::core::cpu {

/// One full tile: a square of which each side is a cache line (or 16 elements for small ones), so
/// every line is read once and written once however far apart the rows are.
template <typename T, int64_t kSide>
void transpose_tile(const T* src, int64_t src_stride, T* dst, int64_t dst_stride) {
  T tile[kSide][kSide];
  for (int64_t i = 0; i < kSide; ++i)
    for (int64_t r = 0; r < kSide; ++r) tile[r][i] = src[i * src_stride + r];
  for (int64_t r = 0; r < kSide; ++r) std::memcpy(dst + r * dst_stride, tile[r], sizeof(tile[r]));
}

/// dst[r * dst_stride + i] = src[i * src_stride + r] for r < rows and i < count.
template <typename T>
void transpose(const T* src, int64_t src_stride, T* dst, int64_t dst_stride, int64_t rows,
               int64_t count) {
  constexpr int64_t kSide = sizeof(T) == 8 ? 8 : 16;
  for (int64_t r = 0; r < rows; r += kSide) {
    int64_t height = std::min(kSide, rows - r);
    for (int64_t i = 0; i < count; i += kSide) {
      int64_t width = std::min(kSide, count - i);
      const T* from = src + i * src_stride + r;
      T* to = dst + r * dst_stride + i;
      if (height == kSide && width == kSide) {
        transpose_tile<T, kSide>(from, src_stride, to, dst_stride);
        continue;
      }
      for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x) to[y * dst_stride + x] = from[x * src_stride + y];
    }
  }
}

}  // namespace mlx::core::cpu
