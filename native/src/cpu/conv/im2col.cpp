#include <algorithm>
#include <cstring>
#include <memory>

#include "cpu/conv/geometry.h"
#include "cpu/copy/copy.h"
#include "cpu/elementwise/kernel.h"
#include "cpu/matmul/blas.h"
#include "cpu/matmul/gemm.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

// Floats of unrolled windows at a time, for the second-level cache.
constexpr int64_t block_floats = 1 << 16;
// Columns at a time, so that a block has rows enough to be worth a product.
constexpr int64_t block_columns = 4096;

/// An operand as row-contiguous float32, copied or converted only if it isn't already.
class ContiguousFloats {
 public:
  explicit ContiguousFloats(const StridedInput& a) {
    int64_t count = 1;
    bool contiguous = true;
    for (size_t d = a.shape.size(); d-- > 0;) {
      contiguous &= a.shape[d] == 1 || a.strides[d] == count;
      count *= a.shape[d];
    }
    const void* source = a.data;
    if (!contiguous) {
      copy_ = std::make_unique<Scratch<char>>(count * a.dtype.size());
      copy_contiguous(a.dtype.size(), a.shape, source, a.strides, copy_->data());
      source = copy_->data();
    }
    if (a.dtype != float32) {
      wide_ = std::make_unique<Scratch<float>>(count);
      auto* cast = find_cast_kernel(a.dtype, float32);
      float* to = wide_->data();
      parallel_for(size_t(count), 1 << 16, [&](size_t begin, size_t end) {
        cast(static_cast<const char*>(source) + begin * a.dtype.size(), nullptr, nullptr,
             to + begin, end - begin);
      });
      source = to;
    }
    data_ = static_cast<const float*>(source);
  }
  const float* data() const { return data_; }

 private:
  const float* data_;
  std::unique_ptr<Scratch<char>> copy_;
  std::unique_ptr<Scratch<float>> wide_;
};

/// Turns (c_out, taps, c) into one matrix (taps * c) x c_out a group, rows without gaps.
void transpose_weight(const float* weight, const Geometry& g, float* to) {
  int64_t columns = g.taps() * g.group_channels;
  for (int64_t group = 0; group < g.groups; ++group) {
    int32_t shape[] = {int32_t(columns), int32_t(g.group_outputs)};
    int64_t strides[] = {1, columns};
    copy_contiguous(sizeof(float), shape, weight + group * g.group_outputs * columns, strides,
                    to + group * g.group_outputs * columns);
  }
}

/// Unrolls windows: one row an output pixel, its taps one after another, channels innermost.
class Unroll {
 public:
  Unroll(const Geometry& g, const float* input, int64_t group)
      : g_(g), input_(input), first_channel_(group * g.group_channels) {
    // Then neighbours along the last axis lie one after another, and a line is one copy.
    lines_ = g.groups == 1 && g.kernel_dilation[2] == 1 && g.input_dilation[2] == 1 && !g.flip;
  }

  /// Taps [first, last) of one output pixel.
  void row(int64_t pixel, int64_t first, int64_t last, float* to) const {
    int64_t position[3];
    for (int d = 2; d >= 0; --d) {
      position[d] = pixel % g_.output[d];
      pixel /= g_.output[d];
    }
    const float* image = input_ + pixel * g_.input[0] * g_.input[1] * g_.input[2] * g_.channels;
    const int64_t width = g_.kernel[2], c = g_.group_channels;
    for (int64_t tap = first; tap < last;) {
      int64_t k2 = tap % width, k1 = tap / width % g_.kernel[1], k0 = tap / width / g_.kernel[1];
      int64_t count = std::min(width - k2, last - tap);
      int64_t i0 = g_.input_index(0, position[0], k0), i1 = g_.input_index(1, position[1], k1);
      if (i0 < 0 || i1 < 0) {
        std::fill_n(to, count * c, 0.0f);
      } else {
        line(image + (i0 * g_.input[1] + i1) * g_.input[2] * g_.channels, position[2], k2, count,
             to);
      }
      to += count * c;
      tap += count;
    }
  }

 private:
  /// `count` taps along the last axis, from tap k on.
  void line(const float* from, int64_t position, int64_t k, int64_t count, float* to) const {
    const int64_t c = g_.group_channels;
    if (lines_) {
      int64_t begin = position * g_.stride[2] + k - g_.padding[2];
      int64_t low = std::clamp<int64_t>(-begin, 0, count);
      int64_t high = std::clamp<int64_t>(g_.input[2] - begin, low, count);
      std::fill_n(to, low * c, 0.0f);
      if (high > low)
        std::memcpy(to + low * c, from + (begin + low) * c,
                    size_t((high - low) * c) * sizeof(float));
      std::fill_n(to + high * c, (count - high) * c, 0.0f);
      return;
    }
    for (int64_t i = 0; i < count; ++i, to += c) {
      int64_t at = g_.input_index(2, position, k + i);
      if (at < 0)
        std::fill_n(to, c, 0.0f);
      else
        std::memcpy(to, from + at * g_.channels + first_channel_, size_t(c) * sizeof(float));
    }
  }

  const Geometry& g_;
  const float* input_;
  int64_t first_channel_;
  bool lines_;
};

