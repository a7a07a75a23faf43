#pragma once

#include <cmath>

namespace mlx::core::cpu {

/// A float64 sum that keeps the error of every addition (Knuth's two-sum, TAOCP 4.2.2).
struct CompensatedSum {
  double high = 0, low = 0;

  // An infinite sum has a meaningless error term.
  explicit operator double() const { return std::isfinite(high) ? high + low : high; }
  void add(double x) {
    double sum = high + x;
    double part = sum - high;
    low += (high - (sum - part)) + (x - part);
    high = sum;
  }
};

}  // namespace mlx::core::cpu
