#include "cpu/linalg/tridiagonal.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "cpu/linalg/lapack.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

// Cuppen, "A divide and conquer method for the symmetric tridiagonal eigenproblem" (1981): the
// matrix is two tridiagonal ones and a correction of rank one. Gu and Eisenstat, "A
// divide-and-conquer algorithm for the symmetric tridiagonal eigenproblem" (1995), say how vectors
// stay orthogonal.

/// How many roots, or vectors, a thread takes at once.
constexpr size_t kChunk = 32;

struct Part {
  int64_t first;
  int size;
};

Part upper_half(const Part& part) { return {part.first, part.size / 2}; }
Part lower_half(const Part& part) {
  return {part.first + part.size / 2, part.size - part.size / 2};
}

/// Joins the solved halves of a part: d and q hold their values and vectors, and then the whole's.
template <typename T>
class Joining {
 public:
  Joining(int n, T* d, T* q, int ld)
      : n_(n),
        upper_(n / 2),
        ld_(ld),
        d_(d),
        q_(q),
        numbers_(3 * n),
        parts_(int64_t(n) * n),
        positions_(n) {}

  int run(T rho, int* order) {
    T* z = numbers_.data() + 2 * n_;
    for (int64_t c = 0; c < n_; ++c) z[c] = q_[c * ld_ + (c < upper_ ? upper_ - 1 : upper_)];
    secular_.poles = numbers_.data();
    secular_.z = numbers_.data() + n_;
    secular_.q = parts_.data();
    secular_.positions = positions_.data();
    const int info = lapack::laed2(int(n_), int(upper_), d_, q_, ld_, order, rho, z, secular_);
    if (info != 0) return info;
    k_ = secular_.k;
    if (k_ == 0) return 0;
    Scratch<T> vectors(k_ * k_);
    vectors_ = vectors.data();
    if (const int failed = find_roots()) return failed;
    if (k_ > 2) find_z(z);
    multiply_parts(z);
    return 0;
  }

 private:
  /// d, and in each column of vectors the poles minus a root, which are known to more digits than
  /// their difference would be.
  int find_roots() {
    std::atomic<int> failed{0};
    parallel_for(size_t(k_), kChunk, [&](size_t begin, size_t end) {
      for (auto j = int64_t(begin); j < int64_t(end); ++j) {
        const int info = lapack::laed4(int(k_), int(j), secular_.poles, secular_.z, secular_.rho,
                                       &d_[j], vectors_ + j * k_);
        if (info != 0) failed = info;
      }
    });
    return failed;
  }

  /// The z for which the roots are exact: it makes the vectors orthogonal (Gu and Eisenstat).
  void find_z(T* z) {
    const T* poles = secular_.poles;
    parallel_for(size_t(k_), 4 * kChunk, [&](size_t begin, size_t end) {
      const auto first = int64_t(begin), stop = int64_t(end);
      for (int64_t i = first; i < stop; ++i) z[i] = vectors_[i * k_ + i];
      for (int64_t j = 0; j < k_; ++j) {
        const T* differences = vectors_ + j * k_;
        const T pole = poles[j];
        const int64_t border = std::clamp(j, first, stop);
        for (int64_t i = first; i < border; ++i) z[i] *= differences[i] / (poles[i] - pole);
        for (int64_t i = std::max(first, j + 1); i < stop; ++i)
          z[i] *= differences[i] / (poles[i] - pole);
      }
      for (int64_t i = first; i < stop; ++i)
        z[i] = std::copysign(std::sqrt(std::max(-z[i], T(0))), secular_.z[i]);
    });
  }

  /// The vectors of the whole: the halves' vectors times those of the roots.
  void multiply_parts(const T* z) {
    parallel_for(size_t(k_), 2 * kChunk, [&](size_t begin, size_t end) {
      Scratch<T> work(k_);
      for (size_t j = begin; j < end; ++j) find_vector(z, vectors_ + j * size_t(k_), work.data());
      const int64_t above = secular_.kinds[0], both = secular_.kinds[1], below = secular_.kinds[2];
      const T* parts = parts_.data();
      multiply_part(int64_t(begin), int64_t(end), 0, upper_, 0, above + both, parts);
      multiply_part(int64_t(begin), int64_t(end), upper_, n_ - upper_, above, both + below,
                    parts + upper_ * (above + both));
    });
  }

  /// Column j, in the order of the halves' vectors.
  void find_vector(const T* z, T* column, T* work) {
    if (k_ == 1) {
      column[0] = T(1);
      return;
    }
    const int* positions = secular_.positions;
    T length = 1;
    if (k_ == 2) {
      std::copy_n(column, k_, work);
    } else {
      T sum = 0;
      for (int64_t i = 0; i < k_; ++i) {
        work[i] = z[i] / column[i];
        sum += work[i] * work[i];
      }
      length = std::sqrt(sum);
    }
    for (int64_t i = 0; i < k_; ++i) column[i] = work[positions[i] - 1] / length;
  }

