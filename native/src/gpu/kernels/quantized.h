// Quantized matrices: rows of codes that follow each other from the low bits up, eight of them in
// `bits` bytes, with a scale for each group, and in the mode affine a bias.
#include "gpu/kernels/index.h"
#include "gpu/kernels/reduce_ops.h"
#include "gpu/kernels/simd.h"
#include "gpu/kernels/small_floats.h"

enum class QuantizationMode { affine, mxfp4, mxfp8, nvfp4 };

/// P: the type of scales and biases.
template <QuantizationMode mode, int bits, int group_size, typename P>
struct QuantizedRows {
  device const uint8_t* codes;
  device const P* scales;
  device const P* biases;
  int64_t columns;

  static float code_value(uint code) {
    if constexpr (mode == QuantizationMode::affine)
      return float(code);
    else if constexpr (mode == QuantizationMode::mxfp8)
      return e4m3_to_float(code);
    else
      return e2m1_to_float(code);
  }
  float scale(int64_t group) const {
    if constexpr (mode == QuantizationMode::affine)
      return float(scales[group]);
    else if constexpr (mode == QuantizationMode::nvfp4)
      return e4m3_to_float(uint(scales[group]));
    else
      return e8m0_to_float(uint(scales[group]));
  }

  /// Eight codes of a row from a multiple of eight on, as numbers without scale and bias.
  void load_codes(int64_t row, int64_t column, thread float* values) const {
    const int64_t at = (row * columns + column) / 8 * bits;
    ulong packed;
    if constexpr (bits == 8)
      packed = *(device const ulong*)(codes + at);
    else if constexpr (bits == 4)
      packed = *(device const uint*)(codes + at);
    else if constexpr (bits == 2)
      packed = *(device const ushort*)(codes + at);
    else {
      packed = 0;
      for (int k = 0; k < bits; ++k) packed |= ulong(codes[at + k]) << (8 * k);
    }
    for (int k = 0; k < 8; ++k) {
      values[k] = code_value(uint(packed) & ((1u << bits) - 1u));
      packed >>= bits;
    }
  }
  int64_t group_of(int64_t row, int64_t column) const {
    return (row * columns + column) / group_size;
  }
  /// Eight numbers.
  void load(int64_t row, int64_t column, thread float* values) const {
    load_codes(row, column, values);
    const int64_t group = group_of(row, column);
    const float factor = scale(group);
    if constexpr (mode == QuantizationMode::affine) {
      const float bias = float(biases[group]);
      for (int k = 0; k < 8; ++k) values[k] = values[k] * factor + bias;
    } else {
      for (int k = 0; k < 8; ++k) values[k] *= factor;
    }
  }
};

struct QuantizedArguments {
  /// Groups or packs of eight in all, and a row's elements.
  int64_t count, columns;
};

/// The numbers of eight codes a thread.
template <QuantizationMode mode, int bits, int group_size, typename P, typename T>
inline void dequantize(device const uint8_t* codes, device const P* scales, device const P* biases,
                       device T* y, constant QuantizedArguments& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  QuantizedRows<mode, bits, group_size, P> rows;
  rows.codes = codes;
  rows.scales = scales;
  rows.biases = biases;
  rows.columns = p.columns;
  float values[8];
  rows.load(0, 8 * number, values);
  for (int k = 0; k < 8; ++k) y[8 * number + k] = T(values[k]);
}

/// A scale for all groups is the largest element: with it a group's scale is this times smaller.
#define GLOBAL_RANGE 2688.0f

/// The scale and bias of a group, and what its elements' codes are.
template <QuantizationMode mode, int bits>
struct GroupCodes {
  float scale, bias;
  uint scale_code;

