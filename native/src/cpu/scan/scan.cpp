#include "cpu/scan/scan.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/elementwise/complex_log_add_exp.h"
#include "cpu/elementwise/scalar_ops.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr int64_t kBlock = 1 << 16;
constexpr int64_t kGrain = 1 << 14;
/// Columns that are scanned side by side.
constexpr int64_t kColumns = 512;

template <typename T>
using Accumulator = std::conditional_t<is_half_v<T>, float, T>;

template <typename A, bool largest>
constexpr A extreme() {
  using Limits = std::numeric_limits<A>;
  if constexpr (Limits::has_infinity)
    return largest ? Limits::infinity() : -Limits::infinity();
  else
    return largest ? Limits::max() : Limits::lowest();
}

struct Sum : scalar::Add {
  template <typename A>
  static A identity() {
    return A(0);
  }
};
struct Prod : scalar::Multiply {
  template <typename A>
  static A identity() {
    return A(1);
  }
};
struct Max : scalar::Maximum {
  template <typename A>
  static A identity() {
    return extreme<A, false>();
  }
};
struct Min : scalar::Minimum {
  template <typename A>
  static A identity() {
    return extreme<A, true>();
  }
};
struct LogAddExp : scalar::LogAddExp {
  template <typename A>
  static A identity() {
    return extreme<A, false>();
  }
};
struct ComplexLogAddExp {
  template <typename A>
  static A identity() {
    return A(-std::numeric_limits<float>::infinity());
  }
  static complex64_t apply(complex64_t a, complex64_t b) {
    return complex64_t(log_add_exp(std::complex<float>(a), std::complex<float>(b)));
  }
};

template <typename Operation, typename T>
class Scan {
  using A = Accumulator<T>;

 public:
  Scan(const ScanShape& shape, const T* in, T* out) : shape_(shape), in_(in), out_(out) {}

  void run() {
    if (shape_.outer == 0 || shape_.length == 0 || shape_.inner == 0) return;
    if (shape_.inner > 1) return scan_columns();
    if (shape_.length <= 2 * kBlock) return scan_rows();
    for (int64_t row = 0; row < shape_.outer; ++row) scan_long_row(row * shape_.length);
  }

 private:
  static A combine(A total, A value) { return A(Operation::apply(total, value)); }

  /// `count` elements from the `first` one in the order of the scan, of the row at `offset`.
  A scan_run(int64_t offset, int64_t first, int64_t count, A total) {
    const int64_t step = shape_.reverse ? -1 : 1;
    int64_t i = offset + (shape_.reverse ? shape_.length - 1 - first : first);
    if (shape_.inclusive) {
      for (int64_t k = 0; k < count; ++k, i += step) {
        total = combine(total, A(in_[i]));
        out_[i] = T(total);
      }
    } else {
      for (int64_t k = 0; k < count; ++k, i += step) {
        const A value = A(in_[i]);
        out_[i] = T(total);
        total = combine(total, value);
      }
    }
    return total;
  }

  void scan_rows() {
    const int64_t grain = std::max<int64_t>(1, kGrain / shape_.length);
    parallel_for(size_t(shape_.outer), size_t(grain), [&](size_t begin, size_t end) {
      for (size_t row = begin; row < end; ++row)
        scan_run(int64_t(row) * shape_.length, 0, shape_.length, Operation::template identity<A>());
    });
  }

  /// What a block's elements give together, in lanes so that none waits for the one before.
  A total_of(int64_t offset, int64_t first, int64_t count) const {
    constexpr int64_t kLanes = 16;
    A lanes[kLanes];
    std::fill_n(lanes, kLanes, Operation::template identity<A>());
    const int64_t begin = offset + (shape_.reverse ? shape_.length - first - count : first);
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
      for (int64_t lane = 0; lane < kLanes; ++lane)
        lanes[lane] = combine(lanes[lane], A(in_[begin + i + lane]));
    for (; i < count; ++i) lanes[0] = combine(lanes[0], A(in_[begin + i]));
    A total = lanes[0];
    for (int64_t lane = 1; lane < kLanes; ++lane) total = combine(total, lanes[lane]);
    return total;
  }

  void scan_long_row(int64_t offset) {
    const int64_t length = shape_.length, blocks = (length + kBlock - 1) / kBlock;
    std::vector<Accumulator<std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>>> carries(
        static_cast<size_t>(blocks));
    auto size_of = [&](size_t block) { return std::min(kBlock, length - int64_t(block) * kBlock); };
    parallel_for(size_t(blocks), 1, [&](size_t block, size_t) {
      carries[block] = total_of(offset, int64_t(block) * kBlock, size_of(block));
    });
    A total = Operation::template identity<A>();
    for (auto& carry : carries) {
      const A own = A(carry);
      carry = total;
      total = combine(total, own);
    }
    parallel_for(size_t(blocks), 1, [&](size_t block, size_t) {
      scan_run(offset, int64_t(block) * kBlock, size_of(block), A(carries[block]));
    });
  }

  void scan_columns() {
    const int64_t inner = shape_.inner, length = shape_.length;
    const int64_t parts = (inner + kColumns - 1) / kColumns;
    const int64_t grain = std::max<int64_t>(1, kGrain / (length * std::min(inner, kColumns)));
    parallel_for(size_t(shape_.outer * parts), size_t(grain), [&](size_t begin, size_t end) {
      for (size_t task = begin; task < end; ++task) {
        const int64_t column = int64_t(task) % parts * kColumns;
        scan_some_columns(int64_t(task) / parts * length * inner + column,
                          std::min(kColumns, inner - column));
      }
    });
  }

  void scan_some_columns(int64_t offset, int64_t count) {
    A totals[kColumns];
    std::fill_n(totals, count, Operation::template identity<A>());
    for (int64_t k = 0; k < shape_.length; ++k) {
      const int64_t i = offset + (shape_.reverse ? shape_.length - 1 - k : k) * shape_.inner;
      for (int64_t j = 0; j < count; ++j) {
        const A next = combine(totals[j], A(in_[i + j]));
        out_[i + j] = T(shape_.inclusive ? next : totals[j]);
        totals[j] = next;
      }
    }
  }

  const ScanShape shape_;
  const T* in_;
  T* out_;
};

template <typename Operation, typename T>
void run(const ScanShape& shape, const void* in, void* out) {
  Scan<Operation, T>(shape, static_cast<const T*>(in), static_cast<T*>(out)).run();
}

}  // namespace

void scan(ScanOperation operation, Dtype dtype, const ScanShape& shape, const void* in, void* out) {
  dispatch_dtype(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    switch (operation) {
      case ScanOperation::Sum:
        return run<Sum, T>(shape, in, out);
      case ScanOperation::Prod:
        return run<Prod, T>(shape, in, out);
      case ScanOperation::Max:
        if constexpr (!is_complex_v<T>) return run<Max, T>(shape, in, out);
        break;
      case ScanOperation::Min:
        if constexpr (!is_complex_v<T>) return run<Min, T>(shape, in, out);
        break;
      case ScanOperation::LogAddExp:
        if constexpr (is_complex_v<T>) return run<ComplexLogAddExp, T>(shape, in, out);
        if constexpr (std::is_floating_point_v<T> || is_half_v<T>)
          return run<LogAddExp, T>(shape, in, out);
        break;
    }
    throw DtypeError("[scan] There is no such scan of this dtype.");
  });
}

}  // namespace mlx::core::cpu