  /// Rows of the vectors [begin, end): parts (rows, count) times rows of the roots' vectors.
  void multiply_part(int64_t begin, int64_t end, int64_t row, int64_t rows, int64_t from,
                     int64_t count, const T* parts) {
    T* out = q_ + begin * ld_ + row;
    if (count > 0)
      lapack::gemm('N', 'N', int(rows), int(end - begin), int(count), T(1), parts, int(rows),
                   vectors_ + begin * k_ + from, int(k_), T(0), out, ld_);
    else
      for (int64_t j = 0; j < end - begin; ++j) std::fill_n(out + j * ld_, rows, T(0));
  }

  const int64_t n_, upper_;
  const int ld_;
  T *const d_, *const q_;
  Scratch<T> numbers_, parts_;
  Scratch<int> positions_;
  lapack::SymmetricSecular<T> secular_{};
  int64_t k_ = 0;
  T* vectors_ = nullptr;
};

template <typename T>
class DivideAndConquer {
 public:
  DivideAndConquer(int n, T* d, T* e, T* q) : n_(n), d_(d), e_(e), q_(q), order_(n) {}

  int run() {
    // Levels of halves; the last is solved as it is.
    std::vector<std::vector<Part>> levels{{{0, n_}}};
    constexpr int kWhole = 128;
    while (levels.back().back().size > kWhole) {
      std::vector<Part> halves;
      for (const Part& part : levels.back()) {
        halves.push_back(upper_half(part));
        halves.push_back(lower_half(part));
        tear(halves.back().first);
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

  /// Takes the correction of rank one away that joins row `first` to the one above.
  void tear(int64_t first) {
    const T size = std::abs(e_[first - 1]);
    d_[first - 1] -= size;
    d_[first] -= size;
  }

  int solve(const Part& part) {
    const int info =
        lapack::stedc(part.size, d_ + part.first, e_ + part.first, q_ + part.first * (n_ + 1), n_);
    sort(part.first, part.size);
    return info;
  }

  int join(const Part& part) {
    const Part lower = lower_half(part);
    const T rho = e_[lower.first - 1];
    const int info = Joining<T>(part.size, d_ + part.first, q_ + part.first * (n_ + 1), n_)
                         .run(rho, order_.data() + part.first);
    sort(part.first, part.size);
    return info;
  }

  /// Which of these values is the smallest, the next, ..., counted from 1.
  void sort(int64_t first, int size) {
    int* order = order_.data() + first;
    const T* d = d_ + first;
    std::iota(order, order + size, 1);
    std::stable_sort(order, order + size, [d](int i, int j) { return d[i - 1] < d[j - 1]; });
  }

  const int n_;
  T *const d_, *const e_, *const q_;
  Scratch<int> order_;
};

}  // namespace

template <typename T>
int tridiagonal_eigen(int n, T* d, T* e, T* z) {
  const int64_t elements = int64_t(n) * n;
  T scale = std::abs(d[n - 1]);
  for (int i = 0; i + 1 < n; ++i) scale = std::max({scale, std::abs(d[i]), std::abs(e[i])});
  Scratch<T> vectors(elements);
  T* q = vectors.data();
  parallel_for(size_t(elements), size_t(1) << 16,
               [&](size_t begin, size_t end) { std::fill(q + begin, q + end, T(0)); });
  if (scale > 0) {
    for (int i = 0; i < n; ++i) d[i] /= scale;
    for (int i = 0; i + 1 < n; ++i) e[i] /= scale;
  }
  const int info = DivideAndConquer<T>(n, d, e, q).run();
  if (info != 0) return info;
  Scratch<int> order(n);
  std::iota(order.data(), order.data() + n, 0);
  std::stable_sort(order.data(), order.data() + n, [d](int i, int j) { return d[i] < d[j]; });
  std::sort(d, d + n);
  if (scale > 0)
    for (int i = 0; i < n; ++i) d[i] *= scale;
  parallel_for(size_t(n), kChunk, [&](size_t begin, size_t end) {
    for (size_t c = begin; c < end; ++c)
      std::copy_n(q + int64_t(order.data()[c]) * n, n, z + int64_t(c) * n);
  });
  return 0;
}

template int tridiagonal_eigen(int, float*, float*, float*);
template int tridiagonal_eigen(int, double*, double*, double*);

}  // namespace mlx::core::cpu
