// Products of half types by the units for small matrices. Needs what tile_cuda.h or tile_emulator.h
// has: multiply_16x16x8, load_matrices and copies that overlap with work.
#include "gpu/kernels/matmul.h"

#define HALVES_TILE 128
#define HALVES_DEPTH 32
#define HALVES_STAGES 3

/// Where eight neighbours along a line of a tile begin. A tile lies in threadgroup memory as in the
/// device's: lines along the inner dimension, or across it. The packs of a line are exchanged, so
/// that those of eight lines that are read at once lie in different banks.
template <bool inner_lines>
inline int pack_of_tile(int outer, int inner) {
  return inner_lines ? outer * HALVES_DEPTH + (inner / 8 ^ outer / 2 % 4) * 8
                     : inner * HALVES_TILE + (outer / 8 ^ inner % 8) * 8;
}

/// The thread's share of copying one matrix, two packs of eight along the lines of each tile.
/// `is_packed`: whole packs are inside or outside, and aligned.
template <typename T, bool inner_lines, bool is_packed>
struct HalvesCopy {
  device const T* from;
  int64_t outer_stride, inner_stride;
  /// What is left of the matrix from the thread's first element on.
  int64_t outers, inners;
  int outer, inner;
  enum { outer_step = inner_lines ? 64 : 0, inner_step = inner_lines ? 0 : 16 };

  HalvesCopy(device const T* x, int64_t outer_stride, int64_t inner_stride, int64_t outer0,
             int64_t outers, int64_t inners, int thread_number)
      : outer_stride(outer_stride), inner_stride(inner_stride) {
    outer = inner_lines ? thread_number / 4 : thread_number % 16 * 8;
    inner = inner_lines ? thread_number % 4 * 8 : thread_number / 16;
    from = x + (outer0 + outer) * outer_stride + inner * inner_stride;
    this->outers = outers - outer0 - outer;
    this->inners = inners - inner;
  }

  /// Copies the thread's part of a tile, and goes on to the next one along the inner dimension.
  void next(threadgroup T* tile) {
    for (int u = 0; u < 2; ++u) {
      threadgroup T* to =
          tile + pack_of_tile<inner_lines>(outer + u * outer_step, inner + u * inner_step);
      device const T* x = from + u * (outer_step * outer_stride + inner_step * inner_stride);
      const int64_t outers_left = outers - u * outer_step, inners_left = inners - u * inner_step;
      if (is_packed) {
        const bool is_inside = outers_left > 0 && inners_left > 0;
        copy_while_working(to, is_inside ? x : from, is_inside);
      } else {
        const int64_t stride = inner_lines ? inner_stride : outer_stride;
        const int64_t across = inner_lines ? outers_left : inners_left;
        const int64_t along = across <= 0 ? 0 : inner_lines ? inners_left : outers_left;
        for (int k = 0; k < 8; ++k) to[k] = k < along ? x[k * stride] : T(0.0f);
      }
    }
    from += HALVES_DEPTH * inner_stride;
    inners -= HALVES_DEPTH;
  }
};

/// A group of eight simdgroups computes a tile of 128 x 128 elements, each simdgroup 64 x 32 of
/// them. Three tiles of each matrix take turns: one is read while two are on their way. `a_lines`
/// and `b_lines` say whether neighbours along the inner dimension are side by side in memory.
template <typename T, int batch_dims, bool a_lines, bool b_lines, bool a_packed, bool b_packed,
          bool is_scaled, bool has_c>