  template <int size, typename T>
  void begin_affine(device const T* x) {
    const float levels = float((1 << bits) - 1);
    float least = float(x[0]), most = least;
    for (int i = 1; i < size; ++i) {
      const float value = float(x[i]);
      least = value < least ? value : least;
      most = most < value ? value : most;
    }
    // Zero shall be a code, so the end that is farther from it is held exactly.
    const float step = (most - least) / levels;
    scale = step < 1e-7f ? 1e-7f : step;
    const bool is_low = fabs(least) > fabs(most);
    const float edge = is_low ? least : most;
    if (!is_low) scale = -scale;
    const float steps = rint(edge / scale);
    bias = steps != 0.0f ? edge : 0.0f;
    if (steps != 0.0f) scale = edge / steps;
  }
  template <int size, typename T>
  void begin_float(device const T* x, float global, bool has_global) {
    float largest = 0.0f;
    for (int i = 0; i < size; ++i) {
      const float value = fabs(float(x[i]));
      if (value > largest || is_nan(value)) largest = value;
    }
    bias = 0.0f;
    if constexpr (mode == QuantizationMode::nvfp4) {
      const float factor = largest / 6.0f;
      scale_code = float_to_e4m3(has_global ? factor * GLOBAL_RANGE / global : factor);
      scale = e4m3_to_float(scale_code) * (has_global ? global / GLOBAL_RANGE : 1.0f);
    } else {
      scale_code = float_to_e8m0(largest / (mode == QuantizationMode::mxfp8 ? 448.0f : 6.0f));
      scale = e8m0_to_float(scale_code);
    }
  }
  uint code(float x) const {
    if constexpr (mode == QuantizationMode::affine) {
      const float levels = float((1 << bits) - 1), value = (x - bias) / scale;
      // NaN becomes 0.
      const float bounded = value > 0.0f ? (levels < value ? levels : value) : 0.0f;
      return uint(rint(bounded));
    } else {
      // All elements of a group whose scale vanished become 0.
      const float value = scale == 0.0f ? 0.0f : x / scale;
      return mode == QuantizationMode::mxfp8 ? float_to_e4m3(value) : float_to_e2m1(value);
    }
  }
};

template <QuantizationMode mode, int bits, int size, typename T>
inline GroupCodes<mode, bits> codes_of_group(device const T* x, device const float* global,
                                             bool has_global) {
  GroupCodes<mode, bits> group;
  if constexpr (mode == QuantizationMode::affine)
    group.template begin_affine<size>(x);
  else
    group.template begin_float<size>(x, has_global ? global[0] : 1.0f, has_global);
  return group;
}

/// A group of elements a thread.
template <QuantizationMode mode, int bits, int size, bool has_global, typename T, typename P>
inline void quantize(device const T* x, device const float* global, device uint8_t* codes,
                     device P* scales, device P* biases, constant QuantizedArguments& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  x += number * size;
  const GroupCodes<mode, bits> group = codes_of_group<mode, bits, size>(x, global, has_global);
  if constexpr (mode == QuantizationMode::affine) {
    scales[number] = P(group.scale);
    biases[number] = P(group.bias);
  } else {
    scales[number] = P(group.scale_code);
  }
  device uint8_t* to = codes + number * (size / 8) * bits;
  for (int i = 0; i < size; i += 8) {
    ulong packed = 0;
    for (int k = 0; k < 8; ++k) packed |= ulong(group.code(float(x[i + k]))) << (bits * k);
    for (int k = 0; k < bits; ++k) *to++ = uint8_t(packed >> (8 * k));
  }
}

/// What quantizing and back again leaves of a group.
template <QuantizationMode mode, int bits, int size, bool has_global, typename T>
inline void round_to_quantized(device const T* x, device const float* global, device T* y,
                               constant QuantizedArguments& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  x += number * size;
  const GroupCodes<mode, bits> group = codes_of_group<mode, bits, size>(x, global, has_global);
  for (int i = 0; i < size; ++i) {
    const uint code = group.code(float(x[i]));
    const float value = mode == QuantizationMode::mxfp8 ? e4m3_to_float(code) : e2m1_to_float(code);
    y[number * size + i] = T(group.scale * value);
  }
}

