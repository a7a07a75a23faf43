// Highway compiles this file once for each SIMD target.
#include "cpu/fft/block_kernels.h"

#include <algorithm>
#include <cstring>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/fft/block_kernels.cpp"
#include "hwy/foreach_target.h"

#include "cpu/fft/transpose-inl.h"
#include "hwy/cache_control.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// Whether the lanes in use lie one after another with this distance.
inline bool lie_evenly(const LaneLayout& layout, int64_t distance) {
  for (size_t lane = 1; lane < layout.lanes; ++lane)
    if (layout.starts[lane] - layout.starts[lane - 1] != distance) return false;
  return true;
}

void load_complex_rows(const LaneLayout& layout, const float* data, size_t rows, size_t re,
                       float* block) {
  const LanesTag d;
  const size_t im = re ^ kLanes;
  for (size_t i = 0; i < rows; ++i, data += layout.step, block += kRow) {
    const float* from = data;
    HWY_ALIGN float part[kRow];
    if (layout.lanes < kLanes) {
      std::memset(part, 0, sizeof part);
      std::memcpy(part, data, 2 * layout.lanes * sizeof(float));
      from = part;
    }
    for (size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
      ComplexVector x;
      hn::LoadInterleaved2(d, from + 2 * lane, x.re, x.im);
      hn::StoreU(x.re, d, block + re + lane);
      hn::StoreU(x.im, d, block + im + lane);
    }
  }
}

void store_complex_rows(const LaneLayout& layout, const float* block, size_t rows, size_t re,
                        float scale, float* data) {
  const LanesTag d;
  const size_t im = re ^ kLanes;
  const Vector factor = hn::Set(d, scale);
  for (size_t i = 0; i < rows; ++i, data += layout.step, block += kRow) {
    HWY_ALIGN float part[kRow];
    float* to = layout.lanes < kLanes ? part : data;
    for (size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
      const Vector x = hn::Mul(hn::LoadU(d, block + re + lane), factor);
      const Vector y = hn::Mul(hn::LoadU(d, block + im + lane), factor);
      hn::StoreInterleaved2(x, y, d, to + 2 * lane);
    }
    if (to == part) std::memcpy(data, part, 2 * layout.lanes * sizeof(float));
  }
}

// Hardware doesn't foresee rows that lie far apart.
constexpr size_t kRowsAhead = 8;

void load_neighbours(const float* data, int64_t step, size_t rows, size_t count, bool swapped,
                     float* blocks) {
  const LanesTag d;
  const size_t re = swapped ? kLanes : 0, im = re ^ kLanes;
  for (size_t i = 0; i < rows; ++i, data += step, blocks += kRow) {
    const float* ahead = data + (i + kRowsAhead < rows ? int64_t(kRowsAhead) * step : 0);
    for (size_t b = 0; b < count; ++b) {
      const float* from = data + b * kRow;
      float* row = blocks + b * rows * kRow;
      __builtin_prefetch(ahead + b * kRow);
      for (size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
        ComplexVector x;
        hn::LoadInterleaved2(d, from + 2 * lane, x.re, x.im);
        hn::StoreU(x.re, d, row + re + lane);
        hn::StoreU(x.im, d, row + im + lane);
      }
    }
  }
}

/// Stores that leave the caches alone.
HWY_INLINE void stream_interleaved(ComplexVector x, float* to) {
  const LanesTag d;
#if HWY_TARGET == HWY_SCALAR
  hn::StoreInterleaved2(x.re, x.im, d, to);
#else
  const Vector low = hn::InterleaveLower(d, x.re, x.im), high = hn::InterleaveUpper(d, x.re, x.im);
  if constexpr (hn::MaxLanes(LanesTag()) == kLanes) {
    hn::Stream(hn::ConcatLowerLower(d, high, low), d, to);
    hn::Stream(hn::ConcatUpperUpper(d, high, low), d, to + kLanes);
  } else {
    hn::Stream(low, d, to);
    hn::Stream(high, d, to + hn::Lanes(d));
  }
#endif
}

template <bool kStreamed>
void store_neighbour_rows(const float* blocks, size_t rows, size_t count, size_t re, float scale,
                          float* data, int64_t step) {
  const LanesTag d;
  const size_t im = re ^ kLanes;
  const Vector factor = hn::Set(d, scale);
  for (size_t i = 0; i < rows; ++i, data += step, blocks += kRow)
    for (size_t b = 0; b < count; ++b)
      for (size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
        const float* row = blocks + b * rows * kRow + lane;
        float* to = data + b * kRow + 2 * lane;
        const ComplexVector x{hn::Mul(hn::LoadU(d, row + re), factor),
                              hn::Mul(hn::LoadU(d, row + im), factor)};
        if constexpr (kStreamed)
          stream_interleaved(x, to);
        else
          hn::StoreInterleaved2(x.re, x.im, d, to);
      }
  if constexpr (kStreamed) hwy::FlushStream();
}

