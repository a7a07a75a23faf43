#include "cpu/linalg/tridiagonal.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cpu/linalg/column_products.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

// Dongarra, Sorensen and Hammarling, "Block reduction of matrices to condensed forms" (1989): the
// reflectors of a panel of columns change the rest of the matrix all at once, so that a step only
// multiplies the rest with a vector. That reads the lower half alone, each block of columns for
// both products that it has a part in.

constexpr int64_t kPanel = 32;
/// Columns read at once. Blocks on the diagonal are kept whole, and begin at multiples of this.
constexpr int64_t kBlock = 32;

/// Within a panel the matrix is a - left @ right^H, with a as it was before the panel and two
/// columns of each factor a step: the reflector v and w in left, w and v in right.
template <typename T>
class Reduction {
 public:
  Reduction(int64_t n, T* a, Real<T>* d, Real<T>* e, T* tau)
      : n_(n),
        a_(a),
        d_(d),
        e_(e),
        tau_(tau),
        left_(n * 2 * kPanel),
        right_(n * 2 * kPanel),
        vectors_(n + 4 * kPanel),
        chunk_size_(2 * n + 2 * kPanel),
        chunks_(chunk_size_ * chunk_count(0)),
        work_size_(product_workspace<T>(n, 2 * kPanel)),
        work_(work_size_ * chunk_count(0)) {}

  void run() {
    for (int64_t start = 0; start < n_; start += kPanel) {
      const int64_t end = std::min(start + kPanel, n_);
      set_borders(start);
      for (int64_t i = start; i < end; ++i) step(i, 2 * (i - start));
      if (end < n_) update_rest(end, 2 * (end - start));
    }
  }

 private:
  static constexpr int64_t kMostChunks = 64;

  /// What a thread's cache holds is one chunk; a chunk is more work than handing it out.
  int64_t chunk_count(int64_t start) const {
    constexpr int64_t kSmall = 48 << 10, kLarge = 256 << 10;
    const int64_t bytes = (n_ - start) * (n_ - start) / 2 * int64_t(sizeof(T));
    return bytes < kSmall && start > 0
               ? 1
               : std::clamp<int64_t>((bytes - 1) / kLarge + 1, 2, kMostChunks);
  }

  /// Columns that have as many elements below the diagonal in each chunk. They stay for a panel, so
  /// that threads find them in their caches.
  void set_borders(int64_t start) {
    count_ = chunk_count(start);
    for (int64_t c = 0; c <= count_; ++c) {
      const double rest = double(n_ - start) * std::sqrt(1 - double(c) / double(count_));
      borders_[c] = (n_ - int64_t(rest)) / kBlock * kBlock;
    }
    borders_[0] = start;
    borders_[count_] = n_;
  }

  /// body(chunk, begin, end) for the columns from `from` on.
  template <typename F>
  void for_chunks(int64_t from, const F& body) {
    parallel_for(size_t(count_), 1, [&](size_t chunk, size_t) {
      const int64_t end = borders_[chunk + 1];
      body(int64_t(chunk), std::clamp(borders_[chunk], std::min(from, end), end), end);
    });
  }

  /// body(at, width, below) for blocks of columns: they go on below the diagonal block, from row
  /// `below`.
  template <typename F>
  static void for_blocks(int64_t begin, int64_t end, const F& body) {
    for (int64_t at = begin; at < end;) {
      const int64_t next = std::min((at / kBlock + 1) * kBlock, end);
      body(at, next - at, next);
      at = next;
    }
  }

  /// Brings column i up to date, reflects it, and adds two columns to the k of the factors.
  void step(int64_t i, int64_t k) {
    T *sum = vectors_.data(), *coefficients = sum + n_;
    T* column = a_ + i * n_;
    if (k > 0) {
      for (int64_t l = 0; l < k; ++l) coefficients[l] = conjugated(*right(i, l));
      multiply<T>({left(i, 0), n_, n_ - i, k}, coefficients, sum, work_.data());
      for (int64_t r = i; r < n_; ++r) column[r] -= sum[r - i];
    }
    d_[i] = std::real(column[i]);
    if (i + 1 == n_) return;
    tau_[i] = lapack::larfg(int(n_ - i - 1), column + i + 1, column + i + 2);
    e_[i] = std::real(column[i + 1]);
    column[i + 1] = T(1);
    std::copy(column + i + 1, column + n_, left(i + 1, k));
    std::copy(column + i + 1, column + n_, right(i + 1, k + 1));
    if (tau_[i] == T(0)) {
      std::fill(left(i + 1, k + 1), left(n_, k + 1), T(0));
      std::fill(right(i + 1, k), right(n_, k), T(0));
    } else {
      multiply_rest(i, k);
    }
  }

