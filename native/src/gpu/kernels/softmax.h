// Softmax and log(sum(exp)) of contiguous rows, in float32 whatever the type.
#include "gpu/kernels/elementwise.h"
#include "gpu/kernels/logarithm.h"
#include "gpu/kernels/pack.h"
#include "gpu/kernels/simd.h"

struct RowArguments {
  int64_t rows, columns;
};

/// What becomes of a row: its softmax, log(sum(exp)), or that of the differences from the largest
/// element beside the element itself.
enum class RowResult { softmax, log_sum, parts };

template <RowResult result, typename Y, typename Z>
inline void store_log_sum(device Y* y, device Z* z, int64_t row, float largest, float sum) {
  const bool is_infinite = fabs(largest) == INFINITY;
  if constexpr (result == RowResult::parts) {
    y[row] = largest;
    z[row] = is_infinite ? NAN : Log(sum);
  } else {
    y[row] = Y(is_infinite ? largest : largest + Log(sum));
  }
}

/// NaN where either is.
struct LargestOf {
  static float identity() { return -INFINITY; }
  static float combine(float a, float b) { return is_nan(b) ? b : Maximum(a, b); }
};

/// e^x for x of at most 0, or NaN: what is below -104 gives 0 without two factors.
inline float exp_of_negative(float x) {
  int n;
  float r = reduce_by_ln2(at_least(x, -105.0f), n);
  float e = 0.0013941108434f;
  e = fma(e, r, 0.0083751263982f);
  e = fma(e, r, 0.041666352897f);
  e = fma(e, r, 0.16666415515f);
  e = fma(e, r, 0.50000000471f);
  e = fma(e, r, 1.0f);
  e = fma(e, r, 1.0f);
  // From -126 on the power is subnormal.
  return n < -126 ? e * power_of_two(n + 64) * 0x1p-64f : e * power_of_two(n);
}

/// Rows of at most lanes * packs * pack elements, which stay in registers. `lanes` threads a row.
template <typename T, int lanes, int packs, int pack, RowResult result, typename Y, typename Z>
inline void softmax_rows(device const T* x, device Y* y, device Z* z, constant RowArguments& p,
                         threadgroup float* part, Group g) {
  const int64_t thread_number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  const int64_t row = thread_number / lanes;
  const int lane = int(thread_number % lanes);
  const bool is_row = row < p.rows;
  float values[packs * pack];
  float largest = -INFINITY;
  for (int u = 0; u < packs; ++u) {
    const int64_t at = (int64_t(u) * lanes + lane) * pack;
    // A row is a whole number of packs.
    if (is_row && at < p.columns) {
      const Pack<T, pack> one = load_pack<pack>(x + row * p.columns, at);
      for (int k = 0; k < pack; ++k) values[u * pack + k] = float(one.values[k]);
    } else {
      for (int k = 0; k < pack; ++k) values[u * pack + k] = -INFINITY;
    }
    for (int k = 0; k < pack; ++k) largest = LargestOf::combine(largest, values[u * pack + k]);
  }
  largest = combine_row<LargestOf, lanes>(largest, part, g);
  // A row of equal infinities has differences that are NaN; its sum has none of them.
  const float origin = result != RowResult::softmax && fabs(largest) == INFINITY ? 0.0f : largest;
  float sum = 0.0f;
  for (int i = 0; i < packs * pack; ++i) {
    values[i] = exp_of_negative(values[i] - origin);
    sum += values[i];
  }
  sum = combine_row<PlainSum, lanes>(sum, part, g);
  if (!is_row) return;
  if constexpr (result == RowResult::softmax) {
    const float scale = 1.0f / sum;
    for (int u = 0; u < packs; ++u) {
      const int64_t at = (int64_t(u) * lanes + lane) * pack;
      if (at >= p.columns) break;
      Pack<T, pack> one;
      for (int k = 0; k < pack; ++k) one.values[k] = T(values[u * pack + k] * scale);
      store_pack<pack>(y + row * p.columns, at, one);
    }
  } else if (lane == 0) {
    store_log_sum<result>(y, z, row, largest, sum);
  }
}

/// Rows of any length, a group a row: one pass finds the largest and the sum together, rescaling
/// the sum when a larger one comes (M. Milakov and N. Gimelshein, 2018), another writes.
template <typename T, int pack, RowResult result, typename Y, typename Z>
inline void softmax_long_rows(device const T* x, device Y* y, device Z* z, constant RowArguments& p,
                              threadgroup float* part, Group g) {
  device const T* from = x + int64_t(g.tgid.x) * p.columns;
  float largest = -INFINITY, sum = 0.0f;
  for (int64_t at = int64_t(g.tid.x) * pack; at < p.columns; at += int64_t(g.size.x) * pack) {
    const Pack<T, pack> one = load_pack<pack>(from, at);
    float before = largest;
    for (int k = 0; k < pack; ++k) largest = LargestOf::combine(largest, float(one.values[k]));
    if (fabs(largest) == INFINITY) continue;
    if (before != -INFINITY) sum *= exp_of_negative(before - largest);
    for (int k = 0; k < pack; ++k) sum += exp_of_negative(float(one.values[k]) - largest);
  }
  const float own = largest;
  largest = combine_group<LargestOf>(largest, part, g);
  if (fabs(own) == INFINITY)
    sum = 0.0f;
  else
    sum *= exp_of_negative(own - largest);
  sum = combine_group<PlainSum>(sum, part, g);
  if constexpr (result == RowResult::softmax) {
    const float scale = 1.0f / sum;
    for (int64_t at = int64_t(g.tid.x) * pack; at < p.columns; at += int64_t(g.size.x) * pack) {
      Pack<T, pack> one = load_pack<pack>(from, at);
      for (int k = 0; k < pack; ++k)
        one.values[k] = T(exp_of_negative(float(one.values[k]) - largest) * scale);
      store_pack<pack>(y + int64_t(g.tgid.x) * p.columns, at, one);
    }
  } else if (g.tid.x == 0) {
    store_log_sum<result>(y, z, g.tgid.x, largest, sum);
  }
}
