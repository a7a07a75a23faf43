#include "mlx/ops/quantized.h"

#include <limits>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/quantization_checks.h"
#include "primitives/quantized.h"
#include "primitives/quantized_matmul.h"

namespace mlx::core {
namespace {

using Arrays = std::vector<array>;
using Optional = std::optional<array>;

/// The largest E2M1 number times the largest E4M3 number: a scale for all groups is the largest
/// element, so that with it groups use all of E4M3.
constexpr float kGlobalRange = 6 * 448;

array scalar_float(const array& a, StreamOrDevice s) {
  return reshape(astype(a, float32, s), Shape{}, s);
}

/// Kernels read half types and float32.
Dtype computed_in(Dtype dtype) { return dtype == float64 ? float32 : dtype; }

Arrays parts_of(const array& codes, const array& scales, const Optional& biases) {
  Arrays parts{codes, scales};
  if (biases) parts.push_back(*biases);
  return parts;
}

array rounded(const array& x, const Quantization& format, const Optional& global_scale,
              StreamOrDevice s) {
  Arrays inputs{x};
  if (global_scale) inputs.push_back(scalar_float(*global_scale, s));
  auto node = std::make_shared<QuantizedRounding>(to_stream(s), format.mode, format.group_size,
                                                  format.bits);
  return array(x.shape(), x.dtype(), std::move(node), std::move(inputs));
}

Shape batch_of(const array& a) { return Shape(a.shape().begin(), a.shape().end() - 2); }

array with_batch(const array& a, const Shape& batch, StreamOrDevice s) {
  Shape shape = batch;
  shape.insert(shape.end(), a.shape().end() - 2, a.shape().end());
  return broadcast_to(a, shape, s);
}

/// A quantized matrix, or several, and x in the dtype of their product.
struct Factors {
  array x;
  Arrays w;
  /// Of the result; kernels may compute in another.
  Dtype dtype;
  Quantization format;
  bool transpose;

  Factors(const char* op, const array& left, const Arrays& parts, const Quantization& format,
          bool transpose, StreamOrDevice s)
      : x(left), w(parts), dtype(left.dtype()), format(format), transpose(transpose) {
    if (format.is_affine()) dtype = promote_types(result_type(left, w[1]), w[2].dtype());
    if (!issubdtype(dtype, floating))
      throw DtypeError(
          concat_text("[", op, "] Expected x of a real floating dtype but received ", dtype, "."));
    if (left.ndim() == 0 || left.shape(-1) != inner())
      throw ShapeError(concat_text("[", op, "] The last axis of x, of shape ", left.shape(),
                                   ", must have ", inner(), " elements for codes of shape ",
                                   w[0].shape(), transpose ? ", transposed." : "."));
    x = astype(x, computed_in(dtype), s);
    if (format.is_affine())
      for (size_t i : {1, 2}) w[i] = astype(w[i], computed_in(dtype), s);
  }

