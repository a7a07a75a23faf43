#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "cpu/softmax/row_kernels.h"

namespace mlx::core::cpu {

/// A softmax over scores that come in blocks (Milakov and Gimelshein, arXiv 1805.02867): the
/// largest score so far, and the sum of exponentials of the differences from it.
template <typename W>
struct RunningSoftmax {
  W largest = -std::numeric_limits<W>::infinity();
  double total = 0;

  /// Replaces scores by their exponentials; returns the factor that earlier ones now need.
  W add(const RowKernels<W, W>& kernels, W* scores, int64_t count) {
    const W factor = raise(kernels.maximum(scores, size_t(count)));
    if (is_nothing())
      for (int64_t i = 0; i < count; ++i) scores[i] = 0;
    else
      total += kernels.exp_sum(scores, size_t(count), largest, scores);
    return factor;
  }

  /// Adds one score.
  void add(W score) {
    raise(score);
    if (!is_nothing()) total += std::exp(double(score) - double(largest));
  }

  /// Takes in another's scores; returns the factors of this one's and the other's exponentials.
  std::pair<W, W> merge(const RunningSoftmax& other) {
    const W factor = raise(other.largest);
    const W others = is_nothing() ? W(0) : std::exp(other.largest - largest);
    total += other.total * double(others);
    return {factor, others};
  }

 private:
  // Differences of two -inf are NaN; such scores count for nothing.
  bool is_nothing() const { return largest == -std::numeric_limits<W>::infinity(); }

  W raise(W score) {
    if (score <= largest || std::isnan(largest)) return 1;
    const W before = largest;
    largest = score;
    const W factor = total == 0 ? W(0) : std::exp(before - largest);
    total *= double(factor);
    return factor;
  }
};

}  // namespace mlx::core::cpu
