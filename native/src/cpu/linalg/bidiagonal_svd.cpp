#include "cpu/linalg/bidiagonal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "cpu/linalg/lapack.h"
#include "cpu/linalg/secular_vectors.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

// Gu and Eisenstat, "A divide-and-conquer algorithm for the bidiagonal SVD" (1995): the matrix is
// two bidiagonal ones, each a column wider than high, joined by a row.

/// Rows [first, first + rows) and as many columns, and one more with extra = 1.
struct Part {
  int64_t first;
  int rows, extra;
};

/// The row that joins the two halves of a part.
int64_t middle(const Part& part) { return part.first + part.rows / 2; }

Part upper_half(const Part& part) { return {part.first, part.rows / 2, 1}; }

Part lower_half(const Part& part) {
  return {middle(part) + 1, part.rows - part.rows / 2 - 1, part.extra};
}

template <typename T>
class DivideAndConquer {
 public:
  DivideAndConquer(int n, T* d, T* e, T* u, T* vt)
      : n_(n), d_(d), e_(e), u_(u), vt_(vt), order_(n) {}

  int run() {
    // Levels of halves; the last is solved as it is.
    std::vector<std::vector<Part>> levels{{{0, n_, 0}}};
    constexpr int kWhole = 64;
    while (levels.back().front().rows > kWhole) {
      std::vector<Part> halves;
      for (const Part& part : levels.back()) {
        halves.push_back(upper_half(part));
        halves.push_back(lower_half(part));
      }
      levels.push_back(std::move(halves));
    }
    int info = for_parts(levels.back(), [this](const Part& part) { return solve(part); });
    for (size_t i = levels.size() - 1; i-- > 0 && info == 0;)
      info = for_parts(levels[i], [this](const Part& part) { return join(part); });
    return info;
  }

 private:
  /// The largest result of body(part). Fewer parts than threads share the threads one by one, which
  /// changes no bits.
  template <typename F>
  static int for_parts(const std::vector<Part>& parts, const F& body) {
    std::vector<int> infos(parts.size());
    const size_t grain = parts.size() < size_t(num_threads()) ? parts.size() : 1;
    parallel_for(parts.size(), grain, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) infos[i] = body(parts[i]);
    });
    return *std::max_element(infos.begin(), infos.end());
  }

  int solve(const Part& part) {
    const int64_t at = part.first * (n_ + 1);
    for (int64_t c = 0; c < part.rows; ++c) u_[at + c * (n_ + 1)] = T(1);
    for (int64_t c = 0; c < part.rows + part.extra; ++c) vt_[at + c * (n_ + 1)] = T(1);
    const int info = lapack::lasd0(part.rows, part.extra, d_ + part.first, e_ + part.first, u_ + at,
                                   vt_ + at, n_);
    sort(part);
    return info;
  }

  int join(const Part& part) {
    const int upper = part.rows / 2, lower = part.rows - upper - 1;
    const int64_t at = part.first * (n_ + 1);
    T* d = d_ + part.first;
    T alpha = d_[middle(part)], beta = e_[middle(part)];
    d[upper] = T(0);
    T scale = std::max(std::abs(alpha), std::abs(beta));
    for (int i = 0; i < part.rows; ++i) scale = std::max(scale, std::abs(d[i]));
    if (scale == 0) scale = T(1);
    for (int i = 0; i < part.rows; ++i) d[i] /= scale;
    const int info = join_halves(upper, lower, part.extra, d, T(alpha / scale), T(beta / scale),
                                 u_ + at, vt_ + at, n_, order_.data() + part.first);
    for (int i = 0; i < part.rows; ++i) d[i] *= scale;
    sort(part);
    return info;
  }

  /// Which of a part's values is the smallest, the next, ..., counted from 1.
  void sort(const Part& part) {
    int* order = order_.data() + part.first;
    const T* d = d_ + part.first;
    std::iota(order, order + part.rows, 1);
    std::stable_sort(order, order + part.rows, [d](int i, int j) { return d[i - 1] < d[j - 1]; });
  }

  const int n_;
  T *const d_, *const e_, *const u_, *const vt_;
  Scratch<int> order_;
};

/// to = from with its columns, or rows, in the order of values.
template <typename T>
void reorder(int64_t n, const int* order, const T* from, bool rows, T* to) {
  constexpr int64_t kColumns = 32;
  parallel_for(size_t(n), kColumns, [&](size_t begin, size_t end) {
    for (auto c = int64_t(begin); c < int64_t(end); ++c)
      if (rows)
        for (int64_t r = 0; r < n; ++r) to[c * n + r] = from[c * n + order[r]];
      else
        std::copy_n(from + order[c] * n, n, to + c * n);
  });
}

}  // namespace

template <typename T>
int bidiagonal_svd(int n, T* d, T* e, T* u, T* vt) {
  const int64_t elements = int64_t(n) * n;
  T scale = std::abs(d[n - 1]);
  for (int i = 0; i + 1 < n; ++i) scale = std::max({scale, std::abs(d[i]), std::abs(e[i])});
  if (scale == 0) {
    std::fill_n(u, elements, T(0));
    for (int64_t i = 0; i < n; ++i) u[i * (n + 1)] = T(1);
    std::copy_n(u, elements, vt);
    return 0;
  }
  // Exact zeros would make the secular equation's poles coincide.
  constexpr T kLeast = std::numeric_limits<T>::epsilon() / 2;
  for (int i = 0; i < n; ++i) {
    d[i] /= scale;
    if (std::abs(d[i]) < kLeast) d[i] = std::copysign(kLeast, d[i]);
    if (i + 1 < n) e[i] /= scale;
  }
  Scratch<T> left(elements), right(elements);
  parallel_for(size_t(elements), size_t(1) << 16, [&](size_t begin, size_t end) {
    std::fill(left.data() + begin, left.data() + end, T(0));
    std::fill(right.data() + begin, right.data() + end, T(0));
  });
  const int info = DivideAndConquer<T>(n, d, e, left.data(), right.data()).run();
  if (info != 0) return info;
  Scratch<int> order(n);
  std::iota(order.data(), order.data() + n, 0);
  std::stable_sort(order.data(), order.data() + n, [d](int i, int j) { return d[i] > d[j]; });
  std::sort(d, d + n, std::greater<T>());
  for (int i = 0; i < n; ++i) d[i] *= scale;
  reorder(n, order.data(), left.data(), false, u);
  reorder(n, order.data(), right.data(), true, vt);
  return 0;
}

template int bidiagonal_svd(int, float*, float*, float*, float*);
template int bidiagonal_svd(int, double*, double*, double*, double*);

}  // namespace mlx::core::cpu
