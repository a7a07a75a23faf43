// The innermost loop of matrix products and convolutions: a tile of sums held in registers.
// Compiled once a SIMD target.

#if defined(MLX_CPU_MATMUL_TILE_KERNEL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_MATMUL_TILE_KERNEL_INL_H
#undef MLX_CPU_MATMUL_TILE_KERNEL_INL_H
#else
#define MLX_CPU_MATMUL_TILE_KERNEL_INL_H
#endif

#include <cstdint>
#include <cstring>

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
using Lanes = hn::ScalableTag<T>;

/// Twelve sums, two vectors of the right operand and one element of the left one fill the sixteen
/// registers that AVX2 has.
inline constexpr int64_t kTileRows = 6;
/// Elements in one or two vectors: the columns of a tile.
template <typename T>
inline constexpr int64_t kNarrowTile = int64_t(hn::MaxLanes(Lanes<T>()));
template <typename T>
inline constexpr int64_t kWideTile = 2 * kNarrowTile<T>;

/// out[r][j] (+)= sum over runs and i of a[r][runs[run] + i * a_step] * b[step][j], where step
/// counts the pairs of (run, i).
template <typename T>
struct TileOperands {
  const T* a[kTileRows];
  const int64_t* runs;
  int64_t run_count, run_length, a_step;
  /// Whole vectors are read at every step, also where there are fewer columns.
  const T* b;
  int64_t b_step;
  T* out[kTileRows];
  int64_t columns;
  bool accumulate;
};

template <int kRows, int kVectors, typename T>
HWY_NOINLINE void multiply_tile(const TileOperands<T>& t) {
  const Lanes<T> d;
  using V = hn::Vec<Lanes<T>>;
  constexpr int64_t kLanes = kNarrowTile<T>, kColumns = kVectors * kLanes;
  const bool is_edge = t.columns < kColumns;
  HWY_ALIGN T edge[kRows][kColumns];
  V sums[kRows][kVectors];
#pragma GCC unroll 6
  for (int r = 0; r < kRows; ++r) {
    // What the sums are added to arrives while they are made.
    if (t.accumulate) hwy::Prefetch(t.out[r]), hwy::Prefetch(t.out[r] + t.columns - 1);
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::Zero(d);
  }
  const T* b = t.b;
  const int64_t a_step = t.a_step, b_step = t.b_step, length = t.run_length;
  for (int64_t run = 0; run < t.run_count; ++run) {
    const T* a[kRows];
#pragma GCC unroll 6
    for (int r = 0; r < kRows; ++r) a[r] = t.a[r] + t.runs[run];
    for (int64_t i = 0; i < length; ++i) {
      V right[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) right[v] = hn::LoadU(d, b + v * kLanes);
      b += b_step;
#pragma GCC unroll 6
      for (int r = 0; r < kRows; ++r) {
        const V left = hn::Set(d, a[r][i * a_step]);
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(left, right[v], sums[r][v]);
      }
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < kRows; ++r) {
    T* out = is_edge ? edge[r] : t.out[r];
    if (is_edge && t.accumulate) std::memcpy(edge[r], t.out[r], size_t(t.columns) * sizeof(T));
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      if (t.accumulate) sums[r][v] = hn::Add(hn::LoadU(d, out + v * kLanes), sums[r][v]);
      hn::StoreU(sums[r][v], d, out + v * kLanes);
    }
  }
  if (is_edge)
    for (int r = 0; r < kRows; ++r) std::memcpy(t.out[r], edge[r], size_t(t.columns) * sizeof(T));
}

template <int kVectors, typename T>
void multiply_tile(int64_t rows, const TileOperands<T>& t) {
  switch (rows) {
    case 1:
      return multiply_tile<1, kVectors>(t);
    case 2:
      return multiply_tile<2, kVectors>(t);
    case 3:
      return multiply_tile<3, kVectors>(t);
    case 4:
      return multiply_tile<4, kVectors>(t);
    case 5:
      return multiply_tile<5, kVectors>(t);
    default:
      return multiply_tile<6, kVectors>(t);
  }
}

/// `width` is kNarrowTile or kWideTile.
template <typename T>
void multiply_tile(int64_t rows, int64_t width, const TileOperands<T>& t) {
  width == kWideTile<T> ? multiply_tile<2>(rows, t) : multiply_tile<1>(rows, t);
}

/// The width of the tile for the columns that are left.
template <typename T>
int64_t tile_width(int64_t columns) {
  return columns > kNarrowTile<T> ? kWideTile<T> : kNarrowTile<T>;
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#endif
