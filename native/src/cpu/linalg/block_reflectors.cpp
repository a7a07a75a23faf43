#include "cpu/linalg/block_reflectors.h"

#include <algorithm>
#include <cstdint>

#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// Products of this inner length run at full speed.
constexpr int64_t kBlock = 64;

/// t of h[0] @ ... = 1 - v @ t @ v^H (Schreiber and Van Loan, "A storage-efficient WY
/// representation for products of Householder transformations", 1989).
template <typename T>
void make_triangle(int64_t rows, int64_t count, const T* v, const T* tau, T* t) {
  Scratch<T> products(count * count);
  T* gram = products.data();
  lapack::gemm('C', 'N', int(count), int(count), int(rows), T(1), v, int(rows), v, int(rows), T(0),
               gram, int(count));
  std::fill_n(t, count * count, T(0));
  for (int64_t j = 0; j < count; ++j) {
    T* column = t + j * count;
    for (int64_t l = 0; l < j; ++l)
      for (int64_t i = 0; i <= l; ++i) column[i] -= t[l * count + i] * gram[j * count + l];
    for (int64_t i = 0; i < j; ++i) column[i] *= tau[j];
    column[j] = tau[j];
  }
}

}  // namespace

template <typename T>
BlockReflectors<T>::BlockReflectors(int64_t rows, int64_t count, const T* v, int64_t ld,
                                    const T* tau)
    : rows_(rows), v_(rows * count), t_(count * kBlock) {
  for (int64_t first = 0; first < count; first += kBlock)
    blocks_.push_back({first, std::min(kBlock, count - first), v_.data() + first * rows,
                       t_.data() + first * kBlock});
  parallel_for(blocks_.size(), 1, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const Block& b = blocks_[i];
      const int64_t length = rows - b.first;
      for (int64_t j = 0; j < b.count; ++j) {
        const T* column = v + (b.first + j) * ld + b.first;
        T* copy = b.v + j * length;
        std::fill_n(copy, j, T(0));
        copy[j] = T(1);
        std::copy(column + j + 1, column + length, copy + j + 1);
      }
      make_triangle(length, b.count, b.v, tau + b.first, b.t);
    }
  });
}

template <typename T>
void BlockReflectors<T>::apply_block(const Block& b, bool adjoint, int64_t columns, T* c,
                                     int64_t ldc, T* work) const {
  const int rows = int(rows_ - b.first), count = int(b.count), n = int(columns);
  T* turned = work + kBlock * columns;
  c += b.first;
  lapack::gemm('C', 'N', count, n, rows, T(1), b.v, rows, c, int(ldc), T(0), work, count);
  lapack::gemm(adjoint ? 'C' : 'N', 'N', count, n, count, T(1), b.t, count, work, count, T(0),
               turned, count);
  lapack::gemm('N', 'N', rows, n, count, T(-1), b.v, rows, turned, count, T(1), c, int(ldc));
}

template <typename T>
void BlockReflectors<T>::apply(int64_t columns, T* c, int64_t ldc) const {
  Scratch<T> work(2 * kBlock * columns);
  for (size_t i = blocks_.size(); i-- > 0;)
    apply_block(blocks_[i], false, columns, c, ldc, work.data());
}

template <typename T>
void BlockReflectors<T>::apply_adjoint(int64_t columns, T* c, int64_t ldc) const {
  Scratch<T> work(2 * kBlock * columns);
  for (const Block& b : blocks_) apply_block(b, true, columns, c, ldc, work.data());
}

template <typename T>
void BlockReflectors<T>::apply_adjoint_right(int64_t c_rows, T* c, int64_t ldc) const {
  Scratch<T> memory(2 * kBlock * c_rows);
  T *work = memory.data(), *turned = work + kBlock * c_rows;
  for (size_t i = blocks_.size(); i-- > 0;) {
    const Block& b = blocks_[i];
    const int length = int(rows_ - b.first), count = int(b.count), m = int(c_rows);
    T* columns = c + b.first * ldc;
    lapack::gemm('N', 'N', m, count, length, T(1), columns, int(ldc), b.v, length, T(0), work, m);
    lapack::gemm('N', 'C', m, count, count, T(1), work, m, b.t, count, T(0), turned, m);
    lapack::gemm('N', 'C', m, length, count, T(-1), turned, m, b.v, length, T(1), columns,
                 int(ldc));
  }
}

template class BlockReflectors<float>;
template class BlockReflectors<double>;
template class BlockReflectors<complex64_t>;

}  // namespace mlx::core::cpu
