#include "cpu/reduce/accumulate.h"

#include <algorithm>
#include <cstdlib>

#include "array/dtype_dispatch.h"

namespace mlx::core::cpu {
namespace {

/// Rows that aren't contiguous are gathered a block at a time, so that kernels see plain memory.
template <typename Bits>
void accumulate_strided_rows(const ReduceKernel& kernel, const Bits* in, int64_t outputs,
                             int64_t output_stride, int64_t length, int64_t step, int64_t first,
                             std::byte* states) {
  constexpr int64_t kBlock = 512;
  Bits block[kBlock];
  for (int64_t o = 0; o < outputs; ++o, states += kernel.state_size) {
    const Bits* row = in + o * output_stride;
    for (int64_t i = 0; i < length; i += kBlock) {
      int64_t count = std::min(kBlock, length - i);
      for (int64_t k = 0; k < count; ++k) block[k] = row[(i + k) * step];
      kernel.rows(block, 1, 0, count, first + i, states);
    }
  }
}

/// The same for columns: eight rows of a strip of outputs.
template <typename Bits>
void accumulate_strided_columns(const ReduceKernel& kernel, const Bits* in, int64_t outputs,
                                int64_t output_stride, int64_t length, int64_t step, int64_t first,
                                std::byte* states) {
  constexpr int64_t kRows = 8, kStrip = 128;
  Bits block[kRows * kStrip];
  for (int64_t o = 0; o < outputs; o += kStrip) {
    int64_t width = std::min(kStrip, outputs - o);
    for (int64_t i = 0; i < length; i += kRows) {
      int64_t rows = std::min(kRows, length - i);
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t k = 0; k < width; ++k)
          block[r * kStrip + k] = in[(o + k) * output_stride + (i + r) * step];
      kernel.columns(block, width, rows, kStrip, first + i, states + size_t(o) * kernel.state_size);
    }
  }
}

}  // namespace

void accumulate(const ReduceKernel& kernel, const std::byte* in, size_t itemsize, int64_t outputs,
                int64_t output_stride, int64_t length, int64_t step, int64_t first,
                std::byte* states) {
  // Fewer columns than this are faster one at a time.
  constexpr int64_t kMinColumns = 16;
  bool by_rows = outputs < kMinColumns || std::abs(output_stride) >= std::abs(step);
  if (step == 1 || length == 1) {
    kernel.rows(in, outputs, output_stride, length, first, states);
  } else if (output_stride == 1 && !by_rows) {
    kernel.columns(in, outputs, length, step, first, states);
  } else {
    dispatch_width(itemsize, [&](auto tag) {
      auto bits = reinterpret_cast<const typename decltype(tag)::type*>(in);
      auto strided = by_rows ? accumulate_strided_rows<typename decltype(tag)::type>
                             : accumulate_strided_columns<typename decltype(tag)::type>;
      strided(kernel, bits, outputs, output_stride, length, step, first, states);
    });
  }
}

}  // namespace mlx::core::cpu
