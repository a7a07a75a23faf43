#pragma once

#include <cstdint>
#include <type_traits>

namespace mlx::core::cpu {

/// One box of a convolution: out[p][o] = sum over runs and i of slab[pixels[p] + runs[run] + i]
/// times the weight of (run, i) and o.
template <typename W>
struct BoxForward {
  const W* slab;
  const int64_t* pixels;
  int64_t pixel_count;
  /// Kernel elements and channels, as stretches that are contiguous in the slab.
  const int64_t* runs;
  int64_t run_count, run_length;
  /// Panels of columns, (run, i) by column; see panel_width.
  const W* weights;
  int64_t columns;
  W* const* out;
};

/// The same box seen from the kernel: sums[r][o] (+)= sum over runs and i of
/// slab[rows[r] + runs[run] + i * step] times the cotangent of (run, i) and o.
template <typename W>
struct BoxGradient {
  const W* slab;
  /// Pairs of kernel element and channel.
  const int64_t* rows;
  int64_t row_count;
  /// Rows of neighbouring outputs.
  const int64_t* runs;
  int64_t run_count, run_length, step;
  /// Panels of columns, or with a step the elements of an output that many after its forerunner's.
  const W* cotangent;
  int64_t cotangent_step;
  int64_t columns;
  /// Rows of sums are sums_stride apart.
  W* sums;
  int64_t sums_stride;
  bool accumulate;
};

/// The types that the kernels below know.
template <typename W>
inline constexpr bool kHasTiles = std::is_floating_point_v<W>;

/// How many of the columns that are left the next panel takes; it is filled up with zeros to
/// `width`. Depends on the type and the machine's vectors.
struct PanelWidth {
  int64_t columns, width;
};
template <typename W>
PanelWidth panel_width(int64_t columns);

template <typename W>
void convolve_box(const BoxForward<W>& box);
template <typename W>
void differentiate_box(const BoxGradient<W>& box);

/// Depthwise: every column has a channel of its own in the slab, where it stands in the same place;
/// runs are kernel elements. Slab pixels, weights and cotangents have `padded` columns, a multiple
/// of depthwise_padding.
template <typename W>
void convolve_box_depthwise(const BoxForward<W>& box, int64_t padded);
/// `rows` are kernel elements, and each run is one output.
template <typename W>
void differentiate_box_depthwise(const BoxGradient<W>& box, int64_t padded);
template <typename W>
int64_t depthwise_padding();

}  // namespace mlx::core::cpu
