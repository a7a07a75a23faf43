#include "cpu/linalg/secular_vectors.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>

#include "cpu/linalg/lapack.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// How many roots, or vectors, a thread takes at once.
constexpr size_t kChunk = 32;

/// Without overflow on the way; lanes of independent sums become vectors.
template <typename T>
T norm(int64_t count, const T* x) {
  constexpr int64_t kLanes = 16;
  T lanes[kLanes] = {}, sums[kLanes] = {};
  const int64_t whole = count / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes)
    for (int64_t j = 0; j < kLanes; ++j) {
      const T size = std::abs(x[i + j]);
      lanes[j] = lanes[j] < size ? size : lanes[j];
    }
  for (int64_t i = whole; i < count; ++i) lanes[0] = std::max(lanes[0], std::abs(x[i]));
  const T largest = *std::max_element(lanes, lanes + kLanes), scale = 1 / largest;
  for (int64_t i = 0; i < whole; i += kLanes)
    for (int64_t j = 0; j < kLanes; ++j) sums[j] += (x[i + j] * scale) * (x[i + j] * scale);
  T sum = 0;
  for (int64_t i = whole; i < count; ++i) sum += (x[i] * scale) * (x[i] * scale);
  for (T part : sums) sum += part;
  return largest * std::sqrt(sum);
}

template <typename T>
class Joining {
 public:
  Joining(int upper, int lower, int extra, T* d, T* u, T* vt, int ld)
      : upper_(upper),
        lower_(lower),
        extra_(extra),
        n_(upper + lower + 1),
        m_(n_ + extra),
        ld_(ld),
        d_(d),
        u_(u),
        vt_(vt),
        numbers_(3 * m_),
        parts_(n_ * n_ + m_ * m_),
        positions_(n_) {}

  int run(T alpha, T beta, int* order) {
    secular_ = {0,
                numbers_.data(),
                numbers_.data() + m_,
                parts_.data(),
                parts_.data() + n_ * n_,
                positions_.data(),
                {}};
    const int info =
        lapack::lasd2(upper_, lower_, extra_, d_, alpha, beta, u_, vt_, ld_, order, secular_);
    if (info != 0) return info;
    k_ = secular_.k;
    if (k_ == 1) {
      keep_only_vector();
      return 0;
    }
    Scratch<T> vectors(2 * k_ * k_);
    left_ = vectors.data();
    right_ = left_ + k_ * k_;
    if (const int failed = find_roots()) return failed;
    find_z();
    parallel_for(size_t(k_), kChunk, [&](size_t begin, size_t end) {
      Scratch<T> work(2 * k_);
      for (size_t j = begin; j < end; ++j) find_vectors(int64_t(j), work.data());
    });
    multiply_parts();
    return 0;
  }

 private:
  void keep_only_vector() {
    d_[0] = std::abs(secular_.z[0]);
    for (int64_t c = 0; c < m_; ++c) vt_[c * ld_] = secular_.vt[c * m_];
    for (int64_t r = 0; r < n_; ++r) u_[r] = secular_.z[0] > 0 ? secular_.u[r] : -secular_.u[r];
  }

  /// d, and in column j of left and right the poles minus and plus root j, which are known to more
  /// digits than their difference would be.
  int find_roots() {
    T* z = numbers_.data() + 2 * m_;
    const T length = norm(k_, secular_.z);
    for (int64_t i = 0; i < k_; ++i) z[i] = secular_.z[i] / length;
    std::atomic<int> failed{0};
    parallel_for(size_t(k_), kChunk, [&](size_t begin, size_t end) {
      for (size_t j = begin; j < end; ++j) {
        const int info = lapack::lasd4(int(k_), int(j), secular_.poles, z, T(length * length),
                                       &d_[j], left_ + j * k_, right_ + j * k_);
        if (info != 0) failed = info;
      }
    });
    return failed;
  }

  /// The z for which the roots are exact: it makes the vectors orthogonal (Gu and Eisenstat).
  void find_z() {
    T* z = numbers_.data() + 2 * m_;
    const T* poles = secular_.poles;
    parallel_for(size_t(k_), 4 * kChunk, [&](size_t begin, size_t end) {
      const auto first = int64_t(begin), stop = int64_t(end);
      const T *last_left = left_ + (k_ - 1) * k_, *last_right = right_ + (k_ - 1) * k_;
      for (int64_t i = first; i < stop; ++i) z[i] = last_left[i] * last_right[i];
      for (int64_t j = 0; j + 1 < k_; ++j) {
        const T *difference = left_ + j * k_, *sum = right_ + j * k_;
        // Roots and poles alternate: root j belongs to the pole under it, or above.
        const int64_t border = std::clamp(j + 1, first, stop);
        const T lower = poles[j], upper = poles[j + 1];
        for (int64_t i = first; i < border; ++i)
          z[i] *= difference[i] * sum[i] / (poles[i] - upper) / (poles[i] + upper);
        for (int64_t i = border; i < stop; ++i)
          z[i] *= difference[i] * sum[i] / (poles[i] - lower) / (poles[i] + lower);
      }
      for (int64_t i = first; i < stop; ++i)
        z[i] = std::copysign(std::sqrt(std::abs(z[i])), secular_.z[i]);
    });
  }

