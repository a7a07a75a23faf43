// Where values go into ascending sequences.
#include "gpu/kernels/sort.h"

template <int dims>
struct SearchArguments {
  /// Values in all and of one sequence, and the sequences' length.
  int64_t count, values, length;
  /// Elements from one to the next of a sequence.
  int64_t step;
  int64_t shape[dims], strides[dims];
};

/// For each value the number of elements below it, or (right) not above it.
template <typename T, bool is_right, int dims>
inline void search_sorted(device const T* x, device const T* values, device uint* y,
                          constant SearchArguments<dims>& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  x += place_of<dims>(number / p.values, p.shape, p.strides);
  const auto key = SortKey<T>::from(values[number]);
  int64_t base = 0;
  // The same steps as the CPU's, so that a sequence that doesn't ascend gives the same numbers.
  for (int64_t rest = p.length; rest > 0;) {
    const int64_t half_rest = (rest + 1) / 2;
    const auto own = SortKey<T>::from(x[(base + half_rest - 1) * p.step]);
    if (is_right ? own <= key : own < key) base += half_rest;
    rest -= half_rest;
  }
  y[number] = uint(base);
}
