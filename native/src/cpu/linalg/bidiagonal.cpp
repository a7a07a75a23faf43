#include "cpu/linalg/bidiagonal.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "cpu/linalg/column_products.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

// Dongarra, Sorensen and Hammarling, "Block reduction of matrices to condensed forms" (1989): the
// reflectors of a panel of columns change the rest of the matrix all at once. Howell et al., "Cache
// efficient bidiagonalization using BLAS 2.5 operators" (2008): the two products of a step with the
// rest read it once, as the row that the second needs is known column by column from the first.

constexpr int64_t kPanel = 32;

/// Within a panel the matrix is a - left @ right^H, with a as it was before the panel and two
/// columns of each factor a step: the reflector of q and its product with the matrix, the product
/// with the reflector of p and that reflector.
template <typename T>
class Reduction {
 public:
  Reduction(int64_t m, int64_t n, T* a, Real<T>* d, Real<T>* e, T* left_tau, T* right, T* right_tau)
      : m_(m),
        n_(n),
        a_(a),
        d_(d),
        e_(e),
        left_tau_(left_tau),
        right_(right),
        right_tau_(right_tau),
        left_factor_(m * 2 * kPanel),
        right_factor_(n * 2 * kPanel),
        vectors_(m + 4 * kPanel),
        chunk_size_(m + 2 * kPanel),
        chunks_(chunk_size_ * chunk_count(0)),
        work_size_(product_workspace<T>(m, 2 * kPanel)),
        work_(work_size_ * chunk_count(0)) {}

  void run() {
    for (int64_t start = 0; start < n_; start += kPanel) {
      const int64_t end = std::min(start + kPanel, n_);
      set_borders(start);
      for (int64_t i = start; i < end; ++i) step(i, 2 * (i - start));
      update_rest(end, 2 * (end - start));
    }
  }

 private:
  /// What a thread's cache holds is one chunk; a chunk is more work than handing it out.
  int64_t chunk_count(int64_t start) const {
    constexpr int64_t kSmall = 96 << 10, kLarge = 512 << 10, kMost = 64;
    const int64_t bytes = (m_ - start) * (n_ - start) * int64_t(sizeof(T));
    return bytes < kSmall && start > 0 ? 1
                                       : std::clamp<int64_t>((bytes - 1) / kLarge + 1, 2, kMost);
  }

  /// Borders stay for a panel, so that threads find their columns in their caches; the first chunk
  /// has more than the others as the panel begins and fewer as it ends.
  void set_borders(int64_t start) {
    const int64_t count = chunk_count(start);
    origin_ = std::min(start + kPanel / 2, n_ - 1);
    width_ = ((n_ - origin_ - 1) / count + 16) / 16 * 16;
  }

  /// body(chunk, begin, end) for the columns from `from` on; returns how many chunks there are.
  template <typename F>
  int64_t for_chunks(int64_t from, const F& body) {
    const int64_t skipped = std::max<int64_t>(from - origin_, 0) / width_;
    const int64_t count = (n_ - origin_ - 1) / width_ + 1 - skipped;
    parallel_for(size_t(count), 1, [&](size_t begin, size_t end) {
      for (auto c = int64_t(begin); c < int64_t(end); ++c) {
        const int64_t stop = origin_ + (c + skipped + 1) * width_;
        body(c, c == 0 ? from : stop - width_, std::min(stop, n_));
      }
    });
    return count;
  }

  /// Reflects column i from the left and what remains of row i from the right, with k columns of
  /// the factors from the steps before.
  void step(int64_t i, int64_t k) {
    const int64_t rows = m_ - i;
    T* sum = vectors_.data();
    T *coefficients = sum + m_, *products = coefficients + 2 * kPanel;
    T* column = a_ + i * m_ + i;
    if (k > 0) {
      for (int64_t l = 0; l < k; ++l) coefficients[l] = conjugated(*right(i, l));
      multiply<T>({left(i, 0), m_, rows, k}, coefficients, sum, work_.data());
      for (int64_t r = 0; r < rows; ++r) column[r] -= sum[r];
    }
    left_tau_[i] = lapack::larfg(int(rows), column, column + 1);
    d_[i] = std::real(column[0]);
    column[0] = T(1);
    std::copy_n(column, rows, left(i, k));
    if (i + 1 == n_) return;

    multiply_adjoint<T>({left(i, 0), m_, rows, k}, left(i, k), products, work_.data());
    for (int64_t l = 0; l < k; ++l) coefficients[l] = conjugated(*left(i, l));
    const int64_t count = for_chunks(i + 1, [&](int64_t chunk, int64_t begin, int64_t end) {
      multiply_chunk(i, k, coefficients, products, chunk, begin, end);
    });
    for (int64_t c = 1; c < count; ++c) {
      const T *more = chunks_.data() + c * chunk_size_, *more_products = more + m_;
      T *first = chunks_.data(), *first_products = first + m_;
      for (int64_t r = 0; r < rows; ++r) first[r] += more[r];
      for (int64_t l = 0; l <= k; ++l) first_products[l] += more_products[l];
    }
    reflect_row(i, k);
  }

