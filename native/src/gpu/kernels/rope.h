// Rotary embeddings: pairs of features turn by angles that grow with the position.
#include "gpu/kernels/index.h"
#include "gpu/kernels/reduce_ops.h"
#include "gpu/kernels/trigonometric.h"

template <int dims>
struct RopeArguments {
  /// Work items, vectors of a row, features of a vector, pairs that turn, and work items of a
  /// vector: its pairs and its other features.
  int64_t count, length, features, pairs, items;
  /// Of x: from one vector to the next, and from one feature to the next.
  int64_t length_stride, feature_stride;
  int64_t rows_shape[dims], x_strides[dims], offset_strides[dims];
  /// Turns a position, in two parts, at a frequency of 1.
  TwoFloats scale;
};

/// Turns of the circle a position, by the frequency that the angle is divided by.
struct Frequencies {
  device const float* values;

  TwoFloats turns(int64_t pair, TwoFloats scale) const {
    const float f = values[pair];
    if (fabs(f) == INFINITY) return two_floats(0.0f, 0.0f);
    const float high = scale.high / f;
    return two_floats(high, (fma(-high, f, scale.high) + scale.low) / f);
  }
};
/// The same, computed by the host.
template <typename Pointer>
struct KnownTurns {
  Pointer values;

  TwoFloats turns(int64_t pair, TwoFloats) const { return values[pair]; }
};
template <int pairs>
struct Turns {
  TwoFloats values[pairs];
};
struct RopeOffset {
  int values[1];
};

/// The part of a turn behind the point, as a number of 64 bits that wraps below 0.
inline ulong fraction_of(float turns) {
  const float size = fabs(turns);
  // Exact, as what would be added to a negative one is not.
  const ulong fraction = ulong((size - floor(size)) * 0x1p64f);
  return turns < 0.0f ? ulong(0) - fraction : fraction;
}

/// Sine and cosine of a position's angle. Whole turns are left out by integers that wrap, so that
/// far positions keep their accuracy.
inline void sine_and_cosine(int64_t position, TwoFloats turns, thread float& sine,
                            thread float& cosine) {
  if (!is_bounded(turns.high)) {
    sine = cosine = NAN;
    return;
  }
  const ulong fraction = ulong(position) * (fraction_of(turns.high) + fraction_of(turns.low));
  // To the nearest quarter.
  const ulong quarters = (fraction + (ulong(1) << 61)) >> 62;
  const float rest = float(int64_t(fraction - (quarters << 62)));
  const float angle = rest * 0x1.921fb6p-62f;
  sine = sin_reduced(angle, int(quarters));
  cosine = sin_reduced(angle, int(quarters) + 1);
}

/// Pairs are neighbours when `is_traditional`, and else lie half of what turns apart. `Offsets`
/// points to ints.
template <bool is_traditional, bool is_inverse, int dims, typename T, typename Offsets,
          typename Source>
inline void rope(device const T* x, Offsets offset, Source frequencies, device T* y,
                 constant RopeArguments<dims>& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  const int64_t vector = number / p.items, item = number - vector * p.items;
  const int64_t row = vector / p.length, t = vector - row * p.length;
  device const T* from = x + place_of<dims>(row, p.rows_shape, p.x_strides) + t * p.length_stride;
  device T* to = y + vector * p.features;
  if (item >= p.pairs) {
    const int64_t feature = item + p.pairs;
    to[feature] = from[feature * p.feature_stride];
    return;
  }
  const int64_t first = is_traditional ? 2 * item : item;
  const int64_t second = is_traditional ? first + 1 : item + p.pairs;
  const int64_t position = int64_t(offset[place_of<dims>(row, p.rows_shape, p.offset_strides)]) + t;
  float sine, cosine;
  sine_and_cosine(position, frequencies.turns(item, p.scale), sine, cosine);
  if (is_inverse) sine = -sine;
  const float a = float(from[first * p.feature_stride]), b = float(from[second * p.feature_stride]);
  to[first] = T(a * cosine - b * sine);
  to[second] = T(a * sine + b * cosine);
}
