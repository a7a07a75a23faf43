#include <algorithm>
#include <array>

#include "array/dtype_dispatch.h"
#include "cpu/elementwise/kernel.h"
#include "cpu/matmul/scratch.h"
#include "cpu/quantized/codes.h"
#include "cpu/quantized/quantized_matrix.h"
#include "cpu/quantized/small_floats.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

using Table = std::array<float, 256>;

template <typename F>
Table make_table(F&& value) {
  Table table;
  for (int i = 0; i < 256; ++i) table[size_t(i)] = value(uint8_t(i));
  return table;
}

const Table& e4m3_table() {
  static const Table table = make_table(e4m3_to_float);
  return table;
}
const Table& e8m0_table() {
  static const Table table = make_table(e8m0_to_float);
  return table;
}
const Table& e2m1_table() {
  static const Table table =
      make_table([](uint8_t code) { return 0.5f * float(kE2m1Halves[code & 15]); });
  return table;
}

void widen(Dtype dtype, const void* from, int64_t begin, int64_t count, float* out) {
  auto at = static_cast<const char*>(from) + begin * dtype.size();
  find_cast_kernel(dtype, Dtype::Val::float32)(at, nullptr, nullptr, out, size_t(count));
}

int64_t rows_of_task(int64_t columns) {
  constexpr int64_t kTaskElements = 32768;
  return std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, columns));
}

}  // namespace

void QuantizedMatrix::load_scales(int64_t row, int64_t group, int64_t count, float* out) const {
  const int64_t begin = row * groups() + group;
  if (format.is_affine()) return widen(parameter_dtype, scales, begin, count, out);
  const Table& table = format.mode == QuantizationMode::nvfp4 ? e4m3_table() : e8m0_table();
  auto from = static_cast<const uint8_t*>(scales) + begin;
  for (int64_t i = 0; i < count; ++i) out[i] = table[from[i]];
}

void QuantizedMatrix::load_biases(int64_t row, int64_t group, int64_t count, float* out) const {
  widen(parameter_dtype, biases, row * groups() + group, count, out);
}

void dequantize_row(const QuantizedMatrix& matrix, int64_t row, int64_t column, int64_t count,
                    float* out) {
  // A piece of a row at a time, so that nothing is allocated.
  constexpr int64_t kPiece = 512;
  uint8_t codes[kPiece];
  float scales[kPiece / 16], biases[kPiece / 16];
  const Quantization& format = matrix.format;
  const Table& table = format.mode == QuantizationMode::mxfp8 ? e4m3_table() : e2m1_table();
  for (; count > 0; count -= kPiece, column += kPiece, out += kPiece) {
    const int64_t piece = std::min(count, kPiece), size = format.group_size;
    unpack_codes(format.bits, matrix.row_codes(row) + column * format.bits / 8, piece, codes);
    matrix.load_scales(row, column / size, piece / size, scales);
    if (format.is_affine()) matrix.load_biases(row, column / size, piece / size, biases);
    for (int64_t g = 0; g < piece / size; ++g) {
      const uint8_t* from = codes + g * size;
      float* to = out + g * size;
      const float scale = scales[g];
      if (format.is_affine()) {
        const float bias = biases[g];
        for (int64_t i = 0; i < size; ++i) to[i] = float(from[i]) * scale + bias;
      } else {
        for (int64_t i = 0; i < size; ++i) to[i] = table[from[i]] * scale;
      }
    }
  }
}

void dequantize(const QuantizedMatrix& matrix, Dtype dtype, void* out) {
  const int64_t columns = matrix.columns;
  const auto cast = find_cast_kernel(Dtype::Val::float32, dtype);
  parallel_for(size_t(matrix.rows), size_t(rows_of_task(columns)), [&](size_t begin, size_t end) {
    Scratch<float> numbers(dtype == float32 ? 0 : columns);
    for (size_t row = begin; row < end; ++row) {
      auto to = static_cast<char*>(out) + int64_t(row) * columns * dtype.size();
      if (dtype == float32) {
        dequantize_row(matrix, int64_t(row), 0, columns, reinterpret_cast<float*>(to));
      } else {
        dequantize_row(matrix, int64_t(row), 0, columns, numbers.data());
        cast(numbers.data(), nullptr, nullptr, to, size_t(columns));
      }
    }
  });
}

void to_fp8(Dtype dtype, const void* in, int64_t count, uint8_t* out) {
  dispatch_float(dtype, [&](auto tag) {
    auto from = static_cast<const typename decltype(tag)::type*>(in);
    parallel_for(size_t(count), size_t(rows_of_task(1)), [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) out[i] = float_to_e4m3(float(from[i]));
    });
  });
}

void from_fp8(const uint8_t* in, int64_t count, Dtype dtype, void* out) {
  const Table& table = e4m3_table();
  dispatch_float(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    parallel_for(size_t(count), size_t(rows_of_task(1)), [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) static_cast<T*>(out)[i] = T(table[in[i]]);
    });
  });
}

}  // namespace mlx::core::cpu