/// out (+)= a @ b on the calling thread, which shares out whole blocks.
void multiply(int64_t m, int64_t n, int64_t k, const MatrixView<float>& a,
              const MatrixView<float>& b, float* out, int64_t ld, bool accumulate) {
  if (accumulate) return blas_gemm(m, n, k, a, b, out, ld, true);
  gemm({.dtype = float32,
        .m = m,
        .n = n,
        .k = k,
        .a = {a.data, a.row_stride, a.column_stride},
        .b = {b.data, b.row_stride, b.column_stride},
        .d = out,
        .d_row_stride = ld});
}

void round_rows(const float* from, int64_t rows, int64_t columns, void* to, int64_t ld,
                Dtype dtype) {
  auto* cast = find_cast_kernel(float32, dtype);
  for (int64_t r = 0; r < rows; ++r)
    cast(from + r * columns, nullptr, nullptr, static_cast<uint16_t*>(to) + r * ld,
         size_t(columns));
}

}  // namespace

void conv_im2col(const StridedInput& input, const StridedInput& weight, const Geometry& g,
                 const StridedOutput& output) {
  ContiguousFloats x(input), w(weight);
  const int64_t c = g.group_channels, columns = g.taps() * c, outputs = g.group_outputs;
  Scratch<float> matrices(g.outputs * columns);
  transpose_weight(w.data(), g, matrices.data());

  const int64_t block_taps = std::clamp<int64_t>(block_columns / std::max<int64_t>(c, 1), 1,
                                                 std::max<int64_t>(g.taps(), 1));
  const int64_t rows =
      std::clamp<int64_t>(block_floats / std::max<int64_t>(block_taps * c, 1), 16, 512);
  const int64_t pixels = g.output_pixels(), blocks = (pixels + rows - 1) / rows;
  const bool half = output.dtype != float32;

  parallel_for(size_t(blocks * g.groups), 1, [&](size_t begin, size_t end) {
    Scratch<float> windows(rows * block_taps * c), wide(half ? rows * outputs : 0);
    for (int64_t index = int64_t(begin); index < int64_t(end); ++index) {
      int64_t group = index / blocks, first = index % blocks * rows;
      int64_t count = std::min(rows, pixels - first);
      int64_t place = first * g.outputs + group * outputs;
      float* sums = half ? wide.data() : static_cast<float*>(output.data) + place;
      int64_t ld = half ? outputs : g.outputs;
      if (columns == 0)
        for (int64_t r = 0; r < count; ++r) std::fill_n(sums + r * ld, outputs, 0.0f);
      Unroll unroll(g, x.data(), group);
      const float* matrix = matrices.data() + group * outputs * columns;
      for (int64_t tap = 0; tap < g.taps() && c > 0; tap += block_taps) {
        int64_t taps = std::min(block_taps, g.taps() - tap);
        for (int64_t r = 0; r < count; ++r)
          unroll.row(first + r, tap, tap + taps, windows.data() + r * taps * c);
        multiply(count, outputs, taps * c, {windows.data(), taps * c, 1},
                 {matrix + tap * c * outputs, outputs, 1}, sums, ld, tap > 0);
      }
      if (half)
        round_rows(sums, count, outputs, static_cast<uint16_t*>(output.data) + place, g.outputs,
                   output.dtype);
    }
  });
}

void weight_gradient_im2col(const StridedInput& input, const StridedInput& cotangent,
                            const Geometry& g, const StridedOutput& gradient) {
  ContiguousFloats x(input), dy(cotangent);
  const int64_t c = g.group_channels, columns = g.taps() * c, outputs = g.group_outputs;
  const int64_t rows = std::clamp<int64_t>(block_floats / columns, 8, 512);
  const int64_t pixels = g.output_pixels(), size = g.outputs * columns;
  // Parts of the pixels are summed apart, for the threads to share, and added in order.
  const int64_t part = std::max((pixels + 7) / 8, rows);
  const int64_t parts = std::max<int64_t>((pixels + part - 1) / part, 1);
  Scratch<float> sums(parts * size);

  parallel_for(size_t(parts * g.groups), 1, [&](size_t begin, size_t end) {
    Scratch<float> windows(rows * columns);
    for (int64_t index = int64_t(begin); index < int64_t(end); ++index) {
      int64_t group = index % g.groups, p = index / g.groups;
      float* sum = sums.data() + p * size + group * outputs * columns;
      std::fill_n(sum, outputs * columns, 0.0f);
      Unroll unroll(g, x.data(), group);
      int64_t last = std::min(pixels, (p + 1) * part);
      for (int64_t first = p * part; first < last; first += rows) {
        int64_t count = std::min(rows, last - first);
        for (int64_t r = 0; r < count; ++r)
          unroll.row(first + r, 0, g.taps(), windows.data() + r * columns);
        const float* from = dy.data() + first * g.outputs + group * outputs;
        blas_gemm<float>(outputs, columns, count, {from, 1, g.outputs},
                         {windows.data(), columns, 1}, sum, columns, true);
      }
    }
  });
  for (int64_t p = 1; p < parts; ++p)
    for (int64_t i = 0; i < size; ++i) sums.data()[i] += sums.data()[p * size + i];
  if (gradient.dtype == float32)
    std::copy_n(sums.data(), size, static_cast<float*>(gradient.data));
  else
    round_rows(sums.data(), 1, size, gradient.data, size, gradient.dtype);
}

}  // namespace mlx::core::cpu
