// Draws from categories by inverting their cumulative weights.
#include "gpu/kernels/reduce_ops.h"

struct CategoricalArguments {
  /// Draws in all and of one row, and categories.
  int64_t count, draws, categories;
};

inline bool is_at_most(TwoFloats a, TwoFloats b) {
  return a.high < b.high || (a.high == b.high && a.low <= b.low);
}

/// For each draw the last category whose predecessors weigh no more than that part of the whole;
/// `sums` are the weights' running sums.
inline void categorical_search(device const TwoFloats* sums, device const float* draws,
                               device uint* y, constant CategoricalArguments& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  sums += number / p.draws * p.categories;
  const TwoFloats total = sums[p.categories - 1];
  const float draw = draws[number], product = draw * total.high;
  const float lost = fma(draw, total.high, -product) + draw * total.low;
  const TwoFloats wanted = sum_of(two_floats(product, 0.0f), two_floats(lost, 0.0f));
  int64_t low = 0, high = p.categories - 1;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    TwoFloats sum = sums[middle];
    sum = sum_of(two_floats(sum.high, 0.0f), two_floats(sum.low, 0.0f));
    // With NaN among the weights it is the last category, since all comparisons fail.
    if (is_at_most(sum, wanted) || !(sum.high == sum.high) || !(wanted.high == wanted.high))
      low = middle + 1;
    else
      high = middle;
  }
  y[number] = uint(low);
}