template <typename T>
inline void to_fp8(device const T* x, device uint8_t* y, constant QuantizedArguments& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number < p.count) y[number] = uint8_t(float_to_e4m3(float(x[number])));
}
template <typename T>
inline void from_fp8(device const uint8_t* x, device T* y, constant QuantizedArguments& p,
                     Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number < p.count) y[number] = T(e4m3_to_float(uint(x[number])));
}

/// Products of rows of x, each of them with one of several quantized matrices. Without indices
/// product i is of matrices i.
template <int x_dims, int w_dims>
struct QuantizedProductArguments {
  /// Rows of a left matrix, the quantized matrix's rows and columns, left and right matrices.
  int64_t m, rows, columns, x_count, w_count;
  /// Products, and rows of the quantized matrix that a group adds up.
  int64_t products, chunk;
  int64_t x_shape[x_dims], x_strides[x_dims];
  int64_t w_shape[w_dims], codes_strides[w_dims], scales_strides[w_dims], biases_strides[w_dims];
};

template <typename T, QuantizationMode mode, int bits, int group_size, typename P>
struct ChosenMatrices {
  device const T* x;
  QuantizedRows<mode, bits, group_size, P> w;
};

template <QuantizationMode mode, int bits, int group_size, bool has_indices, int x_dims, int w_dims,
          typename T, typename P>
inline ChosenMatrices<T, mode, bits, group_size, P> choose_matrices(
    int64_t number, device const T* x, device const uint8_t* codes, device const P* scales,
    device const P* biases, device const int* lhs, device const int* rhs,
    constant QuantizedProductArguments<x_dims, w_dims>& p) {
  const int64_t left = has_indices ? clamped(wrapped(lhs[number], p.x_count), p.x_count) : number;
  const int64_t right = has_indices ? clamped(wrapped(rhs[number], p.w_count), p.w_count) : number;
  ChosenMatrices<T, mode, bits, group_size, P> chosen;
  chosen.x = x + place_of<x_dims>(left, p.x_shape, p.x_strides);
  // Codes are counted in words of four bytes.
  chosen.w.codes = codes + 4 * place_of<w_dims>(right, p.w_shape, p.codes_strides);
  chosen.w.scales = scales + place_of<w_dims>(right, p.w_shape, p.scales_strides);
  chosen.w.biases = biases + place_of<w_dims>(right, p.w_shape, p.biases_strides);
  chosen.w.columns = p.columns;
  return chosen;
}

/// x @ w^T for up to `vectors` rows of x at once: a simdgroup has `outputs` rows of w.
template <QuantizationMode mode, int bits, int group_size, bool has_indices, int vectors,
          int outputs, int x_dims, int w_dims, typename T, typename P>
