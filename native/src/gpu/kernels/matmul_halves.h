// Products of half types by the units for small matrices. Needs multiply_16x16x8 of tile_cuda.h or
// tile_emulator.h.
#include "gpu/kernels/matmul.h"

#define HALVES_TILE 128
#define HALVES_DEPTH 32
// Past a tile's line: lines begin in different banks, and packs of 16 bytes stay aligned.
#define HALVES_PAD 8

/// Where an element of a tile is. A tile lies in threadgroup memory as in the device's: lines along
/// the inner dimension, or across it.
template <bool inner_lines>
inline int tile_place(int outer, int inner) {
  return inner_lines ? outer * (HALVES_DEPTH + HALVES_PAD) + inner
                     : inner * (HALVES_TILE + HALVES_PAD) + outer;
}

/// Two neighbours along the inner dimension.
template <typename T, bool inner_lines>
inline uint tile_pair(threadgroup const T* tile, int outer, int inner) {
  if (inner_lines) return *(threadgroup const uint*)(tile + tile_place<true>(outer, inner));
  return uint(tile[tile_place<false>(outer, inner)].bits) |
         uint(tile[tile_place<false>(outer, inner + 1)].bits) << 16;
}

/// What one thread has of the next part of a matrix: 16 elements in packs of 8 along the lines.
template <typename T>
struct HalvesPart {
  Pack<T, 8> packs[2];
};

template <typename T, bool inner_lines>
inline void pack_place(int u, int thread_number, thread int& outer, thread int& inner) {
  const int number = (u * 256 + thread_number) * 8;
  outer = inner_lines ? number / HALVES_DEPTH : number % HALVES_TILE;
  inner = inner_lines ? number % HALVES_DEPTH : number / HALVES_TILE;
}

/// `is_packed`: whole packs are inside or outside, and aligned.
template <typename T, bool inner_lines, bool is_packed>
inline HalvesPart<T> load_halves(device const T* x, int64_t outer_stride, int64_t inner_stride,
                                 int64_t outer0, int64_t inner0, int64_t outers, int64_t inners,
                                 int thread_number) {
  HalvesPart<T> part;
  for (int u = 0; u < 2; ++u) {
    int outer, inner;
    pack_place<T, inner_lines>(u, thread_number, outer, inner);
    const int64_t o = outer0 + outer, i = inner0 + inner;
    if (is_packed) {
      if (o < outers && i < inners)
        part.packs[u] = load_pack<8>(x, o * outer_stride + i * inner_stride);
      else
        part.packs[u] = splat_pack<8>(T(0.0f));
    } else {
      for (int k = 0; k < 8; ++k) {
        const int64_t ok = o + (inner_lines ? 0 : k), ik = i + (inner_lines ? k : 0);
        part.packs[u].values[k] =
            ok < outers && ik < inners ? x[ok * outer_stride + ik * inner_stride] : T(0.0f);
      }
    }
  }
  return part;
}
template <typename T, bool inner_lines>
inline void store_halves(threadgroup T* tile, HalvesPart<T> part, int thread_number) {
  for (int u = 0; u < 2; ++u) {
    int outer, inner;
    pack_place<T, inner_lines>(u, thread_number, outer, inner);
    *(threadgroup Pack<T, 8>*)(tile + tile_place<inner_lines>(outer, inner)) = part.packs[u];
  }
}

/// A group of eight simdgroups computes a tile of 128 x 128 elements, each simdgroup 64 x 32 of
/// them. Two tiles of each matrix take turns: one is read while the next is on its way. `a_lines`
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
  const int thread_number = int(g.tid.x), r = int(g.lane) / 4, q = int(g.lane) % 4;
  const int row1 = int(g.simd) / 4 * 64, column1 = int(g.simd) % 4 * 32;
  const int tile_size = HALVES_TILE * (HALVES_DEPTH + HALVES_PAD);
  float sums[4][4][4];
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j)
      for (int k = 0; k < 4; ++k) sums[i][j][k] = 0.0f;
  HalvesPart<T> a_next =
      load_halves<T, a_lines, a_packed>(a, p.a_row, p.a_column, row0, 0, p.m, p.k, thread_number);
  HalvesPart<T> b_next = load_halves<T, b_lines, b_packed>(b, p.b_column, p.b_row, column0, 0, p.n,
                                                           p.k, thread_number);
  int turn = 0;
  for (int64_t k0 = 0; k0 < p.k; k0 += HALVES_DEPTH) {
    threadgroup T* a_tile = a_tiles + turn * tile_size;
    threadgroup T* b_tile = b_tiles + turn * tile_size;
    turn = 1 - turn;
    store_halves<T, a_lines>(a_tile, a_next, thread_number);
    store_halves<T, b_lines>(b_tile, b_next, thread_number);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (k0 + HALVES_DEPTH < p.k) {
      a_next = load_halves<T, a_lines, a_packed>(a, p.a_row, p.a_column, row0, k0 + HALVES_DEPTH,
                                                 p.m, p.k, thread_number);
      b_next = load_halves<T, b_lines, b_packed>(b, p.b_column, p.b_row, column0, k0 + HALVES_DEPTH,
                                                 p.n, p.k, thread_number);
    }
    for (int k = 0; k < HALVES_DEPTH; k += 16) {
      uint a_words[4][4], b_words[4][2];
      for (int i = 0; i < 4; ++i)
        for (int part = 0; part < 4; ++part)
          a_words[i][part] = tile_pair<T, a_lines>(a_tile, row1 + i * 16 + r + part % 2 * 8,
                                                   k + 2 * q + part / 2 * 8);
      for (int j = 0; j < 4; ++j)
        for (int part = 0; part < 2; ++part)
          b_words[j][part] =
              tile_pair<T, b_lines>(b_tile, column1 + j * 8 + r, k + 2 * q + part * 8);
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j) multiply_16x16x8<T>(sums[i][j], a_words[i], b_words[j]);
    }
  }
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j)
      for (int k = 0; k < 4; ++k) {
        const int64_t row = row0 + row1 + i * 16 + r + k / 2 * 8;
        const int64_t column = column0 + column1 + j * 8 + 2 * q + k % 2;
        if (row >= p.m || column >= p.n) continue;
        const T addend = has_c ? c[row * p.c_row + column * p.c_column] : T(0.0f);
        d[row * p.d_row + column] =
            finish_product<T, is_scaled, has_c>(sums[i][j][k], addend, p.alpha, p.beta);
      }
}
