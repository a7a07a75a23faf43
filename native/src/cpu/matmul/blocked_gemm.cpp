// Highway compiles this file once for each SIMD target.
#include "cpu/matmul/gemm_ways.h"

#include <algorithm>

#include "cpu/matmul/blas.h"
#include "cpu/matmul/epilogue.h"
#include "cpu/matmul/scratch.h"
#include "cpu/simd_targets.h"
#include "runtime/thread_pool.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/matmul/blocked_gemm.cpp"
#include "hwy/foreach_target.h"

#include "cpu/matmul/panels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// The size of equal parts, none larger than `most`, in whole units.
inline int64_t part_size(int64_t total, int64_t most, int64_t unit) {
  const int64_t parts = (total + most - 1) / most;
  return ((total + parts - 1) / parts + unit - 1) / unit * unit;
}

inline int64_t part_count(int64_t total, int64_t size) { return (total + size - 1) / size; }

/// How a product is cut, by its shape alone.
template <typename W>
struct Blocking {
  /// Of what is copied at once. A panel of B as long as `k` stays in the first-level cache.
  int64_t m, n, k;
  /// Of a task.
  int64_t rows, columns;

  Blocking(int64_t all_m, int64_t all_n, int64_t all_k) {
    constexpr int64_t kSide = 2048, kPanelBytes = 24576, wide = kWideTile<W>;
    // As large as the second-level cache likes, but enough to occupy many threads.
    constexpr int64_t kMaxRows = 48, kMaxColumns = 192, kMinRows = 12, kMinColumns = wide;
    constexpr int64_t kTasks = 32;
    m = part_size(all_m, kSide, kTileRows);
    n = part_size(all_n, kSide, wide);
    k = part_size(all_k, kPanelBytes / int64_t(sizeof(W)) / wide, 8);
    rows = part_size(m, kMaxRows, kTileRows);
    columns = part_size(n, kMaxColumns, wide);
    while (part_count(m, rows) * part_count(n, columns) < kTasks) {
      const int64_t fewer_rows = part_size(rows, (rows + 1) / 2, kTileRows);
      const int64_t fewer_columns = part_size(columns, (columns + 1) / 2, wide);
      const bool can_cut_rows = fewer_rows < rows && fewer_rows >= kMinRows;
      const bool can_cut_columns = fewer_columns < columns && fewer_columns >= kMinColumns;
      if (can_cut_rows && (rows >= columns || !can_cut_columns))
        rows = fewer_rows;
      else if (can_cut_columns)
        columns = fewer_columns;
      else
        break;
    }
  }
};

template <typename T>
class BlockedProduct {
  using W = Wide<T>;

 public:
  explicit BlockedProduct(const Product<T>& product)
      : p_(product),
        blocking_(p_.m, p_.n, p_.k),
        reads_a_(can_read_a(product)),
        a_copy_(reads_a_ ? 0 : std::min(p_.m, blocking_.m) * blocking_.k),
        panel_copies_(blocking_.n * blocking_.k),
        sum_copies_(is_half_v<T> ? blocking_.m * blocking_.n : 0),
        panels_(panel_copies_.data()) {}

  void run() {
    for (row_ = 0; row_ < p_.m; row_ += blocking_.m)
      for (column_ = 0; column_ < p_.n; column_ += blocking_.n)
        for (depth_ = 0; depth_ < p_.k; depth_ += blocking_.k) multiply_block();
  }

 private:
  /// Whether A is read as it lies: when its rows are contiguous, unless they are a multiple of a
  /// page apart, which puts all into the same few places of the caches, and read often.
  static bool can_read_a(const Product<T>& p) {
    constexpr int64_t kPage = 4096, kOften = 4;
    return !is_half_v<T> && p.a.column_stride == 1 &&
           (p.a.row_stride * int64_t(sizeof(T)) % kPage != 0 || p.n <= kOften * kWideTile<W>);
  }

  void multiply_block() {
    m_ = std::min(blocking_.m, p_.m - row_);
    n_ = std::min(blocking_.n, p_.n - column_);
    k_ = std::min(blocking_.k, p_.k - depth_);
    set_left();
    set_sums();
    pack();
    const int64_t columns = part_count(n_, blocking_.columns);
    const int64_t tasks = part_count(m_, blocking_.rows) * columns;
    parallel_for(size_t(tasks), 1, [&](size_t task, size_t) {
      const int64_t row = int64_t(task) / columns * blocking_.rows;
      const int64_t column = int64_t(task) % columns * blocking_.columns;
      multiply_part(row, std::min(m_, row + blocking_.rows), column,
                    std::min(n_, column + blocking_.columns));
    });
  }

