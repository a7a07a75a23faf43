#include "cpu/linalg/threaded_decompositions.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

#include "cpu/linalg/bidiagonal.h"
#include "cpu/linalg/block_reflectors.h"
#include "cpu/linalg/scaling.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// How many of `count` columns, or rows, a thread takes at once: products of wider tiles are
/// faster, but there should be some for every thread.
int64_t tile_width(int64_t count) {
  return std::clamp<int64_t>((count / 4 + 15) / 16 * 16, 32, 128);
}

/// to (n, m) = the adjoint of from (m, n).
template <typename T>
void write_adjoint(int64_t m, int64_t n, const T* from, T* to) {
  constexpr int64_t kSide = 16;
  parallel_for(size_t(m), size_t(tile_width(m)), [&](size_t begin, size_t end) {
    for (auto r = int64_t(begin); r < int64_t(end); r += kSide)
      for (int64_t c = 0; c < n; c += kSide)
        for (int64_t i = r; i < std::min(r + kSide, int64_t(end)); ++i)
          for (int64_t j = c; j < std::min(c + kSide, n); ++j)
            to[i * n + j] = conjugated(from[j * m + i]);
  });
}

/// q @ r = a of (m, n), m >= n: the reflectors of q and tau replace a's lower part, r its upper.
template <typename T>
void factor_qr(int64_t m, int64_t n, T* a, T* tau) {
  constexpr int64_t kPanel = 32;
  for (int64_t i = 0; i < n; i += kPanel) {
    const int64_t width = std::min(kPanel, n - i), rest = n - i - width;
    T* panel = a + i * m + i;
    lapack::geqrf(int(m - i), int(width), panel, int(m), tau + i);
    if (rest == 0) break;
    const BlockReflectors<T> q(m - i, width, panel, m, tau + i);
    parallel_for(size_t(rest), size_t(tile_width(rest)), [&](size_t begin, size_t end) {
      q.apply_adjoint(int64_t(end - begin), panel + (width + int64_t(begin)) * m, m);
    });
  }
}

/// q @ middle, where reflectors make up q = outer @ inner, or only inner, the latter without
/// `offset` first rows. middle is a real (n, n) matrix, continued by the identity.
template <typename T>
struct Factor {
  int64_t rows, columns, n;
  const Real<T>* middle;
  int64_t row_stride, column_stride, offset;
  const BlockReflectors<T>&inner, *outer;

  /// Columns of the factor.
  void write_columns(int64_t at, int64_t count, T* out) const {
    out += at * rows;
    std::fill_n(out, count * rows, T(0));
    for (int64_t j = 0; j < count; ++j)
      if (at + j < n)
        for (int64_t i = 0; i < n; ++i)
          out[j * rows + i] = middle[i * row_stride + (at + j) * column_stride];
      else
        out[j * rows + at + j] = T(1);
    inner.apply(count, out + offset, rows);
    if (outer) outer->apply(count, out, rows);
  }

  /// Rows of the factor's adjoint.
  void write_adjoint_rows(int64_t at, int64_t count, T* out) const {
    out += at;
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < count; ++j)
        out[i * columns + j] = i < n && at + j < n
                                   ? T(middle[i * row_stride + (at + j) * column_stride])
                                   : T(i == at + j);
    inner.apply_adjoint_right(count, out + offset * columns, columns);
    if (outer) outer->apply_adjoint_right(count, out, columns);
  }
};

/// The decomposition of a (m, n), m >= n.
template <typename T>
class TallSvd {
 public:
  TallSvd(int64_t m, int64_t n, T* a, Real<T>* s)
      : m_(m),
        n_(n),
        // As gesdd has it: rows that are many more are reduced to as many first.
        reduces_rows_(m >= 11 * n / 6),
        square_rows_(reduces_rows_ ? n : m),
        a_(a),
        s_(s),
        above_(n),
        tau_(3 * n),
        right_(n * n),
        square_(reduces_rows_ ? n * n : 0) {}

  int values() {
    reduce();
    return lapack::bdsqr(int(n_), s_, above_.data());
  }