  /// Column j of left and right become the vectors of root j, in the order of the parts' vectors.
  void find_vectors(int64_t j, T* u) {
    const T *z = numbers_.data() + 2 * m_, *poles = secular_.poles;
    T *left = left_ + j * k_, *right = right_ + j * k_;
    T* v = u + k_;
    for (int64_t i = 0; i < k_; ++i) v[i] = z[i] / left[i] / right[i];
    for (int64_t i = 0; i < k_; ++i) u[i] = poles[i] * v[i];
    u[0] = T(-1);
    const T left_scale = 1 / norm(k_, u), right_scale = 1 / norm(k_, v);
    for (int64_t i = 0; i < k_; ++i) {
      const int64_t from = i == 0 ? 0 : secular_.positions[i] - 1;
      left[i] = u[from] * left_scale;
      right[i] = v[from] * right_scale;
    }
  }

  /// u and vt = the parts' vectors times left and right.
  void multiply_parts() {
    const int64_t above = secular_.kinds[0], below = secular_.kinds[1], dense = secular_.kinds[2];
    // The first right vector counts among those below, too, in the place of the last one above,
    // which has zeros there.
    T* parts = secular_.vt;
    if (above > 0)
      for (int64_t c = upper_ + 1; c < m_; ++c) parts[c * m_ + above] = parts[c * m_];
    const int64_t tile = std::clamp<int64_t>((k_ / 4 + 15) / 16 * 16, 32, 128);
    const int64_t tiles = (k_ + tile - 1) / tile;
    parallel_for(size_t(2 * tiles), 1, [&](size_t begin, size_t end) {
      for (auto i = int64_t(begin); i < int64_t(end); ++i) {
        const int64_t first = i % tiles * tile, stop = std::min(first + tile, k_);
        if (i < tiles)
          multiply_left(first, stop, above, below, dense);
        else
          multiply_right(first, stop, above, below, dense);
      }
    });
  }

  void multiply_left(int64_t begin, int64_t end, int64_t above, int64_t below, int64_t dense) {
    const T *parts = secular_.u, *vectors = left_ + begin * k_;
    T* out = u_ + begin * ld_;
    const int columns = int(end - begin), n = int(n_), k = int(k_);
    auto add = [&](int64_t row, int rows, int64_t from, int64_t count, bool accumulate) {
      lapack::gemm('N', 'N', rows, columns, int(count), T(1), parts + from * n_ + row, n,
                   vectors + from, k, T(accumulate), out + row, ld_);
    };
    if (above == 0 && dense == 0)
      for (int64_t c = 0; c < columns; ++c) std::fill_n(out + c * ld_, upper_, T(0));
    if (above > 0) add(0, upper_, 1, above, false);
    if (dense > 0) add(0, upper_, 1 + above + below, dense, above > 0);
    for (int64_t c = 0; c < columns; ++c) out[c * ld_ + upper_] = vectors[c * k_];
    add(upper_ + 1, lower_, 1 + above, below + dense, false);
  }

  void multiply_right(int64_t begin, int64_t end, int64_t above, int64_t below, int64_t dense) {
    const T* parts = secular_.vt;
    T *vectors = right_ + begin * k_, *out = vt_ + begin;
    const int rows = int(end - begin), m = int(m_), k = int(k_);
    auto add = [&](int64_t column, int columns, int64_t from, int64_t count, bool accumulate) {
      lapack::gemm('T', 'N', rows, columns, int(count), T(1), vectors + from, k,
                   parts + column * m_ + from, m, T(accumulate), out + column * ld_, ld_);
    };
    add(0, upper_ + 1, 0, 1 + above, false);
    if (dense > 0) add(0, upper_ + 1, 1 + above + below, dense, true);
    for (int64_t r = 0; r < rows; ++r) vectors[r * k_ + above] = vectors[r * k_];
    add(upper_ + 1, lower_ + extra_, above, 1 + below + dense, false);
  }

  const int upper_, lower_, extra_;
  const int64_t n_, m_;
  const int ld_;
  T *const d_, *const u_, *const vt_;
  Scratch<T> numbers_, parts_;
  Scratch<int> positions_;
  lapack::Secular<T> secular_{};
  int64_t k_ = 0;
  T *left_ = nullptr, *right_ = nullptr;
};

}  // namespace

template <typename T>
int join_halves(int upper, int lower, int extra, T* d, T alpha, T beta, T* u, T* vt, int ld,
                int* order) {
  return Joining<T>(upper, lower, extra, d, u, vt, ld).run(alpha, beta, order);
}

template int join_halves(int, int, int, float*, float, float, float*, float*, int, int*);
template int join_halves(int, int, int, double*, double, double, double*, double*, int, int*);

}  // namespace mlx::core::cpu
