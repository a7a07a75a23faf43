// start + i * step. Floats have start and step in two parts each, as the CPU computes in float64.
#include "gpu/kernels/reduce_ops.h"

struct FloatRange {
  int64_t count;
  TwoFloats start, step;
};
struct IntegerRange {
  int64_t count, start, step;
};

template <typename T>
inline T range_value(constant IntegerRange& p, int64_t i) {
  return T(ulong(p.start) + ulong(i) * ulong(p.step));
}

template <typename T>
inline T range_value(constant FloatRange& p, int64_t i) {
  const float whole = float(i), rest = float(i - int64_t(whole));
  const float product = whole * p.step.high;
  const float lost = fma(whole, p.step.high, -product) + (whole * p.step.low + rest * p.step.high);
  const TwoFloats sum = sum_of(two_floats(p.start.high, p.start.low), two_floats(product, lost));
  float result = sum.high + sum.low;
  if constexpr (IsHalf<T>::value) {
    // Rounded to odd, so that the half type rounds once.
    const float cut = sum.low - (result - sum.high);
    if (cut != 0.0f && is_bounded(result) && result != 0.0f) {
      uint bits = as_type<uint>(result);
      if ((cut < 0.0f) != (result < 0.0f)) --bits;
      result = as_type<float>(bits | 1u);
    }
  }
  return convert<T>(result);
}

template <typename T, typename Range>
inline void arange(device T* y, constant Range& p, Group g) {
  const int64_t i = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (i < p.count) y[i] = range_value<T>(p, i);
}