  /// u (m, u_columns) into `left` and v^H (n, n) into `right`, or with `adjoint` v into `left` and
  /// u^H into `right`.
  int vectors(int64_t u_columns, bool adjoint, T* left, T* right) {
    reduce();
    Scratch<Real<T>> middle(2 * n_ * n_);
    Real<T>*u_middle = middle.data(), *vt_middle = u_middle + n_ * n_;
    const int info = bidiagonal_svd(int(n_), s_, above_.data(), u_middle, vt_middle);
    if (info != 0) return info;
    const BlockReflectors<T> p(n_ - 1, n_ - 1, right_.data() + 1, n_, tau_.data() + n_);
    const BlockReflectors<T> q(square_rows_, n_, square(), square_rows_, tau_.data());
    std::optional<BlockReflectors<T>> rows;
    if (reduces_rows_) rows.emplace(m_, n_, a_, m_, tau_.data() + 2 * n_);
    const Factor<T> u{m_, u_columns, n_, u_middle, 1, n_, 0, q, rows ? &*rows : nullptr};
    const Factor<T> v{n_, n_, n_, vt_middle, n_, 1, 1, p, nullptr};
    const Factor<T>&plain = adjoint ? v : u, &turned = adjoint ? u : v;
    const int64_t width = tile_width(n_);
    const int64_t plain_tiles = (plain.columns - 1) / width + 1;
    const int64_t turned_tiles = (turned.columns - 1) / width + 1;
    parallel_for(size_t(plain_tiles + turned_tiles), 1, [&](size_t begin, size_t end) {
      for (auto tile = int64_t(begin); tile < int64_t(end); ++tile) {
        const bool is_plain = tile < plain_tiles;
        const int64_t at = (is_plain ? tile : tile - plain_tiles) * width;
        if (is_plain)
          plain.write_columns(at, std::min(width, plain.columns - at), left);
        else
          turned.write_adjoint_rows(at, std::min(width, turned.columns - at), right);
      }
    });
    return 0;
  }

 private:
  T* square() { return reduces_rows_ ? square_.data() : a_; }

  void reduce() {
    if (reduces_rows_) {
      factor_qr(m_, n_, a_, tau_.data() + 2 * n_);
      for (int64_t c = 0; c < n_; ++c) {
        std::copy_n(a_ + c * m_, c + 1, square() + c * n_);
        std::fill_n(square() + c * n_ + c + 1, n_ - c - 1, T(0));
      }
    }
    reduce_to_bidiagonal(int(square_rows_), int(n_), square(), s_, above_.data(), tau_.data(),
                         right_.data(), tau_.data() + n_);
  }

  const int64_t m_, n_;
  const bool reduces_rows_;
  const int64_t square_rows_;
  T* const a_;
  Real<T>* const s_;
  Scratch<Real<T>> above_;
  // Of the three sets of reflectors: columns, rows, and those that made the rows fewer.
  Scratch<T> tau_, right_, square_;
};

}  // namespace

template <typename T>
int threaded_svd(char job, int m, int n, T* a, Real<T>* s, T* u, T* vt) {
  // Where gesdd on one thread is as fast.
  const int small = std::is_same_v<T, float> && job != 'N' ? 96 : 128;
  const int k = std::min(m, n);
  if (k < small) return lapack::gesdd(job, m, n, a, s, u, vt);
  const int64_t elements = int64_t(m) * n;
  const bool is_wide = m < n;
  std::optional<Scratch<T>> turned;
  if (is_wide) {
    turned.emplace(elements);
    write_adjoint(m, n, a, turned->data());
    a = turned->data();
  }
  const Real<T> scale = safe_scale(largest_part(elements, a));
  if (scale != 1) multiply_by(scale, elements, a);
  TallSvd<T> decomposition(std::max(m, n), k, a, s);
  const int info = job == 'N'
                       ? decomposition.values()
                       : decomposition.vectors(job == 'A' ? std::max(m, n) : k, is_wide, u, vt);
  if (scale != 1)
    for (int i = 0; i < k; ++i) s[i] /= scale;
  return info;
}

template int threaded_svd(char, int, int, float*, float*, float*, float*);
template int threaded_svd(char, int, int, double*, double*, double*, double*);
template int threaded_svd(char, int, int, complex64_t*, float*, complex64_t*, complex64_t*);

}  // namespace mlx::core::cpu