inline void matmul_halves(device const T* a, device const T* b, device const T* c, device T* d,
                          constant MatmulArguments<batch_dims>& p, threadgroup T* a_tiles,
                          threadgroup T* b_tiles, Group g) {
  // Groups count columns of tiles first, then rows, then matrices.
  const int64_t column_tiles = (p.n + HALVES_TILE - 1) / HALVES_TILE,
                row_tiles = (p.m + HALVES_TILE - 1) / HALVES_TILE;
  int64_t batch = int64_t(g.tgid.x) / column_tiles;
  const int64_t column0 = (int64_t(g.tgid.x) - batch * column_tiles) * HALVES_TILE;
  const int64_t row0 = batch % row_tiles * HALVES_TILE;
  batch /= row_tiles;
  d += batch * p.m * p.d_row;
  for (int i = batch_dims - 1; i >= 0; --i) {
    const int64_t next = batch / p.batch_shape[i], at = batch - next * p.batch_shape[i];
    a += at * p.a_batch[i];
    b += at * p.b_batch[i];
    if (has_c) c += at * p.c_batch[i];
    batch = next;
  }
  HalvesCopy<T, a_lines, a_packed> a_copy(a, p.a_row, p.a_column, row0, p.m, p.k, int(g.tid.x));
  HalvesCopy<T, b_lines, b_packed> b_copy(b, p.b_column, p.b_row, column0, p.n, p.k, int(g.tid.x));
  const int tile_size = HALVES_TILE * HALVES_DEPTH;
  const int64_t parts = (p.k + HALVES_DEPTH - 1) / HALVES_DEPTH;
  for (int i = 0; i < HALVES_STAGES - 1; ++i) {
    if (i < parts) {
      a_copy.next(a_tiles + i * tile_size);
      b_copy.next(b_tiles + i * tile_size);
    }
    end_of_copies();
  }
  const int row1 = int(g.simd) / 4 * 64, column1 = int(g.simd) % 4 * 32;
  // Each eight lanes name the lines of one of four matrices of 8 x 8: those of A go down first,
  // then along the inner dimension; those of B along it first.
  const int line = int(g.lane) % 8, first = int(g.lane) / 8 % 2 * 8, second = int(g.lane) / 16 * 8;
  const int a_outer = row1 + first + (a_lines ? line : 0), a_inner = second + (a_lines ? 0 : line);
  const int b_outer = column1 + second + (b_lines ? line : 0),
            b_inner = first + (b_lines ? 0 : line);
  float sums[4][4][4];
#pragma unroll
  for (int i = 0; i < 4; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j)
#pragma unroll
      for (int k = 0; k < 4; ++k) sums[i][j][k] = 0.0f;
  int turn = 0;
  for (int64_t part = 0; part < parts; ++part) {
    wait_for_copies<HALVES_STAGES - 2>();
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (part + HALVES_STAGES - 1 < parts) {
      const int later = turn == 0 ? HALVES_STAGES - 1 : turn - 1;
      a_copy.next(a_tiles + later * tile_size);
      b_copy.next(b_tiles + later * tile_size);
    }
    end_of_copies();
    threadgroup const T* a_tile = a_tiles + turn * tile_size;
    threadgroup const T* b_tile = b_tiles + turn * tile_size;
    turn = turn == HALVES_STAGES - 1 ? 0 : turn + 1;
#pragma unroll
    for (int k = 0; k < HALVES_DEPTH; k += 16) {
      uint a_words[4][4], b_words[2][4];
#pragma unroll
      for (int i = 0; i < 4; ++i)
        load_matrices<!a_lines>(a_tile + pack_of_tile<a_lines>(a_outer + i * 16, k + a_inner),
                                a_words[i]);
#pragma unroll
      for (int j = 0; j < 2; ++j)
        load_matrices<!b_lines>(b_tile + pack_of_tile<b_lines>(b_outer + j * 16, k + b_inner),
                                b_words[j]);
#pragma unroll
      for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j)
          multiply_16x16x8<T>(sums[i][j], a_words[i], b_words[j / 2] + j % 2 * 2);
    }
  }
  const int r = int(g.lane) / 4, q = int(g.lane) % 4;
#pragma unroll
  for (int i = 0; i < 4; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j)
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        const int64_t row = row0 + row1 + i * 16 + r + k / 2 * 8;
        const int64_t column = column0 + column1 + j * 8 + 2 * q + k % 2;
        if (row >= p.m || column >= p.n) continue;
        const T addend = has_c ? c[row * p.c_row + column * p.c_column] : T(0.0f);
        d[row * p.d_row + column] =
            finish_product<T, is_scaled, has_c>(sums[i][j][k], addend, p.alpha, p.beta);
      }
}