  int columns() const { return w[1].shape(-1) * format.group_size; }
  int inner() const { return transpose ? columns() : w[1].shape(-2); }
  int outputs() const { return transpose ? w[1].shape(-2) : columns(); }
};

array multiply_quantized(const char* op, const array& x, const Arrays& w,
                         const Quantization& format, bool transpose, StreamOrDevice s) {
  Factors factors(op, x, w, format, transpose, s);
  Shape shape = x.shape();
  shape.back() = factors.outputs();
  array left = factors.x;
  Arrays parts = factors.w;
  if (w[0].ndim() == 2) {
    // Rows of several matrices that meet the same matrix make one large product.
    left = x.ndim() == 1 ? expand_dims(left, 0, s) : flatten(left, 0, -2, s);
  } else {
    if (x.ndim() == 1) {
      left = expand_dims(left, 0, s);
      shape.insert(shape.begin(), 1);
    }
    const Shape batch = broadcast_shapes(batch_of(left), batch_of(w[0]));
    left = with_batch(left, batch, s);
    for (array& part : parts) part = with_batch(part, batch, s);
    shape = left.shape();
    shape.back() = factors.outputs();
    if (x.ndim() == 1) shape.erase(shape.end() - 2);
  }
  Arrays inputs{left};
  inputs.insert(inputs.end(), parts.begin(), parts.end());
  array product = QuantizedMatmul::make(inputs, format, transpose, to_stream(s));
  return astype(reshape(product, shape, s), factors.dtype, s);
}

/// Matrices as one axis before their own two.
array as_batch(const array& a, StreamOrDevice s) {
  return a.ndim() == 2 ? expand_dims(a, 0, s) : a;
}

/// Indices as given, or those of all matrices in order.
array indices_or_all(const char* op, const Optional& indices, const array& matrices,
                     StreamOrDevice s) {
  if (indices) {
    if (!issubdtype(indices->dtype(), integer))
      throw DtypeError(
          concat_text("[", op, "] Expected integer indices but received ", indices->dtype(), "."));
    return astype(*indices, int32, s);
  }
  const Shape batch = batch_of(matrices);
  int64_t count = 1;
  for (int size : batch) count *= size;
  if (count > std::numeric_limits<int>::max())
    throw ShapeError(concat_text("[", op, "] Shape ", matrices.shape(), " has too many matrices."));
  return reshape(arange(0, int(count), s), batch, s);
}

array gather_quantized(const char* op, const array& x, const Arrays& w, const Optional& lhs,
                       const Optional& rhs, const Quantization& format, bool transpose,
                       StreamOrDevice s) {
  if (x.ndim() < 2)
    throw ShapeError(concat_text("[", op, "] Expected x with at least 2 axes but received shape ",
                                 x.shape(), "."));
  Factors factors(op, x, w, format, transpose, s);
  array left = indices_or_all(op, lhs, x, s), right = indices_or_all(op, rhs, w[0], s);
  Shape shape = broadcast_shapes(left.shape(), right.shape());
  const bool is_single = shape.empty();
  if (is_single) shape = {1};
  Arrays inputs{as_batch(factors.x, s)};
  for (const array& part : factors.w) inputs.push_back(as_batch(part, s));
  inputs.push_back(broadcast_to(left, shape, s));
  inputs.push_back(broadcast_to(right, shape, s));
  array product = GatherQMM::make(inputs, format, transpose, to_stream(s));
  if (is_single) product = squeeze(product, 0, s);
  return astype(product, factors.dtype, s);
}

/// What qqmm and gather_qqmm do alike: x and w rounded, and the factor that their scales leave.
struct RoundedFactors {
  Quantization format;
  array x;
  /// Codes and scales, or rounded numbers alone.
  Arrays w;
  Optional factor;

  RoundedFactors(const char* op, const array& left, const array& right, const Optional& scales,
                 std::optional<int> group_size, std::optional<int> bits, const std::string& mode,
                 const Optional& global_x, const Optional& global_w, StreamOrDevice s)
      : format(checked_quantization(op, mode, group_size, bits)), x(left) {
    if (format.mode != QuantizationMode::nvfp4 && format.mode != QuantizationMode::mxfp8)
      throw std::invalid_argument(
          concat_text("[", op, "] Expected the mode nvfp4 or mxfp8 but received ", mode, "."));
    check_groups(op, format, left, 1);
    check_global_scale(op, format, global_x);
    check_global_scale(op, format, global_w);
    x = rounded(left, format, global_x, s);
    if (scales) {
      check_quantized(op, format, right, *scales, std::nullopt);
      w = {right, *scales};
      if (global_w) factor = divide(scalar_float(*global_w, s), array(kGlobalRange), s);
    } else {
      check_groups(op, format, right, 2);
      w = {rounded(right, format, global_w, s)};
      if (left.shape(-1) != right.shape(-1))
        throw ShapeError(concat_text("[", op, "] The last axes of x, of shape ", left.shape(),
                                     ", and w, of shape ", right.shape(), ", must agree."));
    }
  }

  bool is_quantized() const { return w.size() == 2; }

