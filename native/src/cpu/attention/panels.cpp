// Highway compiles this file once for each SIMD target.
#include "cpu/attention/panels.h"

#include <algorithm>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/attention/panels.cpp"
#include "hwy/foreach_target.h"

#include "cpu/matmul/tile_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

int64_t float32_width() { return kWideTile<float>; }
int64_t float64_width() { return kWideTile<double>; }

template <typename W>
void multiply(int64_t rows, int64_t columns, int64_t inner, const W* a, int64_t a_stride,
              const Panels<W>& b, const Tile<W>& out, bool accumulate) {
  const int64_t no_offset = 0;
  TileOperands<W> tile;
  tile.runs = &no_offset;
  tile.run_count = 1;
  tile.run_length = inner;
  tile.a_step = 1;
  tile.b_step = kWideTile<W>;
  tile.accumulate = accumulate;
  for (int64_t j = 0; j < columns; j += kWideTile<W>) {
    tile.columns = std::min(kWideTile<W>, columns - j);
    tile.b = b.data + j * b.inner;
    for (int64_t i = 0; i < rows; i += kTileRows) {
      const int64_t count = std::min(kTileRows, rows - i);
      for (int64_t r = 0; r < count; ++r) {
        tile.a[r] = a + (i + r) * a_stride;
        tile.out[r] = out.row(i + r) + j;
      }
      multiply_tile(count, kWideTile<W>, tile);
    }
  }
}

void multiply_float32(int64_t rows, int64_t columns, int64_t inner, const float* a,
                      int64_t a_stride, const Panels<float>& b, const Tile<float>& out,
                      bool accumulate) {
  multiply(rows, columns, inner, a, a_stride, b, out, accumulate);
}
void multiply_float64(int64_t rows, int64_t columns, int64_t inner, const double* a,
                      int64_t a_stride, const Panels<double>& b, const Tile<double>& out,
                      bool accumulate) {
  multiply(rows, columns, inner, a, a_stride, b, out, accumulate);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(float32_width);
HWY_EXPORT(float64_width);
HWY_EXPORT(multiply_float32);
HWY_EXPORT(multiply_float64);

template <>
int64_t panel_width<float>() {
  return HWY_DYNAMIC_DISPATCH(float32_width)();
}
template <>
int64_t panel_width<double>() {
  return HWY_DYNAMIC_DISPATCH(float64_width)();
}

template <>
void multiply_panels(int64_t rows, int64_t columns, int64_t inner, const float* a, int64_t a_stride,
                     const Panels<float>& b, const Tile<float>& out, bool accumulate) {
  HWY_DYNAMIC_DISPATCH(multiply_float32)(rows, columns, inner, a, a_stride, b, out, accumulate);
}
template <>
void multiply_panels(int64_t rows, int64_t columns, int64_t inner, const double* a,
                     int64_t a_stride, const Panels<double>& b, const Tile<double>& out,
                     bool accumulate) {
  HWY_DYNAMIC_DISPATCH(multiply_float64)(rows, columns, inner, a, a_stride, b, out, accumulate);
}

template <typename W>
Panels<W> Panels<W>::from(int64_t row, int64_t column) const {
  return {data + column * inner + row * panel_width<W>(), inner};
}

template <typename W>
int64_t panels_size(int64_t inner, int64_t columns) {
  const int64_t width = panel_width<W>();
  return (columns + width - 1) / width * width * inner;
}

template <typename T>
Panels<Wide<T>> pack_panels(const MatrixView<T>& matrix, int64_t inner, int64_t columns,
                            Wide<T> factor, Wide<T>* out) {
  using W = Wide<T>;
  const int64_t width = panel_width<W>();
  const Panels<W> panels{out, inner};
  for (int64_t j = 0; j < columns; j += width) {
    const int64_t count = std::min(width, columns - j);
    for (int64_t i = 0; i < inner; ++i, out += width) {
      const T* row = matrix.at(i, j);
      for (int64_t k = 0; k < count; ++k) out[k] = W(row[k * matrix.column_stride]) * factor;
      std::fill(out + count, out + width, W(0));
    }
  }
  return panels;
}

template <typename T>
void pack_rows(const MatrixView<T>& matrix, int64_t rows, int64_t columns, Wide<T> factor,
               Wide<T>* out) {
  for (int64_t i = 0; i < rows; ++i) {
    const T* row = matrix.at(i, 0);
    for (int64_t j = 0; j < columns; ++j) *out++ = Wide<T>(row[j * matrix.column_stride]) * factor;
  }
}

#define INSTANTIATE(T)                                                                             \
  template Panels<Wide<T>> pack_panels(const MatrixView<T>&, int64_t, int64_t, Wide<T>, Wide<T>*); \
  template void pack_rows(const MatrixView<T>&, int64_t, int64_t, Wide<T>, Wide<T>*);
INSTANTIATE(float16_t)
INSTANTIATE(bfloat16_t)
INSTANTIATE(float)
INSTANTIATE(double)
#undef INSTANTIATE
template struct Panels<float>;
template struct Panels<double>;
template int64_t panels_size<float>(int64_t, int64_t);
template int64_t panels_size<double>(int64_t, int64_t);

}  // namespace mlx::core::cpu
#endif
