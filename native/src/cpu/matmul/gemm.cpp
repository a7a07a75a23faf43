#include "cpu/matmul/gemm.h"

#include <algorithm>

#include "array/dtype_dispatch.h"
#include "cpu/matmul/epilogue.h"
#include "cpu/matmul/gemm_ways.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

int64_t batch_size(const GemmArgs& args) {
  int64_t size = 1;
  for (int32_t extent : args.batch_shape) size *= extent;
  return size;
}

/// An operand's matrix in one batch.
template <typename T>
MatrixView<T> matrix_of(const GemmArgs& args, const GemmOperand& operand, int64_t batch) {
  auto data = static_cast<const T*>(operand.data);
  if (data == nullptr) return {nullptr, 0, 0};
  for (size_t i = args.batch_shape.size(); i-- > 0; batch /= args.batch_shape[i])
    data += batch % args.batch_shape[i] * operand.batch_strides[i];
  return {data, operand.row_stride, operand.column_stride};
}

/// Sums without terms.
template <typename T>
void multiply_nothing(const Product<T>& p) {
  Scratch<Wide<T>> zeros(p.n);
  std::fill_n(zeros.data(), p.n, Wide<T>(0));
  finish_block(p, 0, 0, p.m, p.n, zeros.data(), 0);
}

template <typename T>
void multiply(const Product<T>& p) {
  if constexpr (std::is_integral_v<T>) {
    multiply_integers(p);
  } else {
    if (p.k == 0) return multiply_nothing(p);
    if (is_thin(p)) return multiply_thin(p);
    if constexpr (!is_complex_v<T>) {
      if (is_small(p)) return multiply_small(p);
      if (is_for_blocks(p)) return multiply_blocked(p);
    }
    multiply_large(p);
  }
}

/// Many matrices are shared out whole; each of a few is shared out itself.
template <typename T>
void multiply_batch(const GemmArgs& args) {
  constexpr int64_t kGrain = int64_t(1) << 17, kMany = 16;
  const int64_t batches = batch_size(args), work = args.m * args.n * std::max<int64_t>(args.k, 1);
  const GemmOperand no_matrix;
  const GemmOperand& c = args.beta == 0 ? no_matrix : args.c;
  auto multiply_some = [&](size_t begin, size_t end) {
    for (int64_t i = int64_t(begin); i < int64_t(end); ++i)
      multiply(Product<T>{args.m, args.n, args.k, matrix_of<T>(args, args.a, i),
                          matrix_of<T>(args, args.b, i), matrix_of<T>(args, c, i),
                          static_cast<T*>(args.d) + i * args.m * args.d_row_stride,
                          args.d_row_stride, args.alpha, args.beta});
  };
  if (batches < kMany)
    multiply_some(0, size_t(batches));
  else
    parallel_for(size_t(batches), size_t(std::max<int64_t>(1, kGrain / work)), multiply_some);
}

}  // namespace

void gemm(const GemmArgs& args) {
  if (args.m == 0 || args.n == 0 || batch_size(args) == 0) return;
  dispatch_dtype(args.dtype, [&](auto tag) { multiply_batch<typename decltype(tag)::type>(args); });
}

}  // namespace mlx::core::cpu
