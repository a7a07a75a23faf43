#include "cpu/quantized/quantized_matmul.h"

#include <algorithm>

#include "array/dtype_dispatch.h"
#include "cpu/matmul/gemm.h"
#include "cpu/matmul/widen.h"
#include "cpu/quantized/fixed_point.h"
#include "cpu/quantized/word_rows.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// With more rows of x than this it is faster to dequantize once for all.
constexpr int64_t kFewRows = 8;

int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Sums of x over each group, for the biases.
void sum_groups(const float* x, int64_t groups, int64_t size, float* sums) {
  // Groups are whole numbers of lanes, each summed by itself so that none waits for another.
  constexpr int64_t kLanes = 16;
  for (int64_t g = 0; g < groups; ++g, x += size) {
    float lanes[kLanes] = {};
    for (int64_t i = 0; i < size; i += kLanes)
      for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += x[i + lane];
    for (int64_t width = kLanes / 2; width > 0; width /= 2)
      for (int64_t lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
    sums[g] = lanes[0];
  }
  std::fill_n(sums + groups, kGroupPadding, 0.0f);
}

/// Rows of w that one task multiplies.
size_t row_grain(int64_t columns) {
  constexpr int64_t kTaskElements = 1 << 18;
  return size_t(std::max<int64_t>(1, kTaskElements / columns));
}

/// out = x @ w^T for one row x in fixed point, or false where that can't be done.
bool multiply_in_fixed_point(const float* x, const QuantizedMatrix& w, float* out) {
  const int64_t columns = w.columns, groups = w.groups(), group_size = w.format.group_size;
  if (!has_fixed_point_products(w.format, columns)) return false;
  const int64_t padded_groups = groups + kGroupPadding;
  Scratch<int8_t> digits(kFixedPointDigits * columns);
  Scratch<float> memory(2 * padded_groups);
  const FixedPointVector vector{digits.data(), memory.data()};
  if (!to_fixed_point(x, columns, group_size, vector)) return false;
  float* group_sums = memory.data() + padded_groups;
  sum_groups(x, groups, group_size, group_sums);
  parallel_for(size_t(w.rows), row_grain(columns), [&](size_t begin, size_t end) {
    WordRows rows(w, columns);
    for (int64_t first = int64_t(begin); first < int64_t(end); first += kWordRows) {
      const int64_t row_count = std::min(kWordRows, int64_t(end) - first);
      WordRow pieces[kWordRows];
      for (int64_t r = 0; r < row_count; ++r) pieces[r] = rows.read(first + r, 0, columns, r);
      dot_fixed_point(group_size, pieces, row_count, columns, vector, group_sums, out + first);
    }
  });
  return true;
}

/// out = x @ w^T for a few rows of x: dot products with rows of words.
void multiply_rows(const float* x, int64_t m, const QuantizedMatrix& w, float* out) {
  if (m == 1 && multiply_in_fixed_point(x, w, out)) return;
  const int64_t columns = w.columns, groups = w.groups();
  const WordFormat format = word_format(w.format);
  const WordOrder order = word_order(format.kind);
  const int64_t stride = order.size(columns), group_stride = groups + kGroupPadding;
  Scratch<float> memory(m * (stride + group_stride));
  float *ordered = memory.data(), *group_sums = ordered + m * stride;
  for (int64_t v = 0; v < m; ++v) {
    order.scatter(x + v * columns, columns, ordered + v * stride);
    sum_groups(x + v * columns, groups, w.format.group_size, group_sums + v * group_stride);
  }
  const int64_t words = columns / codes_in_word(format.kind);
  parallel_for(size_t(w.rows), row_grain(columns), [&](size_t begin, size_t end) {
    WordRows rows(w, columns);
    for (int64_t first = int64_t(begin); first < int64_t(end); first += kWordRows) {
      const int64_t row_count = std::min(kWordRows, int64_t(end) - first);
      WordRow pieces[kWordRows];
      for (int64_t r = 0; r < row_count; ++r) pieces[r] = rows.read(first + r, 0, columns, r);
      for (int64_t v = 0; v < m; v += kMaxWordVectors) {
        const int64_t count = std::min(kMaxWordVectors, m - v);
        float sums[kWordRows * kMaxWordVectors];
        dot_words(
            format, pieces, row_count, words,
            {ordered + v * stride, stride, group_sums + v * group_stride, group_stride, count},
            sums);
        for (int64_t r = 0; r < row_count; ++r)
          for (int64_t i = 0; i < count; ++i)
            out[(v + i) * w.rows + first + r] = sums[r * kMaxWordVectors + i];
      }
    }
  });
}

/// out = x @ w for a few rows of x: rows of words are added up, in segments of columns and parts of
/// the rows, whose sums are added in order.
void multiply_columns(const float* x, int64_t m, const QuantizedMatrix& w, float* out) {
  // A segment is a whole number of groups and of blocks of words on every machine.
  constexpr int64_t kSegment = 512, kPart = 1024;
  const WordFormat format = word_format(w.format);
  const WordOrder order = word_order(format.kind);
  const int64_t segments = ceil_divide(w.columns, kSegment), parts = ceil_divide(w.rows, kPart);
  Scratch<float> sums(parts * m * w.columns);
  parallel_for(size_t(segments * parts), 1, [&](size_t task, size_t) {
    const int64_t column = int64_t(task) % segments * kSegment;
    const int64_t part = int64_t(task) / segments;
    const int64_t columns = std::min(kSegment, w.columns - column);
    const int64_t groups = columns / w.format.group_size, size = order.size(columns);
    const int64_t words = columns / codes_in_word(format.kind);
    const int64_t end = std::min(w.rows, (part + 1) * kPart);
    WordRows rows(w, columns);
    Scratch<float> memory(m * (size + groups));
    float *ordered = memory.data(), *bias_sums = ordered + m * size;
    std::fill_n(ordered, m * (size + groups), 0.0f);
    for (int64_t row = part * kPart; row < end; row += kWordRows) {
      const int64_t count = std::min(kWordRows, end - row);
      WordRow pieces[kWordRows];
      for (int64_t r = 0; r < count; ++r) pieces[r] = rows.read(row + r, column, columns, r);
      for (int64_t v = 0; v < m; ++v) {
        const float* factors = x + v * w.rows + row;
        add_words(format, pieces, count, words, factors, ordered + v * size);
        for (int64_t r = 0; w.format.is_affine() && r < count; ++r)
          for (int64_t g = 0; g < groups; ++g)
            bias_sums[v * groups + g] += factors[r] * pieces[r].biases[g];
      }
    }
    for (int64_t v = 0; v < m; ++v) {
      float* to = sums.data() + (part * m + v) * w.columns + column;
      order.gather(ordered + v * size, columns, to);
      for (int64_t i = 0; i < columns; ++i)
        to[i] += bias_sums[v * groups + i / w.format.group_size];
    }
  });
  std::copy_n(sums.data(), m * w.columns, out);
  for (int64_t part = 1; part < parts; ++part)
    for (int64_t i = 0; i < m * w.columns; ++i) out[i] += sums.data()[part * m * w.columns + i];
}

/// Blocks of outputs are dequantized and multiplied as float32.
void multiply_dequantized(const float* x, int64_t m, const QuantizedMatrix& w, bool transpose,
                          float* out) {
  constexpr int64_t kBlock = 256;
  const int64_t inner = transpose ? w.columns : w.rows;
  const int64_t outputs = transpose ? w.rows : w.columns;
  Scratch<float> numbers(std::min(kBlock, outputs) * inner);
  for (int64_t begin = 0; begin < outputs; begin += kBlock) {
    const int64_t count = std::min(kBlock, outputs - begin);
    const int64_t rows = transpose ? count : inner, columns = transpose ? inner : count;
    constexpr int64_t kTaskElements = 32768;
    parallel_for(size_t(rows), size_t(std::max<int64_t>(1, kTaskElements / columns)),
                 [&](size_t first, size_t last) {
                   for (int64_t row = int64_t(first); row < int64_t(last); ++row)
                     dequantize_row(w, transpose ? begin + row : row, transpose ? 0 : begin,
                                    columns, numbers.data() + row * columns);
                 });
    gemm({.dtype = float32,
          .m = m,
          .n = count,
          .k = inner,
          .a = {.data = x, .row_stride = inner, .column_stride = 1, .batch_strides = {}},
          .b = {.data = numbers.data(),
                .row_stride = transpose ? 1 : columns,
                .column_stride = transpose ? columns : 1,
                .batch_strides = {}},
          .d = out + begin,
          .d_row_stride = outputs});
  }
}

template <typename T>
void multiply(int64_t m, bool transpose, const QuantizedProduct& product) {
  const QuantizedMatrix& w = product.w;
  const int64_t inner = transpose ? w.columns : w.rows;
  const int64_t outputs = transpose ? w.rows : w.columns;
  constexpr bool kHalf = is_half_v<T>;
  Scratch<float> wide(kHalf ? m * inner : 0), sums(kHalf ? m * outputs : 0);
  const float* x;
  float* out;
  if constexpr (kHalf) {
    widen(static_cast<const T*>(product.x), m * inner, wide.data());
    x = wide.data();
    out = sums.data();
  } else {
    x = static_cast<const float*>(product.x);
    out = static_cast<float*>(product.out);
  }
  if (inner == 0)
    std::fill_n(out, m * outputs, 0.0f);
  else if (m > kFewRows)
    multiply_dequantized(x, m, w, transpose, out);
  else
    (transpose ? multiply_rows : multiply_columns)(x, m, w, out);
  if constexpr (kHalf) narrow(out, m * outputs, static_cast<T*>(product.out));
}

template <typename T>
void multiply_all(int64_t m, bool transpose, std::span<const QuantizedProduct> products) {
  // Many products are shared out whole; each of a few is shared out itself.
  constexpr size_t kMany = 16;
  auto multiply_some = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) multiply<T>(m, transpose, products[i]);
  };
  if (products.size() < kMany)
    multiply_some(0, products.size());
  else
    parallel_for(products.size(), 1, multiply_some);
}

}  // namespace

void multiply_quantized(Dtype dtype, int64_t m, bool transpose,
                        std::span<const QuantizedProduct> products) {
  if (dtype == float16)
    multiply_all<float16_t>(m, transpose, products);
  else if (dtype == bfloat16)
    multiply_all<bfloat16_t>(m, transpose, products);
  else
    multiply_all<float>(m, transpose, products);
}

}  // namespace mlx::core::cpu
