#include <algorithm>
#include <cmath>
#include <limits>

#include "array/dtype_dispatch.h"
#include "cpu/matmul/scratch.h"
#include "cpu/quantized/codes.h"
#include "cpu/quantized/quantized_matrix.h"
#include "cpu/quantized/small_floats.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// A scale for all groups is the largest element: with it a group's scale is this times smaller.
constexpr float kGlobalRange = 6 * 448;

/// To the nearest integer, ties to even; for numbers below 2^22 in size.
float round_small(float x) {
  constexpr float large = 0x1.8p23f;
  return (x + large) - large;
}

struct AffineGroup {
  float scale, bias;
};

AffineGroup quantize_affine(const float* w, int64_t size, int bits, uint8_t* codes) {
  const float levels = float((1 << bits) - 1);
  float least = w[0], most = w[0];
  for (int64_t i = 1; i < size; ++i) {
    least = std::min(least, w[i]);
    most = std::max(most, w[i]);
  }
  // Zero shall be a code, so the end that is farther from it is held exactly.
  float scale = std::max((most - least) / levels, 1e-7f);
  const bool low = std::fabs(least) > std::fabs(most);
  const float edge = low ? least : most;
  if (!low) scale = -scale;
  const float steps = std::rint(edge / scale);
  const float bias = steps != 0 ? edge : 0;
  if (steps != 0) scale = edge / steps;
  for (int64_t i = 0; i < size; ++i) {
    // NaN becomes 0.
    const float code = (w[i] - bias) / scale;
    codes[i] = uint8_t(round_small(code > 0 ? std::min(code, levels) : 0.0f));
  }
  return {scale, bias};
}

float largest_size(const float* w, int64_t size) {
  float largest = 0;
  for (int64_t i = 0; i < size; ++i) {
    const float x = std::fabs(w[i]);
    if (x > largest || std::isnan(x)) largest = x;
  }
  return largest;
}

/// Codes of one group; returns the code of its scale.
uint8_t quantize_floats(QuantizationMode mode, const float* w, int64_t size,
                        const float* global_scale, uint8_t* codes) {
  const float largest = largest_size(w, size);
  uint8_t scale_code;
  float scale;
  if (mode == QuantizationMode::nvfp4) {
    const float factor = largest / 6;
    scale_code = float_to_e4m3(global_scale ? factor * kGlobalRange / *global_scale : factor);
    scale = e4m3_to_float(scale_code) * (global_scale ? *global_scale / kGlobalRange : 1);
  } else {
    scale_code = float_to_e8m0(largest / (mode == QuantizationMode::mxfp8 ? 448.0f : 6.0f));
    scale = e8m0_to_float(scale_code);
  }
  for (int64_t i = 0; i < size; ++i) {
    // All elements of a group whose scale vanished become 0.
    const float x = scale == 0 ? 0 : w[i] / scale;
    codes[i] = mode == QuantizationMode::mxfp8 ? float_to_e4m3(x) : float_to_e2m1(x);
  }
  return scale_code;
}

/// One row after another, as float32.
template <typename F>
void for_each_row(Dtype dtype, const void* w, int64_t rows, int64_t columns, F&& body) {
  constexpr int64_t kTaskElements = 16384;
  const size_t grain = size_t(std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, columns)));
  dispatch_float(dtype, [&](auto tag) {
    auto from = static_cast<const typename decltype(tag)::type*>(w);
    parallel_for(size_t(rows), grain, [&](size_t begin, size_t end) {
      Scratch<float> numbers(columns);
      Scratch<uint8_t> codes(columns);
      for (int64_t row = int64_t(begin); row < int64_t(end); ++row) {
        for (int64_t i = 0; i < columns; ++i) numbers.data()[i] = float(from[row * columns + i]);
        body(row, numbers.data(), codes.data());
      }
    });
  });
}

/// Stores a number in the dtype.
void store(Dtype dtype, float value, int64_t i, void* out) {
  dispatch_float(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    static_cast<T*>(out)[i] = T(value);
  });
}

}  // namespace

void quantize(const Quantization& format, Dtype dtype, const void* w, int64_t rows, int64_t columns,
              const float* global_scale, void* codes, void* scales, void* biases) {
  const int64_t size = format.group_size, groups = columns / size;
  for_each_row(dtype, w, rows, columns, [&](int64_t row, const float* numbers, uint8_t* bytes) {
    for (int64_t g = 0; g < groups; ++g) {
      const float* group = numbers + g * size;
      if (format.is_affine()) {
        const auto [scale, bias] = quantize_affine(group, size, format.bits, bytes + g * size);
        store(dtype, scale, row * groups + g, scales);
        store(dtype, bias, row * groups + g, biases);
      } else {
        static_cast<uint8_t*>(scales)[row * groups + g] =
            quantize_floats(format.mode, group, size, global_scale, bytes + g * size);
      }
    }
    pack_codes(format.bits, bytes, columns,
               static_cast<uint8_t*>(codes) + row * columns * format.bits / 8);
  });
}

void round_to_quantized(const Quantization& format, Dtype dtype, const void* in, int64_t rows,
                        int64_t columns, const float* global_scale, void* out) {
  const int64_t size = format.group_size, groups = columns / size;
  const bool has_e4m3_scales = format.mode == QuantizationMode::nvfp4;
  const float global = global_scale ? *global_scale / kGlobalRange : 1;
  for_each_row(dtype, in, rows, columns, [&](int64_t row, float* numbers, uint8_t* bytes) {
    for (int64_t g = 0; g < groups; ++g) {
      float* group = numbers + g * size;
      const uint8_t code = quantize_floats(format.mode, group, size, global_scale, bytes);
      const float scale = has_e4m3_scales ? e4m3_to_float(code) * global : e8m0_to_float(code);
      for (int64_t i = 0; i < size; ++i)
        group[i] = scale * (format.bits == 8 ? e4m3_to_float(bytes[i])
                                             : 0.5f * float(kE2m1Halves[bytes[i]]));
    }
    dispatch_float(dtype, [&](auto tag) {
      using T = typename decltype(tag)::type;
      std::copy_n(numbers, columns, static_cast<T*>(out) + row * columns);
    });
  });
}

}  // namespace mlx::core::cpu
