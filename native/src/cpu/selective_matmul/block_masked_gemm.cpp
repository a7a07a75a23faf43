#include "cpu/selective_matmul/block_masked_gemm.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "cpu/copy/copy.h"
#include "cpu/matmul/scratch.h"
#include "cpu/selective_matmul/parts.h"

namespace mlx::core::cpu {
namespace {

int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The matrix of an operand in one element of the batch.
GemmOperand matrix_of(const GemmOperand& operand, std::span<const int32_t> batch_shape,
                      int64_t batch, size_t itemsize) {
  int64_t offset = 0;
  for (size_t i = batch_shape.size(); i-- > 0; batch /= batch_shape[i])
    offset += batch % batch_shape[i] * operand.batch_strides[i];
  return {element(operand.data, offset, itemsize), operand.row_stride, operand.column_stride, {}};
}

bool is_live(const GemmOperand& mask, int64_t row, int64_t column) {
  return static_cast<const bool*>(mask.data)[row * mask.row_stride + column * mask.column_stride];
}

/// One row of blocks of one matrix of the batch.
class BlockRow {
 public:
  BlockRow(const BlockMaskedGemmArgs& args, int64_t batch, int64_t row)
      : args_(args),
        row_(row),
        itemsize_(size_of(args.dtype)),
        a_(matrix_of(args.a, args.batch_shape, batch, itemsize_)),
        b_(matrix_of(args.b, args.batch_shape, batch, itemsize_)),
        mask_out_(matrix_of(args.mask_out, args.batch_shape, batch, sizeof(bool))),
        mask_a_(matrix_of(args.mask_a, args.batch_shape, batch, sizeof(bool))),
        mask_b_(matrix_of(args.mask_b, args.batch_shape, batch, sizeof(bool))),
        d_(element(static_cast<char*>(args.d), (batch * args.m + row * args.block) * args.n,
                   itemsize_)),
        rows_(std::min(args.block, args.m - row * args.block)) {}

  /// Neighbouring columns of blocks that need the same blocks of A are one product.
  void run() {
    int64_t columns = ceil_divide(args_.n, args_.block);
    for (int64_t column = 0; column < columns;) {
      auto live = live_blocks(column);
      int64_t end = column + 1;
      while (end < columns && live_blocks(end) == live) ++end;
      multiply(column * args_.block, std::min(end * args_.block, args_.n), live);
      column = end;
    }
  }

 private:
  /// Along the common axis: the blocks whose products reach this column of blocks.
  std::vector<int64_t> live_blocks(int64_t column) const {
    std::vector<int64_t> live;
    if (!is_live(mask_out_, row_, column)) return live;
    for (int64_t i = 0; i < ceil_divide(args_.k, args_.block); ++i)
      if (is_live(mask_a_, row_, i) && is_live(mask_b_, i, column)) live.push_back(i);
    return live;
  }

  void multiply(int64_t begin, int64_t end, const std::vector<int64_t>& live) const {
    char* d = element(d_, begin, itemsize_);
    if (live.empty()) {
      for (int64_t i = 0; i < rows_; ++i)
        std::memset(element(d, i * args_.n, itemsize_), 0, size_t(end - begin) * itemsize_);
      return;
    }
    GemmArgs product{.dtype = args_.dtype,
                     .m = rows_,
                     .n = end - begin,
                     .k = 0,
                     .a = {element(a_.data, row_ * args_.block * a_.row_stride, itemsize_),
                           a_.row_stride,
                           a_.column_stride,
                           {}},
                     .b = {element(b_.data, begin * b_.column_stride, itemsize_),
                           b_.row_stride,
                           b_.column_stride,
                           {}},
                     .d = d,
                     .d_row_stride = args_.n};
    for (int64_t block : live) product.k += depth(block);
    if (live.back() - live.front() + 1 == int64_t(live.size())) {
      int64_t first = live.front() * args_.block;
      product.a.data = element(product.a.data, first * a_.column_stride, itemsize_);
      product.b.data = element(product.b.data, first * b_.row_stride, itemsize_);
      return gemm(product);
    }
    multiply_packed(product, live);
  }

  int64_t depth(int64_t block) const {
    return std::min(args_.block, args_.k - block * args_.block);
  }

  /// Lays the live blocks side by side first.
  void multiply_packed(GemmArgs product, const std::vector<int64_t>& live) const {
    Scratch<char> a(product.m * product.k * int64_t(itemsize_));
    Scratch<char> b(product.k * product.n * int64_t(itemsize_));
    int64_t at = 0;
    for (int64_t block : live) {
      int64_t from = block * args_.block;
      const int32_t a_shape[] = {int32_t(product.m), int32_t(depth(block))};
      const int64_t a_from[] = {a_.row_stride, a_.column_stride}, a_to[] = {product.k, 1};
      copy_strided(itemsize_, a_shape, element(product.a.data, from * a_.column_stride, itemsize_),
                   a_from, element(a.data(), at, itemsize_), a_to);
      const int32_t b_shape[] = {int32_t(depth(block)), int32_t(product.n)};
      const int64_t b_from[] = {b_.row_stride, b_.column_stride};
      copy_contiguous(itemsize_, b_shape, element(product.b.data, from * b_.row_stride, itemsize_),
                      b_from, element(b.data(), at * product.n, itemsize_));
      at += depth(block);
    }
    product.a = {a.data(), product.k, 1, {}};
    product.b = {b.data(), product.n, 1, {}};
    gemm(product);
  }

  const BlockMaskedGemmArgs& args_;
  int64_t row_;
  size_t itemsize_;
  GemmOperand a_, b_, mask_out_, mask_a_, mask_b_;
  /// The first element of this row of blocks in the result.
  char* d_;
  int64_t rows_;
};

}  // namespace

void block_masked_gemm(const BlockMaskedGemmArgs& args) {
  int64_t batches = 1, block_rows = ceil_divide(args.m, args.block);
  for (int32_t size : args.batch_shape) batches *= size;
  if (args.m == 0 || args.n == 0) return;
  run_products(batches * block_rows, args.block * args.n * args.k,
               [&](int64_t i) { BlockRow(args, i / block_rows, i % block_rows).run(); });
}

}  // namespace mlx::core::cpu
