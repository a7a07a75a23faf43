#include "cpu/matmul/gemm_ways.h"

#include <algorithm>
#include <optional>

#include "cpu/matmul/blas.h"
#include "cpu/matmul/epilogue.h"
#include "cpu/matmul/pack.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// How a product is cut into calls of the BLAS, by its shape alone.
struct Tiling {
  int64_t rows, columns, inner;

  Tiling(int64_t m, int64_t n, int64_t k) : rows(m), columns(n), inner(k) {
    // Enough tiles to occupy many threads evenly, but none so small that packing its operands,
    // which every tile does for itself, begins to count. The side is a quarter of 2048, rounded up.
    constexpr int64_t kTiles = 16, kSide = 528, kMinSide = 64, kMinWork = int64_t(1) << 22;
    auto halve = [](int64_t& size, int64_t total) {
      int64_t parts = (total + size - 1) / size * 2;
      size = round_up((total + parts - 1) / parts);
    };
    while (std::max(rows, columns) > kSide) rows > columns ? halve(rows, m) : halve(columns, n);
    while (count(m, n, k) < kTiles && rows * columns * inner >= 2 * kMinWork &&
           std::max(rows, columns) > kMinSide)
      rows > columns ? halve(rows, m) : halve(columns, n);
    while (count(m, n, k) < kTiles / 2 && rows * columns * inner >= 2 * kMinWork &&
           inner >= 8 * std::max(rows, columns))
      halve(inner, k);
  }

  int64_t count(int64_t m, int64_t n, int64_t k) const {
    return parts(m, rows) * parts(n, columns) * parts(k, inner);
  }
  static int64_t parts(int64_t total, int64_t size) { return (total + size - 1) / size; }

 private:
  /// BLAS kernels work on blocks of 4 to 24 rows or columns.
  static int64_t round_up(int64_t size) { return (size + 23) / 24 * 24; }
};

/// out (+)= a @ b.
template <typename W>
void multiply_tiles(int64_t m, int64_t n, int64_t k, const MatrixView<W>& a, const MatrixView<W>& b,
                    W* out, int64_t out_row_stride, bool accumulate) {
  const Tiling tiling(m, n, k);
  const int64_t columns = Tiling::parts(n, tiling.columns);
  const int64_t tiles = Tiling::parts(m, tiling.rows) * columns;
  const int64_t slices = Tiling::parts(k, tiling.inner);
  // The first slice of the inner axis goes to the output, the others beside it and are added.
  std::optional<Scratch<W>> partial;
  if (slices > 1) partial.emplace((slices - 1) * m * n);
  parallel_for(size_t(tiles * slices), 1, [&](size_t task, size_t) {
    const int64_t slice = int64_t(task) / tiles, tile = int64_t(task) % tiles;
    const int64_t i = tile / columns * tiling.rows, j = tile % columns * tiling.columns;
    const int64_t l = slice * tiling.inner;
    W* to =
        slice == 0 ? out + i * out_row_stride + j : partial->data() + ((slice - 1) * m + i) * n + j;
    blas_gemm(std::min(tiling.rows, m - i), std::min(tiling.columns, n - j),
              std::min(tiling.inner, k - l), a.from(i, l), b.from(l, j), to,
              slice == 0 ? out_row_stride : n, slice == 0 && accumulate);
  });
  if (slices == 1) return;
  constexpr int64_t kGrain = 16384;
  parallel_for(size_t(m), size_t(std::max<int64_t>(1, kGrain / n)), [&](size_t begin, size_t end) {
    for (int64_t i = int64_t(begin); i < int64_t(end); ++i) {
      W* sums = out + i * out_row_stride;
      for (int64_t slice = 1; slice < slices; ++slice) {
        const W* more = partial->data() + ((slice - 1) * m + i) * n;
        for (int64_t j = 0; j < n; ++j) sums[j] += more[j];
      }
    }
  });
}

/// Operands that the BLAS can't read are copied a block of the product at a time, which bounds the
/// memory that takes.
template <typename T>
class BlockwiseProduct {
  using W = Wide<T>;
  static constexpr int64_t kBlock = 2048;

 public:
  explicit BlockwiseProduct(const Product<T>& product) : product_(product) {}

  void run() {
    const auto& p = product_;
    const int64_t m = std::min(kBlock, p.m), n = std::min(kBlock, p.n), k = std::min(kBlock, p.k);
    if (!can_read(p.a, p.m, p.k)) a_.emplace(m * k);
    if (!can_read(p.b, p.k, p.n)) b_.emplace(k * n);
    if (is_half_v<T>) sums_.emplace(m * n);
    for (int64_t i = 0; i < p.m; i += kBlock)
      for (int64_t j = 0; j < p.n; j += kBlock)
        multiply_block(i, j, std::min(kBlock, p.m - i), std::min(kBlock, p.n - j));
  }

 private:
  static bool can_read(const MatrixView<T>& matrix, int64_t rows, int64_t columns) {
    return !is_half_v<T> && is_blas_matrix(rows, columns, matrix.row_stride, matrix.column_stride);
  }

  static MatrixView<W> readable(const MatrixView<T>& matrix, int64_t rows, int64_t columns,
                                std::optional<Scratch<W>>& copy) {
    if constexpr (!is_half_v<T>)
      if (!copy) return matrix;
    return pack_matrix(matrix, rows, columns, copy->data());
  }

  void multiply_block(int64_t i, int64_t j, int64_t rows, int64_t columns) {
    const auto& p = product_;
    int64_t stride = p.d_row_stride;
    W* sums;
    if constexpr (is_half_v<T>) {
      sums = sums_->data();
      stride = columns;
    } else {
      sums = p.d + i * stride + j;
    }
    for (int64_t l = 0; l < p.k; l += kBlock) {
      const int64_t inner = std::min(kBlock, p.k - l);
      multiply_tiles(rows, columns, inner, readable(p.a.from(i, l), rows, inner, a_),
                     readable(p.b.from(l, j), inner, columns, b_), sums, stride, l > 0);
    }
    if (is_half_v<T> || !p.is_plain()) finish_block(p, i, j, rows, columns, sums, stride);
  }

  const Product<T>& product_;
  std::optional<Scratch<W>> a_, b_, sums_;
};

}  // namespace

template <typename T>
void multiply_large(const Product<T>& p) {
  if constexpr (!is_half_v<T>) {
    if (is_blas_matrix(p.m, p.k, p.a.row_stride, p.a.column_stride) &&
        is_blas_matrix(p.k, p.n, p.b.row_stride, p.b.column_stride)) {
      multiply_tiles(p.m, p.n, p.k, p.a, p.b, p.d, p.d_row_stride, false);
      if (!p.is_plain()) finish_block(p, 0, 0, p.m, p.n, p.d, p.d_row_stride);
      return;
    }
  }
  BlockwiseProduct<T>(p).run();
}

template void multiply_large(const Product<float16_t>&);
template void multiply_large(const Product<bfloat16_t>&);
template void multiply_large(const Product<float>&);
template void multiply_large(const Product<double>&);
template void multiply_large(const Product<complex64_t>&);

}  // namespace mlx::core::cpu
