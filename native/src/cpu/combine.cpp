#include "primitives/combine.h"

#include <algorithm>
#include <utility>

#include "array/dtype_table.h"
#include "cpu/elementwise/kernel.h"

namespace mlx::core::cpu {

namespace {

/// Elements whose intermediate values stay in the first-level cache.
constexpr size_t block_size = 1024;

const char* at(const void* run, size_t bytes) { return static_cast<const char*>(run) + bytes; }

void combine_halves(ElementwiseKernel kernel, Dtype dtype, std::span<const void* const> runs,
                    void* result, size_t begin, size_t n) {
  auto widen = find_cast_kernel(dtype.val(), Dtype::Val::float32);
  auto narrow = find_cast_kernel(Dtype::Val::float32, dtype.val());
  float total[block_size], next[block_size];
  const size_t offset = begin * dtype.size();
  widen(at(runs[0], offset), nullptr, nullptr, total, n);
  for (auto* run : runs.subspan(1)) {
    widen(at(run, offset), nullptr, nullptr, next, n);
    kernel(total, next, nullptr, total, n);
  }
  narrow(total, nullptr, nullptr, static_cast<char*>(result) + offset, n);
}

void combine_block(ElementwiseKernel kernel, size_t item_size, std::span<const void* const> runs,
                   void* result, size_t begin, size_t n) {
  // Runs after the first may be where the result goes, so it is collected elsewhere.
  alignas(16) std::byte total[block_size * 8];
  const size_t offset = begin * item_size;
  const void* left = at(runs[0], offset);
  for (size_t i = 1; i < runs.size(); ++i) {
    bool is_last = i + 1 == runs.size();
    void* target = is_last ? static_cast<char*>(result) + offset : static_cast<void*>(total);
    kernel(left, at(runs[i], offset), nullptr, target, n);
    left = target;
  }
  if (runs.size() == 1 && result != runs[0])
    std::copy_n(at(runs[0], offset), n * item_size, static_cast<char*>(result) + offset);
}

}  // namespace

void combine(ElementwiseOp op, Dtype dtype, std::span<const void* const> runs, void* result,
             size_t n) {
  const auto compute = is_half(dtype) ? Dtype::Val::float32 : dtype.val();
  auto kernel = find_kernel(op, compute, compute);
  for (size_t begin = 0; begin < n; begin += block_size) {
    const size_t count = std::min(block_size, n - begin);
    if (is_half(dtype))
      combine_halves(kernel, dtype, runs, result, begin, count);
    else
      combine_block(kernel, dtype.size(), runs, result, begin, count);
  }
}

}  // namespace mlx::core::cpu
