// Highway compiles this file once for each SIMD target.
#include "cpu/conv/box_kernels.h"

#include <algorithm>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/conv/box_kernels.cpp"
#include "hwy/foreach_target.h"

#include "cpu/matmul/tile_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// Panels of weights as long as this stay in the second-level cache beside the slab.
inline constexpr int64_t kInner = 768;

template <typename W>
void convolve(const BoxForward<W>& box) {
  const int64_t piece = std::min(box.run_length, kInner);
  const int64_t runs = std::max<int64_t>(1, kInner / std::max<int64_t>(1, box.run_length));
  TileOperands<W> tile;
  tile.a_step = 1;
  const W* panel = box.weights;
  for (int64_t j = 0, width; j < box.columns; j += width) {
    width = tile_width<W>(box.columns - j);
    tile.columns = std::min(width, box.columns - j);
    tile.b_step = width;
    auto multiply = [&](int64_t run, int64_t begin) {
      tile.runs = box.runs + run;
      tile.run_count = std::min(runs, box.run_count - run);
      tile.run_length = std::min(piece, box.run_length - begin);
      tile.b = panel + (run * box.run_length + begin) * width;
      tile.accumulate = run + begin > 0;
      for (int64_t p = 0; p < box.pixel_count; p += kTileRows) {
        const int64_t rows = std::min(kTileRows, box.pixel_count - p);
        for (int64_t r = 0; r < rows; ++r) {
          tile.a[r] = box.slab + box.pixels[p + r] + begin;
          tile.out[r] = box.out[p + r] + j;
        }
        multiply_tile(rows, width, tile);
      }
    };
    // Without taps there are zeros to store.
    if (box.run_count == 0) multiply(0, 0);
    for (int64_t run = 0; run < box.run_count; run += runs)
      for (int64_t begin = 0; begin < box.run_length; begin += piece) multiply(run, begin);
    panel += box.run_count * box.run_length * width;
  }
}

template <typename W>
void differentiate(const BoxGradient<W>& box) {
  TileOperands<W> tile;
  tile.runs = box.runs;
  tile.run_count = box.run_count;
  tile.run_length = box.run_length;
  tile.a_step = box.step;
  const W* panel = box.cotangent;
  tile.accumulate = box.accumulate;
  for (int64_t j = 0, width; j < box.columns; j += width) {
    width = tile_width<W>(box.columns - j);
    tile.columns = std::min(width, box.columns - j);
    tile.b = panel;
    tile.b_step = box.cotangent_step ? box.cotangent_step : width;
    panel += box.cotangent_step ? width : box.run_count * box.run_length * width;
    for (int64_t i = 0; i < box.row_count; i += kTileRows) {
      const int64_t rows = std::min(kTileRows, box.row_count - i);
      for (int64_t r = 0; r < rows; ++r) {
        tile.a[r] = box.slab + box.rows[i + r];
        tile.out[r] = box.sums + (i + r) * box.sums_stride + j;
      }
      multiply_tile(rows, width, tile);
    }
  }
}

/// A tile of pixels by two vectors of channels.
template <int kPixels, typename W>
HWY_INLINE void convolve_depthwise_tile(const BoxForward<W>& box, int64_t padded, int64_t p,
                                        int64_t c) {
  const Lanes<W> d;
  constexpr int64_t kLanes = kNarrowTile<W>;
  const W* slab[kPixels];
  hn::Vec<Lanes<W>> sums[kPixels][2];
#pragma GCC unroll 4
  for (int i = 0; i < kPixels; ++i) {
    slab[i] = box.slab + box.pixels[p + i] + c;
    sums[i][0] = sums[i][1] = hn::Zero(d);
  }
  const W* weights = box.weights + c;
  for (int64_t run = 0; run < box.run_count; ++run, weights += padded) {
    const auto first = hn::LoadU(d, weights), second = hn::LoadU(d, weights + kLanes);
    const int64_t offset = box.runs[run];
#pragma GCC unroll 4
    for (int i = 0; i < kPixels; ++i) {
      sums[i][0] = hn::MulAdd(hn::LoadU(d, slab[i] + offset), first, sums[i][0]);
      sums[i][1] = hn::MulAdd(hn::LoadU(d, slab[i] + offset + kLanes), second, sums[i][1]);
    }
  }
  const int64_t columns = std::min(2 * kLanes, box.columns - c);
  for (int i = 0; i < kPixels; ++i) {
    W* out = box.out[p + i] + c;
    if (columns == 2 * kLanes) {
      hn::StoreU(sums[i][0], d, out);
      hn::StoreU(sums[i][1], d, out + kLanes);
    } else {
      HWY_ALIGN W edge[2 * kLanes];
      hn::Store(sums[i][0], d, edge);
      hn::Store(sums[i][1], d, edge + kLanes);
      std::memcpy(out, edge, size_t(columns) * sizeof(W));
    }
  }
}

template <typename W>
void convolve_depthwise(const BoxForward<W>& box, int64_t padded) {
  constexpr int kPixels = 4;
  for (int64_t c = 0; c < padded; c += kWideTile<W>) {
    int64_t p = 0;
    for (; p + kPixels <= box.pixel_count; p += kPixels)
      convolve_depthwise_tile<kPixels>(box, padded, p, c);
    for (; p < box.pixel_count; ++p) convolve_depthwise_tile<1>(box, padded, p, c);
  }
}

