#include "cpu/fft/column_plan.h"

#include <algorithm>
#include <bit>
#include <complex>
#include <limits>
#include <span>

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
  // A length of 1 takes a pass as well, which copies.
  if (length > 1 || radices.empty()) take(length);
  return radices;
}

// Blocks of more rows leave the first-level cache, share the second-level one with what they are
// made from, and leave that too.
constexpr size_t kFirstCacheRows = 256, kSharedCacheRows = 1024, kSecondCacheRows = 4096;

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

void append(std::vector<float>& numbers, std::complex<double> x) {
  numbers.push_back(float(x.real()));
  numbers.push_back(float(x.imag()));
}

std::vector<Pass> make_passes(std::span<const size_t> radices) {
  size_t rest = 1, stride = 1;
  for (size_t radix : radices) rest *= radix;
  std::vector<Pass> passes;
  for (size_t radix : radices) {
    rest /= radix;
    Pass pass{radix, rest, stride, {}, {}};
    for (size_t p = 0; p < rest; ++p)
      for (size_t j = 1; j < radix; ++j)
        append(pass.twiddles, root_of_unity(uint64_t(p) * j, uint64_t(radix) * rest));
    if (radix % 2 == 1)
      for (size_t j = 0; j < radix; ++j) append(pass.roots, std::conj(root_of_unity(j, radix)));
    passes.push_back(std::move(pass));
    stride *= radix;
  }
  return passes;
}

/// How many of the radices the first group takes, so that both groups' rows stay in the cache.
size_t best_split(std::span<const size_t> radices) {
  size_t length = 1, first = 1, best = 0, best_rows = std::numeric_limits<size_t>::max();
  for (size_t radix : radices) length *= radix;
  for (size_t i = 0; i < radices.size(); ++i) {
    first *= radices[i];
    size_t rows = std::max(kFirstBatch * first, kLanes * (length / first));
    if (rows >= best_rows) continue;
    best = i + 1;
    best_rows = rows;
  }
  return best;
}

}  // namespace

ColumnPlan::ColumnPlan(size_t length) : length(length), first_length(length), second_length(1) {
  auto radices = radices_of(length);
  size_t split = radices.size();
  if (length > kFirstCacheRows) split = best_split(radices);
  first = make_passes({radices.data(), split});
  second = make_passes({radices.data() + split, radices.size() - split});
  for (size_t i = split; i < radices.size(); ++i) second_length *= radices[i];
  first_length = length / second_length;
  if (second.empty()) return;
  for (size_t p = 0; p < second_length; ++p)
    for (size_t k = 0; k < first_length; ++k) append(twiddles, root_of_unity(p * k, length));
}

size_t ColumnPlan::rows_between_groups() const {
  return second.empty() ? 0 : second_length * (first_length + 1);
}

size_t ColumnPlan::rows_of_tile() const {
  if (second.empty()) return first_length;
  return std::max(kFirstBatch * first_length, kLanes * second_length);
}

double column_cost(size_t length) {
  double cost = 0;
  for (size_t radix : radices_of(length)) {
    if (radix > kMaxRadix) return std::numeric_limits<double>::infinity();
    cost += pass_cost(radix);
  }
  if (length > kFirstCacheRows) cost *= 1.05;
  if (length > kSharedCacheRows) cost *= 1.2;
  if (length > kSecondCacheRows) cost *= 1.3;
  return cost * double(length);
}

}  // namespace mlx::core::cpu