  void set_left() {
    if constexpr (!is_half_v<T>)
      if (reads_a_) {
        a_ = p_.a.from(row_, depth_);
        return;
      }
    a_ = {a_copy_.data(), k_, 1};
  }

  void set_sums() {
    if constexpr (is_half_v<T>) {
      sums_ = sum_copies_.data();
      sums_step_ = n_;
    } else {
      sums_ = p_.d + row_ * p_.d_row_stride + column_;
      sums_step_ = p_.d_row_stride;
    }
  }

  void pack() {
    constexpr int64_t kColumns = 4 * kWideTile<W>, kRows = 64;
    const int64_t rights = part_count(n_, kColumns), lefts = reads_a_ ? 0 : part_count(m_, kRows);
    parallel_for(size_t(rights + lefts), 1, [&](size_t unit, size_t) {
      if (int64_t(unit) < rights) {
        const int64_t j = int64_t(unit) * kColumns;
        pack_panels(p_.b.from(depth_, column_ + j), k_, std::min(kColumns, n_ - j),
                    panels_ + j * k_);
      } else {
        const int64_t i = (int64_t(unit) - rights) * kRows;
        pack_block(p_.a.from(row_ + i, depth_), std::min(kRows, m_ - i), k_,
                   a_copy_.data() + i * k_, k_);
      }
    });
  }

  void multiply_part(int64_t row, int64_t end_row, int64_t column, int64_t end_column) {
    multiply_rows<W>(row, end_row, end_column - column, k_, a_, {}, panels_ + column * k_,
                     sums_ + column, sums_step_, depth_ > 0);
    if (depth_ + k_ == p_.k && (is_half_v<T> || !p_.is_plain()))
      finish_block(p_, row_ + row, column_ + column, end_row - row, end_column - column,
                   sums_ + row * sums_step_ + column, sums_step_);
  }

  const Product<T>& p_;
  const Blocking<W> blocking_;
  const bool reads_a_;
  Scratch<W> a_copy_, panel_copies_, sum_copies_;
  W* const panels_;
  /// The block at hand.
  int64_t row_ = 0, column_ = 0, depth_ = 0, m_ = 0, n_ = 0, k_ = 0;
  MatrixView<W> a_ = {};
  W* sums_ = nullptr;
  int64_t sums_step_ = 0;
};

// Exporting needs functions that are no templates.
#define DEFINE(name, T) \
  void multiply_blocked_##name(const Product<T>& p) { BlockedProduct<T>(p).run(); }
DEFINE(float16, float16_t)
DEFINE(bfloat16, bfloat16_t)
DEFINE(float32, float)
DEFINE(float64, double)
#undef DEFINE

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

#define DISPATCH(name, T)                             \
  HWY_EXPORT(multiply_blocked_##name);                \
  template <>                                         \
  void multiply_blocked(const Product<T>& p) {        \
    HWY_DYNAMIC_DISPATCH(multiply_blocked_##name)(p); \
  }
DISPATCH(float16, float16_t)
DISPATCH(bfloat16, bfloat16_t)
DISPATCH(float32, float)
DISPATCH(float64, double)
#undef DISPATCH

template <typename T>
bool is_for_blocks(const Product<T>& p) {
#ifdef __APPLE__
  // Accelerate has the processor's matrix unit.
  (void)p;
  return false;
#else
  // Copies of B must be read by several tiles each to be worth making; in large products what the
  // BLAS copies twice counts less than its faster loop.
  constexpr int64_t kMinRows = 24, kMaxWork = int64_t(1) << 28;
  return p.m >= kMinRows && (is_half_v<T> || p.m * p.n * p.k <= kMaxWork || has_narrow_blas());
#endif
}

#define INSTANTIATE(T) template bool is_for_blocks(const Product<T>&);
INSTANTIATE(float16_t)
INSTANTIATE(bfloat16_t)
INSTANTIATE(float)
INSTANTIATE(double)
#undef INSTANTIATE

}  // namespace mlx::core::cpu
#endif
