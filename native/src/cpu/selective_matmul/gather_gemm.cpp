#include "cpu/selective_matmul/gather_gemm.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <vector>

#include "cpu/copy/copy.h"
#include "cpu/matmul/scratch.h"
#include "cpu/selective_matmul/parts.h"

namespace mlx::core::cpu {
namespace {

/// With so many rows a matrix fills the kernels by itself.
constexpr int64_t kTallEnough = 32;
/// Rows that are laid side by side at most, which bounds the scratch memory.
constexpr int64_t kMostRows = 4096;

/// Positions that meet one matrix of B: order[begin, end).
struct Group {
  int64_t begin, end;
};

class GatherGemm {
 public:
  explicit GatherGemm(const GatherGemmArgs& args) : args_(args), order_(args.a_offsets.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    int64_t most =
        args.m < kTallEnough ? std::max<int64_t>(1, kMostRows / std::max<int64_t>(1, args.m)) : 1;
    if (most > 1)
      std::stable_sort(order_.begin(), order_.end(),
                       [&](int64_t i, int64_t j) { return b_offset(i) < b_offset(j); });
    for (int64_t i = 0; i < int64_t(order_.size()); ++i) {
      bool joins = !groups_.empty() && i - groups_.back().begin < most &&
                   b_offset(order_[size_t(i)]) == b_offset(order_[size_t(i) - 1]);
      if (joins)
        groups_.back().end = i + 1;
      else
        groups_.push_back({i, i + 1});
    }
  }

  void run() {
    run_products(int64_t(groups_.size()), args_.m * args_.n * args_.k,
                 [&](int64_t i) { multiply(groups_[size_t(i)]); });
  }

 private:
  int64_t b_offset(int64_t position) const { return args_.b_offsets[size_t(position)]; }
  size_t itemsize() const { return size_of(args_.dtype); }
  const void* a_at(int64_t position) const {
    return element(args_.a.data, args_.a_offsets[size_t(position)], itemsize());
  }
  char* d_at(int64_t position) const {
    return element(static_cast<char*>(args_.d), position * args_.m * args_.n, itemsize());
  }

  void multiply(const Group& group) const {
    int64_t first = order_[size_t(group.begin)], count = group.end - group.begin;
    GemmArgs product{.dtype = args_.dtype,
                     .m = count * args_.m,
                     .n = args_.n,
                     .k = args_.k,
                     .a = {a_at(first), args_.a.row_stride, args_.a.column_stride, {}},
                     .b = {element(args_.b.data, b_offset(first), itemsize()),
                           args_.b.row_stride,
                           args_.b.column_stride,
                           {}},
                     .d = d_at(first),
                     .d_row_stride = args_.n};
    if (count == 1) return gemm(product);
    bool rows_follow = true, results_follow = true;
    for (int64_t i = group.begin + 1; i < group.end; ++i) {
      int64_t before = order_[size_t(i) - 1], position = order_[size_t(i)];
      results_follow &= position == before + 1;
      rows_follow &= args_.a_offsets[size_t(position)] - args_.a_offsets[size_t(before)] ==
                     args_.m * args_.a.row_stride;
    }
    if (args_.m == 1 && !rows_follow) rows_follow = use_even_steps(group, product);
    std::optional<Scratch<char>> rows;
    if (!rows_follow) {
      rows.emplace(product.m * args_.k * int64_t(itemsize()));
      pack_rows(group, rows->data());
      product.a = {rows->data(), args_.k, 1, {}};
    }
    if (results_follow) return gemm(product);
    Scratch<char> results(product.m * args_.n * int64_t(itemsize()));
    product.d = results.data();
    gemm(product);
    size_t bytes = size_t(args_.m * args_.n) * itemsize();
    for (int64_t i = group.begin; i < group.end; ++i)
      std::memcpy(d_at(order_[size_t(i)]), results.data() + size_t(i - group.begin) * bytes, bytes);
  }

  /// Single rows at any even distance are a matrix, too.
  bool use_even_steps(const Group& group, GemmArgs& product) const {
    auto offset = [&](int64_t i) { return args_.a_offsets[size_t(order_[size_t(i)])]; };
    int64_t step = offset(group.begin + 1) - offset(group.begin);
    for (int64_t i = group.begin + 2; i < group.end; ++i)
      if (offset(i) - offset(i - 1) != step) return false;
    product.a.row_stride = step;
    return true;
  }

  void pack_rows(const Group& group, char* rows) const {
    const int32_t shape[] = {int32_t(args_.m), int32_t(args_.k)};
    const int64_t from[] = {args_.a.row_stride, args_.a.column_stride};
    size_t bytes = size_t(args_.m * args_.k) * itemsize();
    for (int64_t i = group.begin; i < group.end; ++i, rows += bytes)
      copy_contiguous(itemsize(), shape, a_at(order_[size_t(i)]), from, rows);
  }

  const GatherGemmArgs& args_;
  /// Positions in the order in which they are multiplied.
  std::vector<int64_t> order_;
  std::vector<Group> groups_;
};

}  // namespace

void gather_gemm(const GatherGemmArgs& args) {
  if (args.m == 0 || args.n == 0 || args.a_offsets.empty()) return;
  GatherGemm(args).run();
}

}  // namespace mlx::core::cpu
