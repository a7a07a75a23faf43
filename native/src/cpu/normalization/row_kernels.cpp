// Highway compiles this file once for each SIMD target.
#include "cpu/normalization/row_kernels.h"

#include <algorithm>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/normalization/row_kernels.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls step(tag, i) for whole vectors and then for single elements.
template <typename W, typename Step>
HWY_INLINE void for_each_vector(size_t count, Step&& step) {
  const hn::ScalableTag<W> d;
  const hn::CappedTag<W, 1> single;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) step(d, i);
  for (; i < count; ++i) step(single, i);
}

/// The sum of term(tag, i): short runs in W, the rest in float64.
template <typename W, typename Term>
HWY_INLINE double sum_terms(size_t count, Term&& term) {
  constexpr size_t kRun = 2048;
  const hn::ScalableTag<W> d;
  const hn::CappedTag<W, 1> single;
  const size_t lanes = hn::Lanes(d);
  double total = 0;
  size_t i = 0;
  while (i + lanes <= count) {
    const size_t end = std::min(count, i + kRun);
    auto a = hn::Zero(d), b = hn::Zero(d);
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      a = hn::Add(a, term(d, i));
      b = hn::Add(b, term(d, i + lanes));
    }
    for (; i + lanes <= end; i += lanes) a = hn::Add(a, term(d, i));
    total += double(hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b))));
  }
  for (; i < count; ++i) total += double(hn::GetLane(term(single, i)));
  return total;
}

template <typename W>
double sum(const W* x, size_t count) {
  return sum_terms<W>(count, [&](auto d, size_t i) HWY_ATTR { return hn::LoadU(d, x + i); });
}

template <typename W>
double squares(const W* x, size_t count, W mean) {
  return sum_terms<W>(count, [&](auto d, size_t i) HWY_ATTR {
    const auto centred = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean));
    return hn::Mul(centred, centred);
  });
}

/// z = (x - mean) * scale.
template <class D, typename W>
HWY_INLINE hn::Vec<D> normalized(D d, const W* x, W mean, W scale) {
  return hn::Mul(hn::Sub(hn::LoadU(d, x), hn::Set(d, mean)), hn::Set(d, scale));
}

// Products are rounded before sums, so that separate operations give the same bits.
template <typename W>
void apply(const W* x, size_t count, W mean, W scale, const W* weight, const W* bias, W* out) {
  for_each_vector<W>(count, [&](auto d, size_t i) HWY_ATTR {
    auto y = hn::Mul(normalized(d, x + i, mean, scale), hn::LoadU(d, weight + i));
    if (bias) y = hn::Add(y, hn::LoadU(d, bias + i));
    hn::StoreU(y, d, out + i);
  });
}

template <typename W>
void gradient_sums(const W* x, const W* dy, size_t count, W mean, W scale, const W* weight,
                   double& sum, double& product) {
  sum = sum_terms<W>(count, [&](auto d, size_t i) HWY_ATTR {
    return hn::Mul(hn::LoadU(d, dy + i), hn::LoadU(d, weight + i));
  });
  product = sum_terms<W>(count, [&](auto d, size_t i) HWY_ATTR {
    const auto g = hn::Mul(hn::LoadU(d, dy + i), hn::LoadU(d, weight + i));
    return hn::Mul(g, normalized(d, x + i, mean, scale));
  });
}

template <typename W>
void gradient(const W* x, const W* dy, size_t count, W mean, W scale, const W* weight, W a, W b,
              W* dx, W* d_weight, W* d_bias) {
  for_each_vector<W>(count, [&](auto d, size_t i) HWY_ATTR {
    const auto z = normalized(d, x + i, mean, scale);
    const auto cotangent = hn::LoadU(d, dy + i);
    const auto g = hn::Mul(cotangent, hn::LoadU(d, weight + i));
    const auto rest = hn::Sub(hn::Sub(g, hn::Set(d, a)), hn::Mul(z, hn::Set(d, b)));
    hn::StoreU(hn::Mul(rest, hn::Set(d, scale)), d, dx + i);
    hn::StoreU(hn::MulAdd(cotangent, z, hn::LoadU(d, d_weight + i)), d, d_weight + i);
    if (d_bias) hn::StoreU(hn::Add(cotangent, hn::LoadU(d, d_bias + i)), d, d_bias + i);
  });
}

template <typename W>
constexpr NormalizationKernels<W> kKernels{sum<W>, squares<W>, apply<W>, gradient_sums<W>,
                                           gradient<W>};

const NormalizationKernels<float>* float32_kernels() { return &kKernels<float>; }
const NormalizationKernels<double>* float64_kernels() { return &kKernels<double>; }

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(float32_kernels);
HWY_EXPORT(float64_kernels);

template <>
const NormalizationKernels<float>& normalization_kernels() {
  return *HWY_DYNAMIC_DISPATCH(float32_kernels)();
}
template <>
const NormalizationKernels<double>& normalization_kernels() {
  return *HWY_DYNAMIC_DISPATCH(float64_kernels)();
}

}  // namespace mlx::core::cpu
#endif
