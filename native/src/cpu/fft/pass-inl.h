// One pass of a transform over rows in memory; compiled once a SIMD target.

#if defined(MLX_CPU_FFT_PASS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_FFT_PASS_INL_H
#undef MLX_CPU_FFT_PASS_INL_H
#else
#define MLX_CPU_FFT_PASS_INL_H
#endif

#include <utility>

#include "cpu/fft/butterflies-inl.h"
#include "cpu/fft/column_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

template <RowFormat kFormat>
HWY_INLINE ComplexVector load_formatted(const float* row, size_t lane) {
  if constexpr (kFormat == RowFormat::block) return load_row(row + lane);
  ComplexVector x;
  hn::LoadInterleaved2(LanesTag(), row + 2 * lane, x.re, x.im);
  if constexpr (kFormat == RowFormat::swapped) std::swap(x.re, x.im);
  return x;
}

template <RowFormat kFormat>
HWY_INLINE void store_formatted(ComplexVector x, Vector scale, float* row, size_t lane) {
  if constexpr (kFormat == RowFormat::block) return store_row(x, row + lane);
  if constexpr (kFormat == RowFormat::swapped) std::swap(x.re, x.im);
  hn::StoreInterleaved2(hn::Mul(x.re, scale), hn::Mul(x.im, scale), LanesTag(), row + 2 * lane);
}

/// Where a pass finds its rows: runs of `batch` rows take the place that single ones have in
/// Stockham's order, so that several transforms are done side by side. All steps count floats.
struct PassMemory {
  const float* in;
  /// From a run to the next, and from a row of a run to the next.
  int64_t in_step;
  int64_t in_row;
  float* out;
  int64_t out_step;
  int64_t out_row;
  size_t batch;
  /// If there, what a last pass's results are multiplied by: one number for each row, those of the
  /// first rows of all runs and then those of the second ones, and so on.
  const float* last_twiddles;
  float scale;
  /// If there, as many dense rows as the pass has: they are fetched while it computes.
  const float* next = nullptr;
};

/// A pass, or a part of one.
struct PassShape {
  size_t radix;
  size_t count;
  size_t stride;
  const float* twiddles;
  const float* roots;

  explicit PassShape(const Pass& pass)
      : radix(pass.radix),
        count(pass.count),
        stride(pass.stride),
        twiddles(pass.twiddles.data()),
        roots(pass.roots.data()) {}
};

using PassKernel = void (*)(const PassShape&, const PassMemory&);

/// What a butterfly's results are multiplied by.
enum class Factors { none, of_pass, of_run };

template <class Butterfly, RowFormat kIn, RowFormat kOut, Factors kFactors>
HWY_INLINE void run_butterflies(const PassShape& pass, const PassMemory& m, size_t p) {
  constexpr size_t kRadix = Butterfly::kRadix;
  const LanesTag d;
  const Vector scale = hn::Set(d, m.scale);
  const float* twiddles = pass.twiddles + 2 * (kRadix - 1) * p;
  const float* roots = pass.roots;
  const int64_t in_jump = int64_t(pass.stride * pass.count) * m.in_step;
  const int64_t out_jump = int64_t(pass.stride) * m.out_step;
  const float* in = m.in + int64_t(p * pass.stride) * m.in_step;
  float* out = m.out + int64_t(p * pass.stride * kRadix) * m.out_step;
  size_t runs = pass.stride, batch = m.batch;
  if (kFactors != Factors::of_run && m.in_step == m.in_row * int64_t(batch) &&
      m.out_step == m.out_row * int64_t(batch)) {
    batch *= runs;
    runs = 1;
  }
  const float* next = m.next ? m.next + p * pass.stride * m.batch * kRadix * kRow : nullptr;
  for (size_t s = 0; s < runs; ++s, in += m.in_step, out += m.out_step) {
    const float* from = in;
    float* to = out;
    const float* last_twiddles = m.last_twiddles + 2 * s;
    for (size_t b = 0; b < batch;
         ++b, from += m.in_row, to += m.out_row, last_twiddles += 2 * kRadix * pass.stride)
      for (size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
        ComplexVector a[kRadix];
#pragma GCC unroll 16
        for (size_t j = 0; j < kRadix; ++j)
          a[j] = load_formatted<kIn>(from + int64_t(j) * in_jump, lane);
        if (next) {
#pragma GCC unroll 16
          for (size_t j = 0; j < kRadix; ++j) __builtin_prefetch(next + j * kRow);
          next += kRadix * kRow;
        }
        Butterfly::apply(a, roots);
        if (kFactors == Factors::of_run) a[0] = multiply(a[0], broadcast(last_twiddles));
        store_formatted<kOut>(a[0], scale, to, lane);
#pragma GCC unroll 16
        for (size_t j = 1; j < kRadix; ++j) {
          if (kFactors == Factors::of_pass)
            a[j] = multiply(a[j], broadcast(twiddles + 2 * (j - 1)));
          if (kFactors == Factors::of_run)
            a[j] = multiply(a[j], broadcast(last_twiddles + 2 * j * pass.stride));
          store_formatted<kOut>(a[j], scale, to + int64_t(j) * out_jump, lane);
        }
      }
  }
}

