#include "cpu/scan/linear_recurrence.h"

#include <algorithm>

#include "array/dtype_dispatch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr int64_t kGrain = 1 << 14;
/// Columns that are scanned side by side.
constexpr int64_t kColumns = 256;

template <typename T>
using Accumulator = std::conditional_t<is_half_v<T>, float, T>;

template <typename T>
void scan_columns(const ScanShape& shape, const T* factors, const T* terms, T* out,
                  int64_t columns) {
  using A = Accumulator<T>;
  A totals[kColumns];
  std::fill_n(totals, columns, A(0));
  for (int64_t k = 0; k < shape.length; ++k) {
    const int64_t i = (shape.reverse ? shape.length - 1 - k : k) * shape.inner;
    for (int64_t j = 0; j < columns; ++j) {
      totals[j] = A(factors[i + j]) * totals[j] + A(terms[i + j]);
      out[i + j] = T(totals[j]);
    }
  }
}

}  // namespace

void linear_recurrence(Dtype dtype, const ScanShape& shape, const void* factors, const void* terms,
                       void* out) {
  const int64_t parts = (shape.inner + kColumns - 1) / kColumns;
  const int64_t columns = std::min(shape.inner, kColumns);
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, shape.length * columns));
  dispatch_dtype(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    if constexpr (std::is_floating_point_v<T> || is_half_v<T> || is_complex_v<T>) {
      parallel_for(size_t(shape.outer * parts), size_t(grain), [&](size_t begin, size_t end) {
        for (size_t task = begin; task < end; ++task) {
          const int64_t first = int64_t(task) % parts * kColumns;
          const int64_t at = int64_t(task) / parts * shape.length * shape.inner + first;
          scan_columns(shape, static_cast<const T*>(factors) + at,
                       static_cast<const T*>(terms) + at, static_cast<T*>(out) + at,
                       std::min(kColumns, shape.inner - first));
        }
      });
    } else {
      throw DtypeError("[linear_recurrence] There is no such scan of this dtype.");
    }
  });
}

}  // namespace mlx::core::cpu
