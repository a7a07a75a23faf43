#pragma once

#include "cpu/conv/box_kernels.h"
#include "cpu/conv/slab.h"

namespace mlx::core::cpu {

/// How groups become units of work. Ordinarily each group is one, with its channels in a slab of
/// its own. Groups of one input channel are one unit together, of which the slab has the channel of
/// every output beside the others.
template <typename W>
struct ChannelPlan {
  bool depthwise;
  int64_t units;
  /// Outputs of a unit.
  int64_t columns;
  /// Elements of a slab's pixel.
  int64_t channels;

  explicit ChannelPlan(const ConvLayout& layout) {
    // With more outputs than this the tiles are full enough to be faster.
    constexpr int64_t kMaxRepeats = 8;
    depthwise = kHasTiles<W> && layout.groups > 1 && layout.group_inputs == 1 &&
                layout.group_outputs <= kMaxRepeats;
    units = depthwise ? 1 : layout.groups;
    columns = depthwise ? layout.groups * layout.group_outputs : layout.group_outputs;
    channels = layout.group_inputs;
    if constexpr (kHasTiles<W>)
      if (depthwise) {
        const int64_t padding = depthwise_padding<W>();
        channels = (columns + padding - 1) / padding * padding;
      }
  }

  SlabChannels slab_channels(const ConvLayout& layout, int64_t unit) const {
    if (depthwise) return {0, layout.groups, layout.group_outputs, channels};
    return {unit * channels, channels, 1, channels};
  }
};

/// Calls f(column, columns, width) for each panel of a unit's columns.
template <typename W, typename F>
void for_each_panel(int64_t columns, F&& f) {
  for (int64_t j = 0; j < columns;) {
    PanelWidth panel{columns, columns};
    if constexpr (kHasTiles<W>) panel = panel_width<W>(columns - j);
    f(j, panel.columns, panel.width);
    j += panel.columns;
  }
}

/// The width of all panels together.
template <typename W>
int64_t panels_width(int64_t columns) {
  int64_t total = 0;
  for_each_panel<W>(columns, [&](int64_t, int64_t, int64_t width) { total += width; });
  return total;
}

}  // namespace mlx::core::cpu