void store_neighbours(const float* blocks, size_t rows, size_t count, bool swapped, float scale,
                      float* data, int64_t step) {
  const size_t re = swapped ? kLanes : 0;
  constexpr size_t kRowBytes = kRow * sizeof(float);
  if (reinterpret_cast<uintptr_t>(data) % kRowBytes == 0 && step % int64_t(kRow) == 0)
    store_neighbour_rows<true>(blocks, rows, count, re, scale, data, step);
  else
    store_neighbour_rows<false>(blocks, rows, count, re, scale, data, step);
}

/// Lines of complex numbers without gaps: four numbers of eight lines are a square, whose
/// transpose is four rows of the block.
size_t load_dense_lines(const LaneLayout& layout, const float* data, size_t rows, size_t re,
                        float* block) {
  const LanesTag d;
  size_t i = 0;
  for (; i + 4 <= rows; i += 4)
    transpose_square(
        [&](size_t lane, size_t h) {
          // Lanes without a line repeat the first.
          return hn::LoadU(d, data + layout.starts[lane < layout.lanes ? lane : 0] + 2 * i + h);
        },
        [&](size_t r, size_t h, Vector v) {
          hn::StoreU(v, d, block + i * kRow + ((r * kLanes) ^ re) + h);
        });
  return i;
}

size_t store_dense_lines(const LaneLayout& layout, const float* block, size_t rows, size_t re,
                         float scale, float* data) {
  const LanesTag d;
  const Vector factor = hn::Set(d, scale);
  size_t i = 0;
  for (; i + 4 <= rows; i += 4)
    transpose_square(
        [&](size_t r, size_t h) {
          return hn::Mul(hn::LoadU(d, block + i * kRow + ((r * kLanes) ^ re) + h), factor);
        },
        [&](size_t lane, size_t h, Vector v) {
          if (lane < layout.lanes) hn::StoreU(v, d, data + layout.starts[lane] + 2 * i + h);
        });
  return i;
}

void load(const LaneLayout& layout, const float* data, size_t rows, bool swapped, float* block) {
  const size_t re = swapped ? kLanes : 0, im = re ^ kLanes;
  size_t i = 0;
  if (layout.part_step == 1 && lie_evenly(layout, 2))
    return load_complex_rows(layout, data + layout.starts[0], rows, re, block);
  if (layout.part_step == 1 && layout.step == 2)
    i = load_dense_lines(layout, data, rows, re, block);
  for (; i < rows; ++i) {
    float* row = block + i * kRow;
    std::memset(row, 0, kRow * sizeof(float));
    for (size_t lane = 0; lane < layout.lanes; ++lane) {
      const float* from = data + layout.starts[lane] + int64_t(i) * layout.step;
      row[re + lane] = from[0];
      if (layout.part_step != kNoImaginaryPart) row[im + lane] = from[layout.part_step];
    }
  }
}

void store(const LaneLayout& layout, const float* block, size_t rows, bool swapped, float scale,
           float* data) {
  const size_t re = swapped ? kLanes : 0, im = re ^ kLanes;
  size_t i = 0;
  if (layout.part_step == 1 && lie_evenly(layout, 2))
    return store_complex_rows(layout, block, rows, re, scale, data + layout.starts[0]);
  if (layout.part_step == 1 && layout.step == 2)
    i = store_dense_lines(layout, block, rows, re, scale, data);
  for (; i < rows; ++i) {
    const float* row = block + i * kRow;
    for (size_t lane = 0; lane < layout.lanes; ++lane) {
      float* to = data + layout.starts[lane] + int64_t(i) * layout.step;
      to[0] = row[re + lane] * scale;
      if (layout.part_step != kNoImaginaryPart) to[layout.part_step] = row[im + lane] * scale;
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(load);
HWY_EXPORT(load_neighbours);
HWY_EXPORT(store_neighbours);
HWY_EXPORT(store);

void load_block(const LaneLayout& layout, const float* data, size_t rows, bool swapped,
                float* block) {
  HWY_DYNAMIC_DISPATCH(load)(layout, data, rows, swapped, block);
}

void load_neighbour_blocks(const float* data, int64_t step, size_t rows, size_t count, bool swapped,
                           float* blocks) {
  HWY_DYNAMIC_DISPATCH(load_neighbours)(data, step, rows, count, swapped, blocks);
}

void store_block(const LaneLayout& layout, const float* block, size_t rows, bool swapped,
                 float scale, float* data) {
  HWY_DYNAMIC_DISPATCH(store)(layout, block, rows, swapped, scale, data);
}

void store_neighbour_blocks(const float* blocks, size_t rows, size_t count, bool swapped,
                            float scale, float* data, int64_t step) {
  HWY_DYNAMIC_DISPATCH(store_neighbours)(blocks, rows, count, swapped, scale, data, step);
}

}  // namespace mlx::core::cpu
#endif
