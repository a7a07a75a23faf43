// Highway compiles this file once for each SIMD target.
#include "cpu/fft/spectrum_kernels.h"

#include <utility>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/fft/spectrum_kernels.cpp"
#include "hwy/foreach_target.h"

#include "cpu/fft/complex_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

using ScalarTag = hn::CappedTag<float, 1>;

/// Z[k] and Z[m - k] become X[k] and X[m - k].
template <class D, class V = hn::Vec<D>>
HWY_INLINE void split_pair(D d, ComplexOf<V> root, ComplexOf<V>& low, ComplexOf<V>& high) {
  const V half = hn::Set(d, 0.5f);
  const ComplexOf<V> mirrored = conjugate(high);
  ComplexOf<V> even = add(low, mirrored), odd = subtract(low, mirrored);
  even = {hn::Mul(even.re, half), hn::Mul(even.im, half)};
  odd = multiply(root, {hn::Mul(odd.re, half), hn::Mul(odd.im, half)});
  low = subtract_turned(even, odd);
  high = conjugate(add_turned(even, odd));
}

/// X[k] and X[m - k] become Z[k] and Z[m - k].
template <class D, class V = hn::Vec<D>>
HWY_INLINE void join_pair(D, ComplexOf<V> root, ComplexOf<V>& low, ComplexOf<V>& high) {
  const ComplexOf<V> mirrored = conjugate(high);
  const ComplexOf<V> even = add(low, mirrored);
  const ComplexOf<V> odd = multiply(conjugate(root), subtract(low, mirrored));
  low = add_turned(even, odd);
  high = conjugate(subtract_turned(even, odd));
}

struct Split {
  template <class D, class V>
  static HWY_INLINE void pair(D d, ComplexOf<V> root, ComplexOf<V>& low, ComplexOf<V>& high) {
    split_pair(d, root, low, high);
  }
  static void ends(float& first_re, float& first_im, float& last_re, float& last_im) {
    last_re = first_re - first_im;
    first_re += first_im;
    first_im = last_im = 0;
  }
};

struct Join {
  template <class D, class V>
  static HWY_INLINE void pair(D d, ComplexOf<V> root, ComplexOf<V>& low, ComplexOf<V>& high) {
    join_pair(d, root, low, high);
  }
  static void ends(float& first_re, float& first_im, float& last_re, float&) {
    first_im = first_re - last_re;
    first_re += last_re;
  }
};

template <class Step, bool kSwapped>
HWY_INLINE void over_block(const float* roots, size_t m, float* block) {
  const LanesTag d;
  float* last = block + m * kRow;
  for (size_t lane = 0; lane < kLanes; ++lane) {
    Step::ends(block[lane], block[kLanes + lane], last[lane], last[kLanes + lane]);
    if (kSwapped) std::swap(block[lane], block[kLanes + lane]);
  }
  for (size_t k = 1; k <= m / 2; ++k)
    for (size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
      float *low_row = block + k * kRow + lane, *high_row = block + (m - k) * kRow + lane;
      ComplexVector low = load_row(low_row), high = load_row(high_row);
      Step::pair(d, broadcast(roots + 2 * k), low, high);
      if (kSwapped) {
        low = {low.im, low.re};
        high = {high.im, high.re};
      }
      store_row(low, low_row);
      // In the middle both are the same row, and the same number.
      store_row(high, high_row);
    }
}

template <class Step, class D>
HWY_INLINE void over_pairs(D d, const float* roots, size_t m, size_t k, float* line) {
  using V = hn::Vec<D>;
  ComplexOf<V> root, low, high;
  float *low_part = line + 2 * k, *high_part = line + 2 * (m - k - hn::Lanes(d) + 1);
  hn::LoadInterleaved2(d, roots + 2 * k, root.re, root.im);
  hn::LoadInterleaved2(d, low_part, low.re, low.im);
  hn::LoadInterleaved2(d, high_part, high.re, high.im);
  if (hn::Lanes(d) > 1) high = {hn::Reverse(d, high.re), hn::Reverse(d, high.im)};
  Step::pair(d, root, low, high);
  if (hn::Lanes(d) > 1) high = {hn::Reverse(d, high.re), hn::Reverse(d, high.im)};
  hn::StoreInterleaved2(low.re, low.im, d, low_part);
  hn::StoreInterleaved2(high.re, high.im, d, high_part);
}

template <class Step>
HWY_INLINE void over_line(const float* roots, size_t m, float* line) {
  const LanesTag d;
  Step::ends(line[0], line[1], line[2 * m], line[2 * m + 1]);
  size_t k = 1;
  for (; 2 * (k + hn::Lanes(d) - 1) < m; k += hn::Lanes(d)) over_pairs<Step>(d, roots, m, k, line);
  for (; k <= m / 2; ++k) over_pairs<Step>(ScalarTag(), roots, m, k, line);
}

void split_rows(const float* roots, size_t m, float* block) {
  over_block<Split, false>(roots, m, block);
}
void join_rows(const float* roots, size_t m, float* block) {
  over_block<Join, true>(roots, m, block);
}
void split_one(const float* roots, size_t m, float* line) { over_line<Split>(roots, m, line); }
void join_one(const float* roots, size_t m, float* line) { over_line<Join>(roots, m, line); }

template <class D>
HWY_INLINE void multiply_some(D d, const float* a, const float* b, SwappedParts swapped,
                              float scale, float* out) {
  using V = hn::Vec<D>;
  ComplexOf<V> x, y;
  hn::LoadInterleaved2(d, a, x.re, x.im);
  hn::LoadInterleaved2(d, b, y.re, y.im);
  if (swapped.in) x = {x.im, x.re};
  x = multiply(x, y);
  if (swapped.out) x = {x.im, x.re};
  const V factor = hn::Set(d, scale);
  hn::StoreInterleaved2(hn::Mul(x.re, factor), hn::Mul(x.im, factor), d, out);
}

void multiply_one(const float* a, const float* b, size_t n, SwappedParts swapped, float scale,
                  float* out) {
  const LanesTag d;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d))
    multiply_some(d, a + 2 * i, b + 2 * i, swapped, scale, out + 2 * i);
  for (; i < n; ++i) multiply_some(ScalarTag(), a + 2 * i, b + 2 * i, swapped, scale, out + 2 * i);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(split_rows);
HWY_EXPORT(join_rows);
HWY_EXPORT(split_one);
HWY_EXPORT(join_one);
HWY_EXPORT(multiply_one);

void split_block(const float* roots, size_t m, float* block) {
  HWY_DYNAMIC_DISPATCH(split_rows)(roots, m, block);
}
void join_block(const float* roots, size_t m, float* block) {
  HWY_DYNAMIC_DISPATCH(join_rows)(roots, m, block);
}
void split_line(const float* roots, size_t m, float* line) {
  HWY_DYNAMIC_DISPATCH(split_one)(roots, m, line);
}
void join_line(const float* roots, size_t m, float* line) {
  HWY_DYNAMIC_DISPATCH(join_one)(roots, m, line);
}
void multiply_line(const float* a, const float* b, size_t n, SwappedParts swapped, float scale,
                   float* out) {
  HWY_DYNAMIC_DISPATCH(multiply_one)(a, b, n, swapped, scale, out);
}

}  // namespace mlx::core::cpu
#endif