/// A tile of kernel elements by two vectors of channels. Sums have padded rows.
template <int kTaps, typename W>
HWY_INLINE void differentiate_depthwise_tile(const BoxGradient<W>& box, int64_t padded, int64_t tap,
                                             int64_t c) {
  const Lanes<W> d;
  constexpr int64_t kLanes = kNarrowTile<W>;
  const W* slab[kTaps];
  hn::Vec<Lanes<W>> sums[kTaps][2];
#pragma GCC unroll 4
  for (int i = 0; i < kTaps; ++i) {
    slab[i] = box.slab + box.rows[tap + i] + c;
    const W* from = box.sums + (tap + i) * box.sums_stride + c;
    sums[i][0] = box.accumulate ? hn::LoadU(d, from) : hn::Zero(d);
    sums[i][1] = box.accumulate ? hn::LoadU(d, from + kLanes) : hn::Zero(d);
  }
  const W* cotangent = box.cotangent + c;
  for (int64_t run = 0; run < box.run_count; ++run, cotangent += padded) {
    const auto first = hn::LoadU(d, cotangent), second = hn::LoadU(d, cotangent + kLanes);
    const int64_t offset = box.runs[run];
#pragma GCC unroll 4
    for (int i = 0; i < kTaps; ++i) {
      sums[i][0] = hn::MulAdd(hn::LoadU(d, slab[i] + offset), first, sums[i][0]);
      sums[i][1] = hn::MulAdd(hn::LoadU(d, slab[i] + offset + kLanes), second, sums[i][1]);
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < kTaps; ++i) {
    W* to = box.sums + (tap + i) * box.sums_stride + c;
    hn::StoreU(sums[i][0], d, to);
    hn::StoreU(sums[i][1], d, to + kLanes);
  }
}

template <typename W>
void differentiate_depthwise(const BoxGradient<W>& box, int64_t padded) {
  constexpr int kTaps = 4;
  for (int64_t c = 0; c < padded; c += kWideTile<W>) {
    int64_t tap = 0;
    for (; tap + kTaps <= box.row_count; tap += kTaps)
      differentiate_depthwise_tile<kTaps>(box, padded, tap, c);
    for (; tap < box.row_count; ++tap) differentiate_depthwise_tile<1>(box, padded, tap, c);
  }
}

// Exporting needs functions that are no templates.
#define DEFINE(name, W)                                                            \
  void convolve_##name(const BoxForward<W>& box) { convolve(box); }                \
  void differentiate_##name(const BoxGradient<W>& box) { differentiate(box); }     \
  void convolve_depthwise_##name(const BoxForward<W>& box, int64_t padded) {       \
    convolve_depthwise(box, padded);                                               \
  }                                                                                \
  void differentiate_depthwise_##name(const BoxGradient<W>& box, int64_t padded) { \
    differentiate_depthwise(box, padded);                                          \
  }                                                                                \
  int64_t width_##name(int64_t columns) { return tile_width<W>(columns); }
DEFINE(float32, float)
DEFINE(float64, double)
#undef DEFINE

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

#define DISPATCH(name, W)                                                       \
  HWY_EXPORT(convolve_##name);                                                  \
  HWY_EXPORT(differentiate_##name);                                             \
  HWY_EXPORT(convolve_depthwise_##name);                                        \
  HWY_EXPORT(differentiate_depthwise_##name);                                   \
  HWY_EXPORT(width_##name);                                                     \
  template <>                                                                   \
  void convolve_box(const BoxForward<W>& box) {                                 \
    HWY_DYNAMIC_DISPATCH(convolve_##name)(box);                                 \
  }                                                                             \
  template <>                                                                   \
  void differentiate_box(const BoxGradient<W>& box) {                           \
    HWY_DYNAMIC_DISPATCH(differentiate_##name)(box);                            \
  }                                                                             \
  template <>                                                                   \
  void convolve_box_depthwise(const BoxForward<W>& box, int64_t padded) {       \
    HWY_DYNAMIC_DISPATCH(convolve_depthwise_##name)(box, padded);               \
  }                                                                             \
  template <>                                                                   \
  void differentiate_box_depthwise(const BoxGradient<W>& box, int64_t padded) { \
    HWY_DYNAMIC_DISPATCH(differentiate_depthwise_##name)(box, padded);          \
  }                                                                             \
  template <>                                                                   \
  PanelWidth panel_width<W>(int64_t columns) {                                  \
    const int64_t width = HWY_DYNAMIC_DISPATCH(width_##name)(columns);          \
    return {std::min(width, columns), width};                                   \
  }                                                                             \
  template <>                                                                   \
  int64_t depthwise_padding<W>() {                                              \
    return HWY_DYNAMIC_DISPATCH(width_##name)(int64_t(1) << 20);                \
  }
DISPATCH(float32, float)
DISPATCH(float64, double)
#undef DISPATCH

}  // namespace mlx::core::cpu
#endif
