#include "cpu/conv/box.h"

#include <algorithm>

namespace mlx::core::cpu {
namespace {

constexpr int64_t kSlabElements = 48 * 1024;
constexpr int64_t kMinPixels = 48, kTasks = 32;

}  // namespace

BoxGrid::BoxGrid(const Phase& phase, int64_t batch, int64_t channels, int64_t max_pixels)
    : phase_(phase),
      total_{batch, phase[0].outputs, phase[1].outputs, phase[2].outputs},
      size_{1, 1, 1, 1} {
  const int64_t total = total_[0] * total_[1] * total_[2] * total_[3];
  const int64_t pixels = std::clamp(total / kTasks, kMinPixels, max_pixels);
  for (size_t axis = 4; axis-- > 0;) {
    auto fits = [&](int64_t size) {
      auto larger = size_;
      larger[axis] = size;
      const auto slab = extents(larger);
      return larger[0] * larger[1] * larger[2] * larger[3] <= pixels &&
             slab[0] * slab[1] * slab[2] * slab[3] * channels <= kSlabElements;
    };
    int64_t size = 1;
    while (size < total_[axis] && fits(size + 1)) ++size;
    const int64_t parts = (total_[axis] + size - 1) / size;
    size_[axis] = (total_[axis] + parts - 1) / parts;
    if (parts > 1) break;
  }
  count_ = 1;
  for (size_t axis = 0; axis < 4; ++axis) {
    parts_[axis] = (total_[axis] + size_[axis] - 1) / size_[axis];
    count_ *= parts_[axis];
  }
}

Box BoxGrid::box(int64_t index) const {
  Box box;
  for (size_t axis = 4; axis-- > 0; index /= parts_[axis]) {
    box.begin[axis] = index % parts_[axis] * size_[axis];
    box.size[axis] = std::min(size_[axis], total_[axis] - box.begin[axis]);
  }
  box.slab = extents(box.size);
  return box;
}

int64_t BoxGrid::max_slab_pixels() const {
  const auto slab = extents(size_);
  return slab[0] * slab[1] * slab[2] * slab[3];
}

std::array<int64_t, 4> BoxGrid::extents(const std::array<int64_t, 4>& size) const {
  return {size[0], phase_[0].extent(size[1]), phase_[1].extent(size[2]), phase_[2].extent(size[3])};
}

namespace {

/// Offsets of a grid of points in a slab, in row-major order.
std::vector<int64_t> offsets(const std::array<int64_t, 4>& counts,
                             const std::array<int64_t, 4>& steps) {
  std::vector<int64_t> result;
  result.reserve(size_t(counts[0] * counts[1] * counts[2] * counts[3]));
  for (int64_t n = 0; n < counts[0]; ++n)
    for (int64_t i = 0; i < counts[1]; ++i)
      for (int64_t j = 0; j < counts[2]; ++j)
        for (int64_t k = 0; k < counts[3]; ++k)
          result.push_back(n * steps[0] + i * steps[1] + j * steps[2] + k * steps[3]);
  return result;
}

}  // namespace

std::vector<int64_t> pixel_offsets(const Phase& phase, const Box& box, int64_t channels) {
  const int64_t column = channels, row = box.slab[3] * column, plane = box.slab[2] * row;
  return offsets(box.size, {box.slab[1] * plane, phase[0].stride * plane, phase[1].stride * row,
                            phase[2].stride * column});
}

std::vector<int64_t> tap_offsets(const Phase& phase, const Box& box, int64_t channels) {
  const int64_t column = channels, row = box.slab[3] * column, plane = box.slab[2] * row;
  return offsets(
      {1, phase[0].taps, phase[1].taps, phase[2].taps},
      {0, phase[0].dilation * plane, phase[1].dilation * row, phase[2].dilation * column});
}

}  // namespace mlx::core::cpu
