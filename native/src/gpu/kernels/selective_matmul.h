// What products of chosen parts need beside the tiles of matmul.h.
#include "gpu/kernels/matmul.h"
#include "gpu/kernels/simd.h"

template <int dims>
struct BlockMaskArguments {
  int64_t count, rows, columns, block;
  int64_t row_stride, column_stride, mask_row, mask_column;
  int64_t batch_shape[dims], batch_strides[dims], mask_strides[dims];
};

/// A matrix in which blocks that the mask leaves out are zeros.
template <int dims, typename T>
inline void mask_blocks(device const T* x, device const bool* mask, device T* y,
                        constant BlockMaskArguments<dims>& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  const int64_t at = number / p.columns, column = number - at * p.columns;
  const int64_t batch = at / p.rows, row = at - batch * p.rows;
  const bool is_kept = mask[place_of<dims>(batch, p.batch_shape, p.mask_strides) +
                            row / p.block * p.mask_row + column / p.block * p.mask_column];
  y[number] = is_kept ? x[place_of<dims>(batch, p.batch_shape, p.batch_strides) +
                          row * p.row_stride + column * p.column_stride]
                      : zero_of<T>();
}

struct SegmentAdjointArguments {
  int64_t m, n, k, segments;
  int64_t c_segment, c_row, c_column, b_row, b_column, bound_step, bound_side;
};

/// y[i, j] is the sum over the segments that cover j, in their order, of row i of C[s] times row j
/// of B. A simdgroup an element.
template <typename T, typename I>
inline void segmented_adjoint(device const T* c, device const T* b, device const I* bounds,
                              device T* y, constant SegmentAdjointArguments& p, Group g) {
  using Sum = PRODUCT_SUM(T);
  const int64_t number = int64_t(g.tgid.x) * (g.size.x / SIMD_WIDTH) + g.simd;
  if (number >= p.m * p.k) return;
  const int64_t i = number / p.k, j = number - i * p.k;
  Sum sum = zero_of<Sum>();
  for (int64_t s = 0; s < p.segments; ++s) {
    const int64_t begin = clamped(wrapped(bounds[s * p.bound_step], p.k), p.k + 1);
    const int64_t end = clamped(wrapped(bounds[s * p.bound_step + p.bound_side], p.k), p.k + 1);
    if (j < begin || j >= end) continue;
    device const T* row = c + s * p.c_segment + i * p.c_row;
    for (int64_t t = g.lane; t < p.n; t += SIMD_WIDTH)
      sum = multiply_add(convert<Sum>(row[t * p.c_column]),
                         convert<Sum>(b[j * p.b_row + t * p.b_column]), sum);
  }
  for (uint mask = SIMD_WIDTH / 2; mask > 0; mask /= 2)
    sum = Add(sum, shuffle_xor(sum, uint16_t(mask)));
  if (g.lane == 0) y[number] = convert<T>(sum);
}
