#include "cpu/softmax/softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/reduce/compensated_sum.h"
#include "cpu/softmax/row_kernels.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

// A row is worked on in blocks that stay in the second-level cache between passes.
constexpr size_t kBlock = 16384;
constexpr size_t kTaskElements = 32768;
// With fewer rows than this, long ones are shared between threads.
constexpr size_t kFewRows = 8;

template <typename F>
void for_each_block(size_t columns, F&& body) {
  parallel_for((columns + kBlock - 1) / kBlock, 1, [&](size_t begin, size_t end) {
    for (size_t block = begin; block < end; ++block)
      body(block, block * kBlock, std::min(kBlock, columns - block * kBlock));
  });
}

/// The largest element of a row and the sum of exp(x - it).
template <typename Wide>
struct Statistics {
  Wide largest;
  double total;
};

template <typename T>
class Rows {
 public:
  using Wide = typename WideType<T>::type;
  static constexpr bool kInPlace = std::is_same_v<T, Wide>;

  /// terms has room for the row's exponentials, unless they are to go to out itself.
  void softmax_short(const T* in, size_t columns, Wide* terms, T* out) const {
    if constexpr (kInPlace) terms = out;
    Wide largest = kernels_.maximum(in, columns);
    double total = kernels_.exp_sum(in, columns, largest, terms);
    kernels_.scale(terms, columns, Wide(1 / total), out);
  }

  void softmax_long(const T* in, size_t columns, T* out) const {
    if constexpr (kInPlace) {
      double total = statistics(in, columns, out).total;
      for_each_block(columns, [&](size_t, size_t start, size_t count) {
        kernels_.scale(out + start, count, Wide(1 / total), out + start);
      });
    } else {
      // Exponentials don't fit out before they are scaled, so they are computed twice.
      auto [largest, total] = statistics(in, columns, nullptr);
      for_each_block(columns, [&, shift = largest, factor = Wide(1 / total)](size_t, size_t start,
                                                                             size_t count) {
        std::vector<Wide> terms(count);
        kernels_.exp_sum(in + start, count, shift, terms.data());
        kernels_.scale(terms.data(), count, factor, out + start);
      });
    }
  }

  T logsumexp(const T* in, size_t columns) const {
    Statistics<Wide> row = statistics(in, columns);
    // Differences from an infinite maximum are NaN.
    if (std::isinf(row.largest)) return T(row.largest);
    return T(Wide(double(row.largest) + std::log(row.total)));
  }

  Statistics<Wide> statistics(const T* in, size_t columns) const {
    if (columns > kBlock) return statistics(in, columns, nullptr);
    Wide largest = kernels_.maximum(in, columns);
    return {largest, kernels_.exp_sum(in, columns, largest, nullptr)};
  }

 private:
  Statistics<Wide> statistics(const T* in, size_t columns, Wide* terms) const {
    size_t blocks = (columns + kBlock - 1) / kBlock;
    std::vector<Wide> maxima(blocks);
    for_each_block(columns, [&](size_t block, size_t start, size_t count) {
      maxima[block] = kernels_.maximum(in + start, count);
    });
    Wide largest = -std::numeric_limits<Wide>::infinity();
    for (Wide x : maxima)
      if (x > largest || std::isnan(x)) largest = x;
    std::vector<double> sums(blocks);
    for_each_block(columns, [&](size_t block, size_t start, size_t count) {
      sums[block] = kernels_.exp_sum(in + start, count, largest, terms ? terms + start : nullptr);
    });
    CompensatedSum total;
    for (double sum : sums) total.add(sum);
    return {largest, double(total)};
  }

  RowKernels<T, Wide> kernels_ = row_kernels<T>();
};

/// Calls body(first row, last row). A few long rows come one at a time, to be shared inside.
template <typename F>
void for_each_rows(size_t rows, size_t columns, F&& body) {
  if (columns > kBlock && rows < kFewRows) {
    for (size_t row = 0; row < rows; ++row) body(row, row + 1);
    return;
  }
  size_t grain = std::max<size_t>(1, kTaskElements / std::max<size_t>(1, columns));
  parallel_for(rows, grain, body);
}

}  // namespace

void softmax(Dtype dtype, const void* in, size_t rows, size_t columns, void* out) {
  dispatch_float(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    Rows<T> kernel;
    for_each_rows(rows, columns, [&](size_t begin, size_t end) {
      bool is_short = columns <= kBlock;
      std::vector<typename Rows<T>::Wide> terms(is_short && !Rows<T>::kInPlace ? columns : 0);
      for (size_t row = begin; row < end; ++row) {
        const T* from = static_cast<const T*>(in) + row * columns;
        T* to = static_cast<T*>(out) + row * columns;
        if (is_short)
          kernel.softmax_short(from, columns, terms.data(), to);
        else
          kernel.softmax_long(from, columns, to);
      }
    });
  });
}

void logsumexp(Dtype dtype, const void* in, size_t rows, size_t columns, void* out) {
  dispatch_float(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    Rows<T> kernel;
    for_each_rows(rows, columns, [&](size_t begin, size_t end) {
      for (size_t row = begin; row < end; ++row)
        static_cast<T*>(out)[row] =
            kernel.logsumexp(static_cast<const T*>(in) + row * columns, columns);
    });
  });
}

void logsumexp_parts(Dtype dtype, const void* in, size_t rows, size_t columns, void* largest,
                     void* log_sum) {
  dispatch_float(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    using Wide = typename Rows<T>::Wide;
    Rows<T> kernel;
    for_each_rows(rows, columns, [&](size_t begin, size_t end) {
      for (size_t row = begin; row < end; ++row) {
        auto found = kernel.statistics(static_cast<const T*>(in) + row * columns, columns);
        static_cast<Wide*>(largest)[row] = found.largest;
        static_cast<Wide*>(log_sum)[row] = Wide(std::log(found.total));
      }
    });
  });
}

}  // namespace mlx::core::cpu