  /// For columns [begin, end): the product of the matrix with the reflector of q, what that makes
  /// of row i (conjugated), and that row's products with the columns and with right's rows.
  void multiply_chunk(int64_t i, int64_t k, const T* coefficients, const T* products, int64_t chunk,
                      int64_t begin, int64_t end) {
    const int64_t rows = m_ - i;
    T *sum = chunks_.data() + chunk * chunk_size_, *row_products = sum + m_;
    Real<T>* work = work_.data() + chunk * work_size_;
    T *y = right(begin, k), *row = right(begin, k + 1);
    const T *corner = a_ + begin * m_ + i, tau = left_tau_[i];
    multiply<T>({right(begin, 0), n_, end - begin, k}, products, y, work);
    multiply<T>({right(begin, 0), n_, end - begin, k}, coefficients, row, work);
    auto weigh = [&](int64_t c, T dot) {
      y[c] = tau * (dot - y[c]);
      return row[c] = conjugated(corner[c * m_]) - row[c] - y[c];
    };
    multiply_both<T>({corner, m_, rows, end - begin}, left(i, k), weigh, sum, work);
    multiply_adjoint<T>({right(begin, 0), n_, end - begin, k + 1}, row, row_products, work);
  }

  /// Makes the reflector of p from row i, and its product with the matrix from the row's.
  void reflect_row(int64_t i, int64_t k) {
    T *sum = chunks_.data(), *row_products = sum + m_, *known = vectors_.data();
    const int64_t length = n_ - i - 1, rows = m_ - i;
    T *row = right(i + 1, k + 1), *out = left(i, k + 1);
    const T alpha = row[0];
    T tau = lapack::larfg(int(length), row, row + 1);
    const Real<T> beta = std::real(row[0]);
    row[0] = T(1);
    // The sums with a smaller row have lost digits; to a matrix with a norm near 1 it is nothing.
    constexpr Real<T> kNothing =
        std::numeric_limits<Real<T>>::min() / std::numeric_limits<Real<T>>::epsilon();
    if (std::abs(beta) < kNothing) tau = T(0);
    e_[i] = std::abs(beta) < kNothing ? Real<T>(0) : beta;
    right_tau_[i] = tau;
    std::copy_n(row, length, right_ + i * n_ + i + 1);
    if (tau == T(0)) {
      std::fill_n(row + 1, length - 1, T(0));
      std::fill_n(out, rows, T(0));
      return;
    }
    // The reflector is (row - beta * e1) / (alpha - beta), and so are its products.
    const T scale = T(1) / (alpha - beta);
    for (int64_t l = 0; l <= k; ++l)
      row_products[l] = scale * (row_products[l] - beta * conjugated(*right(i + 1, l)));
    multiply<T>({left(i, 0), m_, rows, k + 1}, row_products, known, work_.data());
    const T* column = a_ + (i + 1) * m_ + i;
    for (int64_t r = 0; r < rows; ++r)
      out[r] = tau * (scale * (sum[r] - beta * column[r]) - known[r]);
  }

  void update_rest(int64_t end, int64_t k) {
    if (end == n_) return;
    set_borders(end);
    for_chunks(end, [&](int64_t, int64_t begin, int64_t stop) {
      lapack::gemm('N', 'C', int(m_ - end), int(stop - begin), int(k), T(-1), left(end, 0), int(m_),
                   right(begin, 0), int(n_), T(1), a_ + begin * m_ + end, int(m_));
    });
  }

  T* left(int64_t row, int64_t k) { return left_factor_.data() + k * m_ + row; }
  T* right(int64_t row, int64_t k) { return right_factor_.data() + k * n_ + row; }

  const int64_t m_, n_;
  T* const a_;
  Real<T>*const d_, *const e_;
  T *const left_tau_, *const right_, *const right_tau_;
  Scratch<T> left_factor_, right_factor_, vectors_;
  const int64_t chunk_size_;
  Scratch<T> chunks_;
  const int64_t work_size_;
  Scratch<Real<T>> work_;
  int64_t origin_ = 0, width_ = 1;
};

}  // namespace

template <typename T>
void reduce_to_bidiagonal(int m, int n, T* a, Real<T>* d, Real<T>* e, T* left_tau, T* right,
                          T* right_tau) {
  Reduction<T>(m, n, a, d, e, left_tau, right, right_tau).run();
}

#define MLX_INSTANTIATE(T) \
  template void reduce_to_bidiagonal(int, int, T*, Real<T>*, Real<T>*, T*, T*, T*);
MLX_INSTANTIATE(float)
MLX_INSTANTIATE(double)
MLX_INSTANTIATE(complex64_t)
#undef MLX_INSTANTIATE

}  // namespace mlx::core::cpu