inline void quantized_dot_products(device const T* x, device const uint8_t* codes,
                                   device const P* scales, device const P* biases,
                                   device const int* lhs, device const int* rhs, device T* y,
                                   constant QuantizedProductArguments<x_dims, w_dims>& p, Group g) {
  const int64_t group_rows = int64_t(g.size.x / SIMD_WIDTH) * outputs;
  const int64_t blocks = (p.rows + group_rows - 1) / group_rows;
  const int64_t number = int64_t(g.tgid.x) / blocks, vector0 = int64_t(g.tgid.y) * vectors;
  const ChosenMatrices<T, mode, bits, group_size, P> chosen =
      choose_matrices<mode, bits, group_size, has_indices>(number, x, codes, scales, biases, lhs,
                                                           rhs, p);
  const int64_t row0 =
      (int64_t(g.tgid.x) - number * blocks) * group_rows + int64_t(g.simd) * outputs;
  float sums[outputs * vectors];
  for (int i = 0; i < outputs * vectors; ++i) sums[i] = 0.0f;
  for (int64_t column = 8 * int64_t(g.lane); column < p.columns; column += 8 * SIMD_WIDTH) {
    float own[8 * vectors];
    for (int v = 0; v < vectors; ++v)
      for (int k = 0; k < 8; ++k)
        own[8 * v + k] =
            vector0 + v < p.m ? float(chosen.x[(vector0 + v) * p.columns + column + k]) : 0.0f;
    for (int r = 0; r < outputs; ++r) {
      if (row0 + r >= p.rows) break;
      float values[8];
      chosen.w.load_codes(row0 + r, column, values);
      const int64_t group = chosen.w.group_of(row0 + r, column);
      const float factor = chosen.w.scale(group);
      for (int v = 0; v < vectors; ++v) {
        float product = 0.0f, sum = 0.0f;
        for (int k = 0; k < 8; ++k) {
          product = fma(own[8 * v + k], values[k], product);
          if (mode == QuantizationMode::affine) sum += own[8 * v + k];
        }
        sums[r * vectors + v] = fma(product, factor, sums[r * vectors + v]);
        if (mode == QuantizationMode::affine)
          sums[r * vectors + v] = fma(sum, float(chosen.w.biases[group]), sums[r * vectors + v]);
      }
    }
  }
  for (int r = 0; r < outputs; ++r)
    for (int v = 0; v < vectors; ++v) {
      const float sum = combine_lanes<PlainSum>(sums[r * vectors + v], SIMD_WIDTH);
      if (g.lane == 0 && row0 + r < p.rows && vector0 + v < p.m)
        y[(number * p.m + vector0 + v) * p.rows + row0 + r] = T(sum);
    }
}

#define ADDED_ROW_SIMDS 8

/// x @ w for a row of x: a thread has eight columns, and the group's simdgroups share the rows of a
/// chunk. Leaves parts[split][product][row of x][column].
template <QuantizationMode mode, int bits, int group_size, bool has_indices, int x_dims, int w_dims,
          typename T, typename P>
inline void quantized_row_sums(device const T* x, device const uint8_t* codes,
                               device const P* scales, device const P* biases,
                               device const int* lhs, device const int* rhs, device float* y,
                               constant QuantizedProductArguments<x_dims, w_dims>& p,
                               threadgroup float* part, Group g) {
  const int64_t blocks = (p.columns + 8 * SIMD_WIDTH - 1) / (8 * SIMD_WIDTH);
  const int64_t splits = (p.rows + p.chunk - 1) / p.chunk;
  const int64_t part_number = int64_t(g.tgid.x) / blocks;
  const int64_t number = part_number / splits, split = part_number - number * splits;
  const int64_t column = ((int64_t(g.tgid.x) - part_number * blocks) * SIMD_WIDTH + g.lane) * 8;
  const int64_t vector = g.tgid.y;
  const ChosenMatrices<T, mode, bits, group_size, P> chosen =
      choose_matrices<mode, bits, group_size, has_indices>(number, x, codes, scales, biases, lhs,
                                                           rhs, p);
  const int64_t begin = split * p.chunk;
  const int64_t end = begin + p.chunk < p.rows ? begin + p.chunk : p.rows;
  float sums[8];
  for (int k = 0; k < 8; ++k) sums[k] = 0.0f;
  if (column < p.columns)
    for (int64_t row = begin + g.simd; row < end; row += ADDED_ROW_SIMDS) {
      const float factor = float(chosen.x[vector * p.rows + row]);
      float values[8];
      chosen.w.load(row, column, values);
      for (int k = 0; k < 8; ++k) sums[k] = fma(factor, values[k], sums[k]);
    }
  for (int k = 0; k < 8; ++k) part[(g.simd * 8 + k) * SIMD_WIDTH + g.lane] = sums[k];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (g.simd != 0 || column >= p.columns) return;
  for (int k = 0; k < 8; ++k) {
    float total = sums[k];
    for (int s = 1; s < ADDED_ROW_SIMDS; ++s) total += part[(s * 8 + k) * SIMD_WIDTH + g.lane];
    y[((split * p.products + number) * p.m + vector) * p.columns + column + k] = total;
  }
}
