// Highway compiles this file once for each SIMD target.
#include "cpu/fft/block_kernels.h"

#include <algorithm>
#include <cstring>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/fft/block_kernels.cpp"
#include "hwy/foreach_target.h"

#include "cpu/fft/complex_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR
/// Transposes 4 x 4 squares within the vectors' 128-bit parts.
HWY_INLINE void transpose_squares(Vector& a, Vector& b, Vector& c, Vector& d) {
  const FloatTag tag;
  const Vector ac_low = hn::InterleaveLower(tag, a, c), ac_high = hn::InterleaveUpper(tag, a, c);
  const Vector bd_low = hn::InterleaveLower(tag, b, d), bd_high = hn::InterleaveUpper(tag, b, d);
  a = hn::InterleaveLower(tag, ac_low, bd_low);
  b = hn::InterleaveUpper(tag, ac_low, bd_low);
  c = hn::InterleaveLower(tag, ac_high, bd_high);
  d = hn::InterleaveUpper(tag, ac_high, bd_high);
}
#endif

/// to(r, h) receives column r of 8 x 8 numbers whose row r from(r, h) gives; h is the offset of a
/// vector's worth of them.
template <class From, class To>
HWY_INLINE void transpose_square(From&& from, To&& to) {
#if HWY_TARGET == HWY_SCALAR
  for (size_t r = 0; r < 8; ++r)
    for (size_t c = 0; c < 8; ++c) to(c, r, from(r, c));
#else
  if constexpr (hn::MaxLanes(FloatTag()) == kLanes) {
    const FloatTag d;
    Vector v[8];
#pragma GCC unroll 8
    for (size_t r = 0; r < 8; ++r) v[r] = from(r, 0);
    transpose_squares(v[0], v[1], v[2], v[3]);
    transpose_squares(v[4], v[5], v[6], v[7]);
#pragma GCC unroll 4
    for (size_t r = 0; r < 4; ++r) {
      to(r, 0, hn::ConcatLowerLower(d, v[r + 4], v[r]));
      to(r + 4, 0, hn::ConcatUpperUpper(d, v[r + 4], v[r]));
    }
  } else {
    for (size_t row = 0; row < 8; row += 4)
      for (size_t column = 0; column < 8; column += 4) {
        Vector v[4];
#pragma GCC unroll 4
        for (size_t r = 0; r < 4; ++r) v[r] = from(row + r, column);
        transpose_squares(v[0], v[1], v[2], v[3]);
#pragma GCC unroll 4
        for (size_t r = 0; r < 4; ++r) to(column + r, row, v[r]);
      }
  }
#endif
}

/// Whether the lanes in use lie one after another with this distance.
inline bool lie_evenly(const LaneLayout& layout, int64_t distance) {
  for (size_t lane = 1; lane < layout.lanes; ++lane)
    if (layout.starts[lane] - layout.starts[lane - 1] != distance) return false;
  return true;
}

void load_complex_rows(const LaneLayout& layout, const float* data, size_t rows, size_t re,
                       float* block) {
  const FloatTag d;
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
  const FloatTag d;
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

/// Lines of complex numbers without gaps: four numbers of eight lines are a square, whose
/// transpose is four rows of the block.
size_t load_dense_lines(const LaneLayout& layout, const float* data, size_t rows, size_t re,
                        float* block) {
  const FloatTag d;
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
  const FloatTag d;
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

void turn(float* block, size_t rows, Twiddles twiddles, size_t columns, int64_t block_step,
          float* destination) {
  const FloatTag d;
  const size_t padded = (rows + kLanes - 1) / kLanes * kLanes;
  std::memset(block + rows * kRow, 0, (padded - rows) * kRow * sizeof(float));
  for (size_t k = 0; k < rows; ++k)
    for (size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
      float* row = block + k * kRow + lane;
      const ComplexVector root =
          multiply(load_row(twiddles.lanes + k * kRow + lane), broadcast(twiddles.first + 2 * k));
      store_row(multiply(load_row(row), root), row);
    }
  for (size_t k = 0; k < padded; k += kLanes, destination += block_step)
    for (size_t part = 0; part < kRow; part += kLanes)
      transpose_square(
          [&](size_t r, size_t h) { return hn::LoadU(d, block + (k + r) * kRow + part + h); },
          [&](size_t c, size_t h, Vector v) {
            if (c < columns) hn::StoreU(v, d, destination + c * kRow + part + h);
          });
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(load);
HWY_EXPORT(store);
HWY_EXPORT(turn);

void load_block(const LaneLayout& layout, const float* data, size_t rows, bool swapped,
                float* block) {
  HWY_DYNAMIC_DISPATCH(load)(layout, data, rows, swapped, block);
}

void store_block(const LaneLayout& layout, const float* block, size_t rows, bool swapped,
                 float scale, float* data) {
  HWY_DYNAMIC_DISPATCH(store)(layout, block, rows, swapped, scale, data);
}

void turn_block(float* block, size_t rows, Twiddles twiddles, size_t columns, int64_t block_step,
                float* destination) {
  HWY_DYNAMIC_DISPATCH(turn)(block, rows, twiddles, columns, block_step, destination);
}

}  // namespace mlx::core::cpu
#endif