template <class Butterfly, RowFormat kIn, RowFormat kOut>
void run_pass(const PassShape& pass, const PassMemory& memory) {
  // Only last passes write elsewhere than to a block, and these have no twiddles of their own.
  if constexpr (kOut == RowFormat::block) {
    if (memory.last_twiddles)
      return run_butterflies<Butterfly, kIn, kOut, Factors::of_run>(pass, memory, 0);
  }
  // The first twiddles are ones, and infinities don't survive a product with 1 + 0i.
  run_butterflies<Butterfly, kIn, kOut, Factors::none>(pass, memory, 0);
  if constexpr (kOut == RowFormat::block) {
    for (size_t p = 1; p < pass.count; ++p)
      run_butterflies<Butterfly, kIn, kOut, Factors::of_pass>(pass, memory, p);
  }
}

/// Primes that have no butterfly compiled for them.
template <RowFormat kIn, RowFormat kOut>
void run_prime_pass(const PassShape& pass, const PassMemory& m) {
  const LanesTag d;
  const size_t radix = pass.radix;
  const Vector scale = hn::Set(d, m.scale);
  const int64_t in_jump = int64_t(pass.stride * pass.count) * m.in_step;
  const int64_t out_jump = int64_t(pass.stride) * m.out_step;
  ComplexVector a[kMaxRadix], sums[kMaxRadix / 2 + 1], differences[kMaxRadix / 2 + 1];
  for (size_t p = 0; p < pass.count; ++p)
    for (size_t s = 0; s < pass.stride; ++s) {
      const float* twiddles = pass.twiddles + 2 * (radix - 1) * p;
      const float* from = m.in + int64_t(p * pass.stride + s) * m.in_step;
      float* to = m.out + int64_t(p * pass.stride * radix + s) * m.out_step;
      for (size_t b = 0; b < m.batch; ++b, from += m.in_row, to += m.out_row)
        for (size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
          for (size_t j = 0; j < radix; ++j)
            a[j] = load_formatted<kIn>(from + int64_t(j) * in_jump, lane);
          apply_odd(radix, a, pass.roots, sums, differences);
          for (size_t j = 0; j < radix; ++j) {
            if (m.last_twiddles) {
              const size_t run = s + j * pass.stride;
              a[j] =
                  multiply(a[j], broadcast(m.last_twiddles + 2 * (run + b * radix * pass.stride)));
            } else if (p > 0 && j > 0) {
              a[j] = multiply(a[j], broadcast(twiddles + 2 * (j - 1)));
            }
            store_formatted<kOut>(a[j], scale, to + int64_t(j) * out_jump, lane);
          }
        }
    }
}

template <RowFormat kIn, RowFormat kOut>
PassKernel kernel_of_radix(size_t radix) {
  switch (radix) {
    case 1:
      return run_pass<ButterflyOdd<1>, kIn, kOut>;
    case 2:
      return run_pass<Butterfly2, kIn, kOut>;
    case 3:
      return run_pass<ButterflyOdd<3>, kIn, kOut>;
    case 4:
      return run_pass<Butterfly4, kIn, kOut>;
    case 5:
      return run_pass<ButterflyOdd<5>, kIn, kOut>;
    case 7:
      return run_pass<ButterflyOdd<7>, kIn, kOut>;
    case 8:
      return run_pass<Butterfly8, kIn, kOut>;
    default:
      return run_prime_pass<kIn, kOut>;
  }
}

/// At least one of the formats is a block's.
inline PassKernel pass_kernel(size_t radix, RowFormat in, RowFormat out) {
  if (in == RowFormat::complex) return kernel_of_radix<RowFormat::complex, RowFormat::block>(radix);
  if (in == RowFormat::swapped) return kernel_of_radix<RowFormat::swapped, RowFormat::block>(radix);
  if (out == RowFormat::complex)
    return kernel_of_radix<RowFormat::block, RowFormat::complex>(radix);
  if (out == RowFormat::swapped)
    return kernel_of_radix<RowFormat::block, RowFormat::swapped>(radix);
  return kernel_of_radix<RowFormat::block, RowFormat::block>(radix);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#endif
