// The panels of a product's right side: copies that lie as tiles read them, and the loop over them.
// Compiled once a SIMD target.

#if defined(MLX_CPU_MATMUL_PANELS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_MATMUL_PANELS_INL_H
#undef MLX_CPU_MATMUL_PANELS_INL_H
#else
#define MLX_CPU_MATMUL_PANELS_INL_H
#endif

#include <algorithm>
#include <cstdint>

#include "cpu/matmul/product.h"
#include "cpu/matmul/tile_kernel-inl.h"
#include "cpu/reduce/load-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// A square with as many rows and columns as a vector of 16 bytes has lanes, turned on its
/// diagonal.
#if HWY_TARGET == HWY_SCALAR
template <typename W>
inline constexpr int64_t kSquare = 1;

template <typename T>
void transpose_square(const T* in, int64_t, Wide<T>* out, int64_t) {
  *out = Wide<T>(*in);
}
#else
template <typename W>
inline constexpr int64_t kSquare = 16 / sizeof(W);

template <typename T>
HWY_INLINE void transpose_square(const T* in, int64_t in_step, Wide<T>* out, int64_t out_step) {
  const hn::Full128<Wide<T>> d;
  const auto a = load_wide(d, in), b = load_wide(d, in + in_step);
  const auto ab_lower = hn::InterleaveLower(d, a, b), ab_upper = hn::InterleaveUpper(d, a, b);
  if constexpr (kSquare<Wide<T>> == 2) {
    hn::StoreU(ab_lower, d, out);
    hn::StoreU(ab_upper, d, out + out_step);
  } else {
    const auto e = load_wide(d, in + 2 * in_step), f = load_wide(d, in + 3 * in_step);
    const auto ef_lower = hn::InterleaveLower(d, e, f), ef_upper = hn::InterleaveUpper(d, e, f);
    hn::StoreU(hn::ConcatLowerLower(d, ef_lower, ab_lower), d, out);
    hn::StoreU(hn::ConcatUpperUpper(d, ef_lower, ab_lower), d, out + out_step);
    hn::StoreU(hn::ConcatLowerLower(d, ef_upper, ab_upper), d, out + 2 * out_step);
    hn::StoreU(hn::ConcatUpperUpper(d, ef_upper, ab_upper), d, out + 3 * out_step);
  }
}
#endif

/// Element by element, for layouts and borders that vectors don't fit.
template <typename T>
void pack_elements(const MatrixView<T>& in, int64_t rows, int64_t columns, Wide<T>* out,
                   int64_t out_step) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) out[i * out_step + j] = Wide<T>(*in.at(i, j));
}

/// Contiguous elements.
template <typename T>
HWY_INLINE void pack_run(const T* in, int64_t count, Wide<T>* out) {
  const hn::ScalableTag<Wide<T>> d;
  const int64_t lanes = int64_t(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(load_wide(d, in + i), d, out + i);
  for (; i < count; ++i) out[i] = Wide<T>(in[i]);
}

/// For contiguous columns.
template <typename T>
void pack_columns(const MatrixView<T>& in, int64_t rows, int64_t columns, Wide<T>* out,
                  int64_t out_step) {
  constexpr int64_t side = kSquare<Wide<T>>;
  // Cache lines are read and written to their ends before too many others can displace them.
  constexpr int64_t kLine = 64 / sizeof(T);
  const int64_t whole_rows = rows / side * side, whole = columns / side * side;
  for (int64_t column = 0; column < whole; column += kLine)
    for (int64_t row = 0; row < whole_rows; row += kLine)
      for (int64_t j = column; j < std::min(column + kLine, whole); j += side)
        for (int64_t i = row; i < std::min(row + kLine, whole_rows); i += side)
          transpose_square(in.at(i, j), in.column_stride, out + i * out_step + j, out_step);
  pack_elements(in.from(0, whole), whole_rows, columns - whole, out + whole, out_step);
  pack_elements(in.from(whole_rows, 0), rows - whole_rows, columns, out + whole_rows * out_step,
                out_step);
}

/// A block as the type of sums, in rows that are `out_step` apart.
template <typename T>
void pack_block(const MatrixView<T>& in, int64_t rows, int64_t columns, Wide<T>* out,
                int64_t out_step) {
  if (in.column_stride == 1)
    for (int64_t i = 0; i < rows; ++i) pack_run(in.at(i, 0), columns, out + i * out_step);
  else if (in.row_stride == 1)
    pack_columns(in, rows, columns, out, out_step);
  else
    pack_elements(in, rows, columns, out, out_step);
}

/// A product's right side in panels, one after the other, each as wide as the tile that reads it;
/// zeros stand where there are no columns.
template <typename T>
void pack_panels(const MatrixView<T>& in, int64_t rows, int64_t columns, Wide<T>* out) {
  constexpr int64_t wide = kWideTile<Wide<T>>;
  const int64_t whole = in.column_stride == 1 ? columns / wide * wide : 0;
  // Along whole rows, for those of some matrices get in each other's way in the cache.
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < whole; j += wide)
      pack_run(in.at(i, j), wide, out + j * rows + i * wide);
  for (int64_t j = whole, width; j < columns; j += width) {
    width = tile_width<Wide<T>>(columns - j);
    const int64_t used = std::min(width, columns - j);
    Wide<T>* panel = out + j * rows;
    pack_block(in.from(0, j), rows, used, panel, width);
    for (int64_t i = 0; used < width && i < rows; ++i)
      std::fill_n(panel + i * width + used, width - used, Wide<T>(0));
  }
}

/// Rows [begin, end) of out (+)= a @ b, where B is read from its panels if there are any.
template <typename T>
void multiply_rows(int64_t begin, int64_t end, int64_t n, int64_t k, const MatrixView<T>& a,
                   const MatrixView<T>& b, const T* panels, T* out, int64_t out_step,
                   bool accumulate) {
  const int64_t no_offset = 0;
  TileOperands<T> tile;
  tile.runs = &no_offset;
  tile.run_count = 1;
  tile.run_length = k;
  tile.a_step = a.column_stride;
  tile.accumulate = accumulate;
  for (int64_t j = 0, width; j < n; j += width) {
    width = tile_width<T>(n - j);
    tile.columns = std::min(width, n - j);
    tile.b = panels ? panels + j * k : b.at(0, j);
    tile.b_step = panels ? width : b.row_stride;
    for (int64_t i = begin; i < end; i += kTileRows) {
      const int64_t rows = std::min(kTileRows, end - i);
      for (int64_t r = 0; r < rows; ++r) {
        tile.a[r] = a.at(i + r, 0);
        tile.out[r] = out + (i + r) * out_step + j;
      }
      multiply_tile(rows, width, tile);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#endif
