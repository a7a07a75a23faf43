// Policies for maxima and minima; compiled once a SIMD target.

#if defined(MLX_CPU_REDUCE_EXTREME_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_REDUCE_EXTREME_INL_H
#undef MLX_CPU_REDUCE_EXTREME_INL_H
#else
#define MLX_CPU_REDUCE_EXTREME_INL_H
#endif

#include <limits>

#include "cpu/reduce/kernel-inl.h"
#include "cpu/reduce/load-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

template <bool kMax, typename T>
struct IntegerExtreme : GenericPolicy<IntegerExtreme<kMax, T>, T, T> {
  static T identity() {
    return kMax ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
  }
  static T combine(T best, T x) { return kMax ? std::max(best, x) : std::min(best, x); }
  static T merge(T a, T b) { return combine(a, b); }
  static bool beats(T x, T best) { return kMax ? x > best : x < best; }
  static bool same(T a, T b) { return a == b; }
};

/// Any real floating type, in the arithmetic type that holds it. A NaN stays once it is there.
template <bool kMax, typename T, typename Wide>
struct FloatExtreme : GenericPolicy<FloatExtreme<kMax, T, Wide>, T, Wide> {
  static Wide identity() {
    return kMax ? -std::numeric_limits<Wide>::infinity() : std::numeric_limits<Wide>::infinity();
  }
  /// Bitwise operators keep these free of branches, so that loops over them vectorise.
  static bool beats(Wide x, Wide best) {
    return (kMax ? x > best : x < best) | ((x != x) & (best == best));
  }
  static bool same(Wide a, Wide b) { return (a == b) | ((a != a) & (b != b)); }
  static Wide merge(Wide best, Wide x) { return beats(x, best) ? x : best; }
  static Wide combine(Wide best, T x) { return merge(best, static_cast<Wide>(x)); }

  template <class V>
  static HWY_INLINE V merge_vectors(V best, V x) {
    auto better = kMax ? hn::Gt(x, best) : hn::Lt(x, best);
    return hn::IfThenElse(hn::Or(better, hn::IsNaN(x)), x, best);
  }

  static void row(const T* in, int64_t length, Wide& state) {
    const hn::ScalableTag<Wide> d;
    const int64_t lanes = int64_t(hn::Lanes(d));
    auto a = hn::Set(d, identity());
    auto b = a, c = a, e = a;
    int64_t i = 0;
    for (; i + 4 * lanes <= length; i += 4 * lanes) {
      a = merge_vectors(a, load_wide(d, in + i));
      b = merge_vectors(b, load_wide(d, in + i + lanes));
      c = merge_vectors(c, load_wide(d, in + i + 2 * lanes));
      e = merge_vectors(e, load_wide(d, in + i + 3 * lanes));
    }
    for (; i + lanes <= length; i += lanes) a = merge_vectors(a, load_wide(d, in + i));
    HWY_ALIGN Wide bests[hn::MaxLanes(d)];
    hn::Store(merge_vectors(merge_vectors(a, b), merge_vectors(c, e)), d, bests);
    for (int64_t lane = 0; lane < lanes; ++lane) state = merge(state, bests[lane]);
    for (; i < length; ++i) state = combine(state, in[i]);
  }

  static void columns(const T* in, int64_t outputs, int64_t length, int64_t step, Wide* states) {
    constexpr int64_t kRows = 8;
    const hn::ScalableTag<Wide> d;
    const int64_t lanes = int64_t(hn::Lanes(d));
    while (length > 0) {
      int64_t rows = std::min(kRows, length), o = 0;
      for (; o + lanes <= outputs; o += lanes) {
        auto best = hn::LoadU(d, states + o);
        for (int64_t r = 0; r < rows; ++r)
          best = merge_vectors(best, load_wide(d, in + o + r * step));
        hn::StoreU(best, d, states + o);
      }
      for (; o < outputs; ++o)
        for (int64_t r = 0; r < rows; ++r) states[o] = combine(states[o], in[o + r * step]);
      length -= rows;
      in += rows * step;
    }
  }
};

inline bool has_nan(complex64_t x) { return x.real() != x.real() || x.imag() != x.imag(); }

/// By real part, then imaginary part; a number with a NaN in it wins.
template <bool kMax>
struct ComplexExtreme : GenericPolicy<ComplexExtreme<kMax>, complex64_t, complex64_t> {
  static complex64_t identity() {
    float worst =
        kMax ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
    return complex64_t(worst, worst);
  }
  static bool beats(complex64_t x, complex64_t best) {
    if (has_nan(best) || has_nan(x)) return !has_nan(best);
    complex64_t low = kMax ? best : x, high = kMax ? x : best;
    return low.real() != high.real() ? low.real() < high.real() : low.imag() < high.imag();
  }
  static bool same(complex64_t a, complex64_t b) { return a == b || (has_nan(a) && has_nan(b)); }
  static complex64_t combine(complex64_t best, complex64_t x) { return beats(x, best) ? x : best; }
  static complex64_t merge(complex64_t a, complex64_t b) { return combine(a, b); }
};

/// The policy for an element type.
template <bool kMax, typename T>
using Extreme = std::conditional_t<
    std::is_same_v<T, bool>, IntegerExtreme<kMax, uint8_t>,
    std::conditional_t<
        is_complex_v<T>, ComplexExtreme<kMax>,
        std::conditional_t<is_half_v<T>, FloatExtreme<kMax, T, float>,
                           std::conditional_t<std::is_integral_v<T>, IntegerExtreme<kMax, T>,
                                              FloatExtreme<kMax, T, T>>>>>;

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#endif
