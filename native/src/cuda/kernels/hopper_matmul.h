// Products of half-precision matrices for NVIDIA's architecture 9.0, in CUDA's own dialect: tiles
// of 128 rows travel by the tensor memory accelerator into a ring of stages, which one thread fills
// and two warpgroups multiply by wgmma (NVIDIA, "PTX ISA 9.0", 9.7.9.27 and 9.7.15). The host
// writes before it: tile_columns, stages, a_is_transposed, b_is_transposed, multiply_add, pack,
// unpack.

typedef unsigned int Word;
typedef unsigned long long Wide;
typedef long long Count;

struct alignas(64) TensorMap {
  Wide words[16];
};

struct ProductArguments {
  Count rows, columns, length, leading, step;
  /// Tiles along rows and columns of one product.
  Count row_tiles, column_tiles;
  /// Whether the operands are other ones for each product of a batch.
  int a_varies, b_varies;
  float alpha, beta;
};

constexpr int tile_rows = 128, tile_length = 64, half_bytes = 2;
/// Rows of 128 bytes, as the accelerator's swizzle wants them; 64 of them are a block.
constexpr int block_bytes = 64 * 128;
constexpr int a_bytes = tile_rows * tile_length * half_bytes;
constexpr int stage_bytes = a_bytes + tile_columns * tile_length * half_bytes;
/// Tiles that follow each other share columns, so that what they read stays in the cache.
constexpr Count tiles_in_a_column = 8;

/// How wgmma finds an operand: its address, and the bytes from one block of 64 along the contiguous
/// dimension and from one group of 8 along the other to the next; swizzled by 128 bytes.
inline Wide descriptor(Word address) {
  return Wide((address & 0x3ffff) >> 4) | (Wide(block_bytes >> 4) << 16) | (Wide(1024 >> 4) << 32) |
         (Wide(1) << 62);
}

inline void wait_for(Word barrier, Word parity) {
  asm volatile(
      "{\n .reg .pred done;\n again:\n"
      " mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      " @done bra over;\n bra again;\n over:\n}" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

inline void fetch(Word to, const TensorMap& map, int x, int y, int z, Word barrier) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes"
      " [%0], [%1, {%2, %3, %4}], [%5];" ::"r"(to),
      "l"(&map), "r"(x), "r"(y), "r"(z), "r"(barrier)
      : "memory");
}

/// A tile of one operand: whole rows of 64 along its length, or blocks of 64 across it.
template <bool is_across, int count>
inline void fetch_tile(Word to, const TensorMap& map, int first, int at, int product,
                       Word barrier) {
  if (!is_across) return fetch(to, map, at, first, product, barrier);
  for (int block = 0; block < count / 64; ++block)
    fetch(to + block * block_bytes, map, first + block * 64, at, product, barrier);
}

inline void multiply_tiles(const TensorMap& a, const TensorMap& b, unsigned short* d,
                           const ProductArguments& p, Word memory, Word full) {
  const Word empty = full + 8 * stages;
  int thread = threadIdx.x;
  if (thread == 0) {
    for (int i = 0; i < stages; ++i) {
      asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(full + 8 * i));
      asm volatile("mbarrier.init.shared::cta.b64 [%0], 2;" ::"r"(empty + 8 * i));
    }
    asm volatile("fence.proxy.async;" ::: "memory");
  }
  __syncthreads();

  const Count tile = blockIdx.x, tiles_in_band = tiles_in_a_column * p.column_tiles;
  const Count band = tile / tiles_in_band * tiles_in_a_column, in_band = tile % tiles_in_band;
  const Count left = p.row_tiles - band;
  const Count height = left < tiles_in_a_column ? left : tiles_in_a_column;
  const Count row = (band + in_band % height) * tile_rows;
  const Count column = in_band / height * tile_columns;
  const int product = blockIdx.y;
  const int steps = int((p.length + tile_length - 1) / tile_length);

  if (thread < 128) {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 40;");
    if (thread != 0) return;
    for (int k = 0; k < steps; ++k) {
      const int slot = k % stages;
      const Word to = memory + slot * stage_bytes, barrier = full + 8 * slot;
      if (k >= stages) wait_for(empty + 8 * slot, (k / stages + 1) & 1);
      asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier),
                   "r"(stage_bytes)
                   : "memory");
      fetch_tile<a_is_transposed, tile_rows>(to, a, int(row), k * tile_length,
                                             p.a_varies ? product : 0, barrier);
      fetch_tile<!b_is_transposed, tile_columns>(to + a_bytes, b, int(column), k * tile_length,
                                                 p.b_varies ? product : 0, barrier);
    }
    return;
  }

  asm volatile("setmaxnreg.inc.sync.aligned.u32 232;");
  thread -= 128;
  const int group = thread / 128, lane = thread % 32, warp = thread / 32 % 4;
  float sums[tile_columns / 2];
#pragma unroll
  for (int i = 0; i < tile_columns / 2; ++i) sums[i] = 0;
  for (int k = 0; k < steps; ++k) {
    const int slot = k % stages;
    wait_for(full + 8 * slot, (k / stages) & 1);
    const Word of_a = memory + slot * stage_bytes + group * block_bytes;
    const Word of_b = memory + slot * stage_bytes + a_bytes;
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
    for (int i = 0; i < tile_length / 16; ++i)
      multiply_add(sums, descriptor(of_a + i * (a_is_transposed ? 2048 : 32)),
                   descriptor(of_b + i * (b_is_transposed ? 32 : 2048)));
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
    // The products before these are done, and their stage is free.
    asm volatile("wgmma.wait_group.sync.aligned 1;" ::: "memory");
    if (k > 0 && thread % 128 == 0)
      asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(empty + 8 * ((k - 1) % stages))
                   : "memory");
  }
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");

  d += product * p.step;
  const bool in_pairs = p.leading % 2 == 0 && p.columns % 2 == 0 && (Wide(d) & 3) == 0;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const Count y = row + group * 64 + warp * 16 + lane / 4 + half * 8;
    if (y >= p.rows) continue;
#pragma unroll
    for (int j = 0; j < tile_columns / 8; ++j) {
      const Count x = column + j * 8 + lane % 4 * 2;
      if (x >= p.columns) continue;
      unsigned short* to = d + y * p.leading + x;
      const bool has_second = x + 1 < p.columns;
      float first = p.alpha * sums[j * 4 + half * 2], second = p.alpha * sums[j * 4 + half * 2 + 1];
      if (p.beta != 0) {
        first += p.beta * unpack(to[0]);
        if (has_second) second += p.beta * unpack(to[1]);
      }
      const Word both = pack(first, second);
      if (in_pairs) {
        *(Word*)to = both;
      } else {
        to[0] = (unsigned short)both;
        if (has_second) to[1] = (unsigned short)(both >> 16);
      }
    }
  }
}