  /// w = tau * (rest @ v) - tau / 2 * (w^H v) * v
  void multiply_rest(int64_t i, int64_t k) {
    const int64_t first = i + 1, rows = n_ - first;
    const T* v = left(first, k);
    for_chunks(first, [&](int64_t chunk, int64_t begin, int64_t end) {
      multiply_chunk(k, chunk, first, begin, end);
    });
    T *w = left(first, k + 1), *coefficients = vectors_.data() + n_, *sum = vectors_.data();
    std::copy_n(chunk_sum(0) + first, rows, w);
    T* products = chunk_products(0);
    for (int64_t c = 1; c < count_; ++c) {
      // A chunk adds to rows of its own and below.
      const int64_t from = std::max(first, borders_[c]);
      for (int64_t r = from; r < n_; ++r) w[r - first] += chunk_sum(c)[r];
      for (int64_t l = 0; l < k; ++l) products[l] += chunk_products(c)[l];
    }
    // left and right have the same columns, in pairs the other way round.
    for (int64_t l = 0; l < k; ++l) coefficients[l] = products[l ^ 1];
    if (k > 0) multiply<T>({left(first, 0), n_, rows, k}, coefficients, sum, work_.data());
    const T tau = tau_[i];
    for (int64_t r = 0; r < rows; ++r) w[r] = tau * (k > 0 ? w[r] - sum[r] : w[r]);
    T dot;
    multiply_adjoint<T>({w, n_, rows, 1}, v, &dot, work_.data());
    const T half = T(Real<T>(-0.5)) * tau * dot;
    for (int64_t r = 0; r < rows; ++r) w[r] += half * v[r];
    std::copy_n(w, rows, right(first, k));
  }

  /// For columns [begin, end): what they and, mirrored, the rows of the same numbers add to rest @
  /// v, and what these rows of the factors add to left^H @ v.
  void multiply_chunk(int64_t k, int64_t chunk, int64_t first, int64_t begin, int64_t end) {
    T *sum = chunk_sum(chunk), *part = sum + n_, *products = chunk_products(chunk);
    Real<T>* work = work_.data() + chunk * work_size_;
    const T* v = left(0, k);
    std::fill(sum + std::max(first, borders_[chunk]), sum + n_, T(0));
    std::fill_n(products, k, T(0));
    if (begin == end) return;
    for_blocks(begin, end, [&](int64_t at, int64_t width, int64_t below) {
      multiply<T>({a_ + at * n_ + at, n_, width, width}, v + at, part, work);
      for (int64_t r = 0; r < width; ++r) sum[at + r] += part[r];
      if (below == n_) return;
      const Columns<T> columns{a_ + at * n_ + below, n_, n_ - below, width};
      const auto weigh = [&](int64_t c, T dot) {
        sum[at + c] += dot;
        return v[at + c];
      };
      multiply_both(columns, v + below, weigh, part, work);
      for (int64_t r = below; r < n_; ++r) sum[r] += part[r - below];
    });
    multiply_adjoint<T>({left(begin, 0), n_, end - begin, k}, v + begin, products, work);
  }

  void update_rest(int64_t end, int64_t k) {
    set_borders(end);
    for_chunks(end, [&](int64_t, int64_t begin, int64_t stop) {
      for_blocks(begin, stop, [&](int64_t at, int64_t width, int64_t) {
        lapack::gemm('N', 'C', int(n_ - at), int(width), int(k), T(-1), left(at, 0), int(n_),
                     right(at, 0), int(n_), T(1), a_ + at * n_ + at, int(n_));
      });
    });
  }

  T* left(int64_t row, int64_t k) { return left_.data() + k * n_ + row; }
  T* right(int64_t row, int64_t k) { return right_.data() + k * n_ + row; }
  T* chunk_sum(int64_t chunk) { return chunks_.data() + chunk * chunk_size_; }
  T* chunk_products(int64_t chunk) { return chunk_sum(chunk) + 2 * n_; }

  const int64_t n_;
  T* const a_;
  Real<T>*const d_, *const e_;
  T* const tau_;
  Scratch<T> left_, right_, vectors_;
  const int64_t chunk_size_;
  Scratch<T> chunks_;
  const int64_t work_size_;
  Scratch<Real<T>> work_;
  int64_t count_ = 1, borders_[kMostChunks + 1];
};

}  // namespace

template <typename T>
void reduce_to_tridiagonal(int n, T* a, Real<T>* d, Real<T>* e, T* tau) {
  Reduction<T>(n, a, d, e, tau).run();
}

template void reduce_to_tridiagonal(int, float*, float*, float*, float*);
template void reduce_to_tridiagonal(int, double*, double*, double*, double*);
template void reduce_to_tridiagonal(int, complex64_t*, float*, float*, complex64_t*);

}  // namespace mlx::core::cpu
