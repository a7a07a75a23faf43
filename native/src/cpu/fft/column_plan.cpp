#include "cpu/fft/column_plan.h"

#include <bit>
#include <limits>

#include "cpu/fft/roots_of_unity.h"

namespace mlx::core::cpu {
namespace {

/// The radices of a length's passes; a last factor above kMaxRadix is a prime that has none.
std::vector<size_t> radices_of(size_t length) {
  std::vector<size_t> radices;
  auto take = [&](size_t radix) {
    radices.push_back(radix);
    length /= radix;
  };
  // 8 * 2 is dearer than 4 * 4, so a power of two ends in at most two fours.
  int twos = std::countr_zero(length);
  int fours = twos % 3 == 1 && twos > 1 ? 2 : twos % 3 == 2 ? 1 : 0;
  for (int eights = (twos - 2 * fours) / 3; eights > 0; --eights) take(8);
  for (; fours > 0; --fours) take(4);
  if (twos == 1) take(2);
  for (size_t p = 3; p * p <= length; p += 2)
    while (length % p == 0) take(p);
  if (length > 1) take(length);
  return radices;
}

// Blocks of more rows leave the first-level cache, and then the second-level one.
constexpr size_t kFirstCacheRows = 256, kSecondCacheRows = 4096;

/// Nanoseconds for a row in a pass within the first-level cache, as measured on Zen 3.
double pass_cost(size_t radix) {
  switch (radix) {
    case 2:
      return 1;
    case 3:
      return 1.6;
    case 4:
      return 1.4;
    case 5:
      return 2.1;
    case 7:
      return 3;
    case 8:
      return 2;
    default:
      return 1 + 0.4 * double(radix);
  }
}

}  // namespace

ColumnPlan::ColumnPlan(size_t length) : length(length) {
  size_t rest = length, stride = 1;
  for (size_t radix : radices_of(length)) {
    rest /= radix;
    Pass pass{radix, rest, stride, {}, {}};
    for (size_t p = 0; p < rest; ++p)
      for (size_t j = 1; j < radix; ++j) {
        auto root = root_of_unity(uint64_t(p) * j, uint64_t(radix) * rest);
        pass.twiddles.push_back(float(root.real()));
        pass.twiddles.push_back(float(root.imag()));
      }
    if (radix % 2 == 1)
      for (size_t j = 0; j < radix; ++j) {
        auto root = root_of_unity(j, radix);
        pass.roots.push_back(float(root.real()));
        pass.roots.push_back(float(-root.imag()));
      }
    passes.push_back(std::move(pass));
    stride *= radix;
  }
}

double column_cost(size_t length) {
  double cost = 0;
  for (size_t radix : radices_of(length)) {
    if (radix > kMaxRadix) return std::numeric_limits<double>::infinity();
    cost += pass_cost(radix);
  }
  if (length > kFirstCacheRows) cost *= 2;
  if (length > kSecondCacheRows) cost *= 1.5;
  return cost * double(length);
}

}  // namespace mlx::core::cpu
