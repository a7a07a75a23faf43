#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cpu/conv/phase.h"

namespace mlx::core::cpu {

/// Outputs [begin, begin + size) of a phase along batch and the three spatial axes, and the slab of
/// inputs under them, with `channels` elements a pixel.
struct Box {
  std::array<int64_t, 4> begin, size;
  /// Batch and the three spatial extents of the slab.
  std::array<int64_t, 4> slab;

  int64_t pixels() const { return size[0] * size[1] * size[2] * size[3]; }
  int64_t slab_pixels() const { return slab[0] * slab[1] * slab[2] * slab[3]; }
};

/// Cuts the outputs of a phase into boxes of which the slabs stay in the second-level cache, by
/// shape alone.
class BoxGrid {
 public:
  BoxGrid(const Phase& phase, int64_t batch, int64_t channels, int64_t max_pixels);

  int64_t count() const { return count_; }
  Box box(int64_t index) const;
  /// The most that any box has.
  int64_t max_pixels() const { return size_[0] * size_[1] * size_[2] * size_[3]; }
  int64_t max_slab_pixels() const;

 private:
  std::array<int64_t, 4> extents(const std::array<int64_t, 4>& size) const;

  const Phase phase_;
  std::array<int64_t, 4> total_, size_, parts_;
  int64_t count_;
};

/// Where things lie in a slab with `channels` elements a pixel.
std::vector<int64_t> pixel_offsets(const Phase& phase, const Box& box, int64_t channels);
std::vector<int64_t> tap_offsets(const Phase& phase, const Box& box, int64_t channels);

/// Calls f(pixel, n, o0, o1, o2) with each output's place in the box and its indices in the output.
template <typename F>
void for_each_output(const Phase& phase, const Box& box, F&& f) {
  std::array<int64_t, 4> o;
  int64_t pixel = 0;
  auto index = [&](size_t axis, int64_t t) {
    return phase[axis].first_output + (box.begin[axis + 1] + t) * phase[axis].output_step;
  };
  for (int64_t n = 0; n < box.size[0]; ++n)
    for (int64_t i = 0; i < box.size[1]; ++i)
      for (int64_t j = 0; j < box.size[2]; ++j)
        for (int64_t k = 0; k < box.size[3]; ++k, ++pixel) {
          o = {box.begin[0] + n, index(0, i), index(1, j), index(2, k)};
          f(pixel, o);
        }
}

}  // namespace mlx::core::cpu