  /// Multiplies the product with what the scale of all groups of w is.
  array scaled(const array& product, StreamOrDevice s) const {
    if (!factor) return astype(product, x.dtype(), s);
    return astype(multiply(astype(product, float32, s), *factor, s), x.dtype(), s);
  }
  /// x, in float32 where the product is to be scaled before it is rounded.
  array left(StreamOrDevice s) const { return factor ? astype(x, float32, s) : x; }
};

}  // namespace

std::vector<array> quantize(const array& w, std::optional<int> group_size, std::optional<int> bits,
                            const std::string& mode, const std::optional<array>& global_scale,
                            StreamOrDevice s) {
  const auto format = checked_quantization("quantize", mode, group_size, bits);
  check_groups("quantize", format, w, 2);
  check_global_scale("quantize", format, global_scale);
  Arrays inputs{w};
  if (global_scale) inputs.push_back(scalar_float(*global_scale, s));
  return Quantize::make(inputs, format, to_stream(s));
}

array dequantize(const array& w, const array& scales, const std::optional<array>& biases,
                 std::optional<int> group_size, std::optional<int> bits, const std::string& mode,
                 const std::optional<array>& global_scale, std::optional<Dtype> dtype,
                 StreamOrDevice s) {
  const auto format = checked_quantization("dequantize", mode, group_size, bits);
  check_quantized("dequantize", format, w, scales, biases);
  check_global_scale("dequantize", format, global_scale);
  const Dtype result = dtype.value_or(format.is_affine() ? scales.dtype() : bfloat16);
  if (!issubdtype(result, floating))
    throw DtypeError(
        concat_text("[dequantize] Expected a real floating dtype but received ", result, "."));
  if (!global_scale)
    return Dequantize::make(parts_of(w, scales, biases), format, result, to_stream(s));
  array numbers = Dequantize::make(parts_of(w, scales, biases), format, float32, to_stream(s));
  array factor = divide(scalar_float(*global_scale, s), array(kGlobalRange), s);
  return astype(multiply(numbers, factor, s), result, s);
}

array quantized_matmul(array x, array w, array scales, std::optional<array> biases, bool transpose,
                       std::optional<int> group_size, std::optional<int> bits,
                       const std::string& mode, StreamOrDevice s) {
  const auto format = checked_quantization("quantized_matmul", mode, group_size, bits);
  check_quantized("quantized_matmul", format, w, scales, biases);
  return multiply_quantized("quantized_matmul", x, parts_of(w, scales, biases), format, transpose,
                            s);
}

array gather_qmm(const array& x, const array& w, const array& scales,
                 const std::optional<array>& biases, std::optional<array> lhs_indices,
                 std::optional<array> rhs_indices, bool transpose, std::optional<int> group_size,
                 std::optional<int> bits, const std::string& mode, bool, StreamOrDevice s) {
  const auto format = checked_quantization("gather_qmm", mode, group_size, bits);
  check_quantized("gather_qmm", format, w, scales, biases);
  return gather_quantized("gather_qmm", x, parts_of(w, scales, biases), lhs_indices, rhs_indices,
                          format, transpose, s);
}

array qqmm(array x, array w, const std::optional<array>& w_scales, std::optional<int> group_size,
           std::optional<int> bits, const std::string& mode,
           const std::optional<array>& global_scale_x, const std::optional<array>& global_scale_w,
           StreamOrDevice s) {
  RoundedFactors factors("qqmm", x, w, w_scales, group_size, bits, mode, global_scale_x,
                         global_scale_w, s);
  if (!factors.is_quantized())
    return factors.scaled(matmul(factors.x, swapaxes(factors.w[0], -1, -2, s), s), s);
  return factors.scaled(
      multiply_quantized("qqmm", factors.left(s), factors.w, factors.format, true, s), s);
}

array gather_qqmm(const array& x, const array& w, const std::optional<array>& w_scales,
                  std::optional<array> lhs_indices, std::optional<array> rhs_indices,
                  std::optional<int> group_size, std::optional<int> bits, const std::string& mode,
                  const std::optional<array>& global_scale_x,
                  const std::optional<array>& global_scale_w, bool, StreamOrDevice s) {
  RoundedFactors factors("gather_qqmm", x, w, w_scales, group_size, bits, mode, global_scale_x,
                         global_scale_w, s);
  if (factors.is_quantized())
    return factors.scaled(gather_quantized("gather_qqmm", factors.left(s), factors.w, lhs_indices,
                                           rhs_indices, factors.format, true, s),
                          s);
  if (x.ndim() < 2)
    throw ShapeError(concat_text("[gather_qqmm] Expected x with at least 2 axes but received ",
                                 "shape ", x.shape(), "."));
  array left = indices_or_all("gather_qqmm", lhs_indices, x, s);
  array right = indices_or_all("gather_qqmm", rhs_indices, w, s);
  array rows = take(flatten(as_batch(factors.x, s), 0, -3, s), left, 0, s);
  array columns = take(flatten(as_batch(factors.w[0], s), 0, -3, s), right, 0, s);
  return factors.scaled(matmul(rows, swapaxes(columns, -1, -2, s), s), s);
}

array to_fp8(array x, StreamOrDevice s) {
  if (!issubdtype(x.dtype(), floating))
    throw DtypeError(
        concat_text("[to_fp8] Expected a real floating dtype but received ", x.dtype(), "."));
  Shape shape = x.shape();
  auto node = std::make_shared<ConvertFP8>(to_stream(s), uint8);
  return array(std::move(shape), uint8, std::move(node), {x});
}

array from_fp8(array x, Dtype dtype, StreamOrDevice s) {
  if (x.dtype() != uint8)
    throw DtypeError(
        concat_text("[from_fp8] Expected codes of dtype uint8 but received ", x.dtype(), "."));
  if (!issubdtype(dtype, floating))
    throw DtypeError(
        concat_text("[from_fp8] Expected a real floating dtype but received ", dtype, "."));
  Shape shape = x.shape();
  auto node = std::make_shared<ConvertFP8>(to_stream(s), dtype);
  return array(std::move(shape), dtype, std::move(node), {x});
}

}  // namespace mlx::core
