#include "transforms/export/node_check.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <typeindex>
#include <unordered_map>

#include "cpu/elementwise/program.h"
#include "mlx/fast.h"
#include "mlx/linalg.h"
#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/quantization_checks.h"
#include "primitives/attention.h"
#include "primitives/conv.h"
#include "primitives/creation.h"
#include "primitives/determinant.h"
#include "primitives/eigen.h"
#include "primitives/elementwise.h"
#include "primitives/factorization.h"
#include "primitives/fft.h"
#include "primitives/gather.h"
#include "primitives/graph.h"
#include "primitives/hadamard.h"
#include "primitives/join.h"
#include "primitives/linear_system.h"
#include "primitives/matmul.h"
#include "primitives/normalization.h"
#include "primitives/partition.h"
#include "primitives/quantized.h"
#include "primitives/quantized_matmul.h"
#include "primitives/random.h"
#include "primitives/reduce.h"
#include "primitives/rope.h"
#include "primitives/scan.h"
#include "primitives/scatter.h"
#include "primitives/search_sorted.h"
#include "primitives/selective_matmul.h"
#include "primitives/shape.h"
#include "primitives/singular_values.h"
#include "primitives/slice.h"
#include "primitives/softmax.h"
#include "primitives/sort.h"

namespace mlx::core {
namespace {

using Arrays = std::vector<array>;
using Values = std::vector<TracedGraph::Value>;

void require(bool sound, const char* what) {
  if (!sound) throw std::invalid_argument(what);
}

TracedGraph::Value value_of(const array& a) { return {a.shape(), a.dtype()}; }

Values values_of(const Arrays& arrays) {
  Values values;
  for (auto& a : arrays) values.push_back(value_of(a));
  return values;
}

/// An input of a node that is checked in place of another.
array stand_in(const Shape& shape, Dtype dtype) { return array(shape, dtype, nullptr, {}); }

Shape leading(const Shape& shape, size_t without) {
  require(shape.size() >= without, "too few dimensions");
  return Shape(shape.begin(), shape.end() - std::ptrdiff_t(without));
}

Shape joined(Shape shape, std::initializer_list<int> last) {
  shape.insert(shape.end(), last.begin(), last.end());
  return shape;
}

bool has_inputs(const array& node, const Arrays& inputs) {
  if (node.inputs().size() != inputs.size()) return false;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (node.inputs()[i].id() != inputs[i].id()) return false;
  return true;
}

/// Whether parameters must be the same too, or are numbers that fit any inputs.
enum class Parameters { compared, free };

/// The results of the operation that makes such nodes. It must make this very node, with no input
/// converted first, or find that there is nothing to do.
Values same_node(const Primitive& primitive, const Arrays& inputs, const Arrays& made,
                 Parameters parameters = Parameters::compared) {
  const array& first = made[0];
  bool is_input = made.size() == 1 && !inputs.empty() && first.id() == inputs[0].id();
  bool is_same = first.has_primitive() && typeid(first.primitive()) == typeid(primitive) &&
                 has_inputs(first, inputs) &&
                 (parameters == Parameters::free || first.primitive().is_equivalent(primitive));
  require(is_input || is_same, "a node that no operation makes");
  return values_of(made);
}

// ---- Creation

Values outputs_of(const Arange& node, Dtype dtype) {
  auto [start, step, size] = node.parameters();
  require(size >= 0 && dtype != bool_ && std::isfinite(start) && std::isfinite(start + step * size),
          "the numbers of a range");
  return {{Shape{size}, dtype}};
}

Values outputs_of(const NumberOfElements& node, const Arrays& in) {
  auto [axes, inverted, dtype] = node.parameters();
  for (int axis : axes) require(axis >= 0 && axis < int(in[0].ndim()), "an axis");
  return {{Shape{}, dtype}};
}

Values outputs_of(const RandomBits& node, const Arrays& in) {
  auto [shape, width] = node.parameters();
  const array& key = in[0];
  require(width == 1 || width == 2 || width == 4, "the width of random numbers");
  require(key.dtype() == uint32 && key.ndim() > 0 && key.shape(-1) == 2, "a random key");
  Shape result = leading(key.shape(), 1);
  result.insert(result.end(), shape.begin(), shape.end());
  return {{result, random_bits_dtype(width)}};
}

Values outputs_of(const CategoricalSearch&, const Arrays& in) {
  const array &weights = in[0], &draws = in[1];
  require(weights.dtype() == float32 && draws.dtype() == float32, "the dtype of categories");
  require(leading(weights.shape(), 1) == leading(draws.shape(), 1), "the shapes of categories");
  require(weights.shape(-1) > 0 || draws.size() == 0, "no category");
  return {{draws.shape(), uint32}};
}

// ---- Elementwise and reductions

Values outputs_of(const Elementwise& node, const Arrays& in) {
  ElementwiseOp op = node.op();
  Dtype dtype = in.back().dtype();
  require(op != ElementwiseOp::Cast && in.size() == size_t(arity(op)), "the inputs' number");
  require(op != ElementwiseOp::Select || in[0].dtype() == bool_, "the dtype of a condition");
  for (size_t i = op == ElementwiseOp::Select; i < in.size(); ++i)
    require(in[i].dtype() == dtype, "the inputs' dtypes");
  require(is_same_shape(in), "the inputs' shapes");
  Dtype result = elementwise_result_type(op, dtype);
  require(elementwise_supports(op, dtype), "the inputs' dtype");
  return {{in[0].shape(), result}};
}

Values outputs_of(const Reduce& node, const Arrays& in) {
  auto [type, axes, keepdims, result] = node.parameters();
  Dtype dtype = result;
  auto total = [&](const array& sum) {
    // Totals of half types are made in float32, which some operations leave for others to round.
    bool is_wide = dtype == float32 && (in[0].dtype() == float16 || in[0].dtype() == bfloat16);
    require(dtype == sum.dtype() || is_wide, "the dtype of a total");
    return Values{{sum.shape(), dtype}};
  };
  require(!axes.empty() && std::is_sorted(axes.begin(), axes.end()) && axes[0] >= 0, "the axes");
  switch (type) {
    case Reduce::And:
      return same_node(node, in, {all(in[0], axes, keepdims)});
    case Reduce::Or:
      return same_node(node, in, {any(in[0], axes, keepdims)});
    case Reduce::Min:
      return same_node(node, in, {min(in[0], axes, keepdims)});
    case Reduce::Max:
      return same_node(node, in, {max(in[0], axes, keepdims)});
    case Reduce::Sum:
      return total(sum(in[0], axes, keepdims));
    case Reduce::Prod:
      return total(prod(in[0], axes, keepdims));
  }
  throw std::invalid_argument("the kind of a reduction");
}

Values outputs_of(const ArgReduce& node, const Arrays& in) {
  auto [type, axis, keepdims] = node.parameters();
  array made =
      type == ArgReduce::ArgMin ? argmin(in[0], axis, keepdims) : argmax(in[0], axis, keepdims);
  return same_node(node, in, {made});
}

Values outputs_of(const Scan& node, const Arrays& in) {
  using Operation = array (*)(const array&, int, bool, bool, StreamOrDevice);
  auto [type, axis, reverse, inclusive] = node.parameters();
  Operation operation = type == Scan::Max    ? static_cast<Operation>(cummax)
                        : type == Scan::Min  ? static_cast<Operation>(cummin)
                        : type == Scan::Sum  ? static_cast<Operation>(cumsum)
                        : type == Scan::Prod ? static_cast<Operation>(cumprod)
                                             : static_cast<Operation>(logcumsumexp);
  return same_node(node, in, {operation(in[0], axis, reverse, inclusive, {})});
}

// ---- Indices

Values outputs_of(const Gather& node, const Arrays& in) {
  auto [axes, slice_sizes] = node.parameters();
  return same_node(node, in, {gather(in[0], Arrays(in.begin() + 1, in.end()), axes, slice_sizes)});
}

Values outputs_of(const Scatter& node, const Arrays& in) {
  using Operation =
      array (*)(const array&, const Arrays&, const array&, const std::vector<int>&, StreamOrDevice);
  auto [reduction, axes] = node.parameters();
  Operation operation = reduction == ScatterReduction::None   ? static_cast<Operation>(scatter)
                        : reduction == ScatterReduction::Sum  ? static_cast<Operation>(scatter_add)
                        : reduction == ScatterReduction::Prod ? static_cast<Operation>(scatter_prod)
                        : reduction == ScatterReduction::Max  ? static_cast<Operation>(scatter_max)
                                                              : static_cast<Operation>(scatter_min);
  Arrays indices(in.begin() + 1, in.end() - 1);
  return same_node(node, in, {operation(in[0], indices, in.back(), axes, {})});
}

Values outputs_of(const ScatterAxis& node, const Arrays& in) {
  auto [reduction, axis] = node.parameters();
  require(reduction == ScatterReduction::None || reduction == ScatterReduction::Sum,
          "a way to scatter along an axis");
  auto* operation = reduction == ScatterReduction::Sum ? scatter_add_axis : put_along_axis;
  return same_node(node, in, {operation(in[0], in[1], in[2], axis, {})});
}

// ---- Shapes

Values outputs_of(const Broadcast& node, const Arrays& in) {
  if (in.size() == 1)
    return {{broadcast_to(in[0], std::get<0>(node.parameters())).shape(), in[0].dtype()}};
  Shape shape;
  for (auto& a : in) shape = broadcast_shapes(shape, a.shape());
  return {{shape, in[0].dtype()}};
}

Values outputs_of(const AsStrided& node, const Arrays& in) {
  auto [shape, strides, offset] = node.parameters();
  require(in[0].ndim() == 1, "strides over something other than a vector");
  return {value_of(as_strided(in[0], shape, strides, offset))};
}

Values outputs_of(Depends& node, const Arrays& in) {
  auto [outputs] = node.parameters();
  require(outputs > 0 && outputs <= in.size(), "the number of outputs");
  return values_of(Arrays(in.begin(), in.begin() + std::ptrdiff_t(outputs)));
}

// ---- Products, convolutions and transforms

Values outputs_of(const SegmentedMMAdjoint&, const Arrays& in) {
  const array &c = in[0], &b = in[1];
  require(c.ndim() == 3 && b.ndim() == 2 && c.shape(2) == b.shape(1) && c.dtype() == b.dtype(),
          "the matrices of segments");
  array left = stand_in({c.shape(1), b.shape(0)}, c.dtype());
  array product = segmented_mm(left, b, in[2]);
  require(in[2].ndim() == 2 && product.shape() == c.shape() && product.dtype() == c.dtype(),
          "the segments");
  return {value_of(left)};
}

array convolution(const array& input, const array& weight, const ConvolutionParameters& p) {
  array result = conv_general(input, weight, p.stride, p.padding_lo, p.padding_hi,
                              p.kernel_dilation, p.input_dilation, p.groups, p.flip);
  require(p.stride.size() == input.ndim() - 2 && p.padding_lo.size() == p.stride.size() &&
              p.padding_hi.size() == p.stride.size() &&
              p.kernel_dilation.size() == p.stride.size() &&
              p.input_dilation.size() == p.stride.size(),
          "the number of a convolution's parameters");
  require(input.dtype() == weight.dtype() && input.dtype() == result.dtype(),
          "the dtypes of a convolution");
  return result;
}

Values outputs_of(const ConvolutionWeightGradient& node, const Arrays& in) {
  auto [p, weight_shape] = node.parameters();
  array weight = stand_in(weight_shape, in[0].dtype());
  array result = convolution(in[0], weight, p);
  require(result.shape() == in[1].shape() && result.dtype() == in[1].dtype(),
          "the gradient of a convolution");
  return {value_of(weight)};
}

Values outputs_of(const FFT& node, const Arrays& in) {
  auto [kind, axes, length, inverse, scale] = node.parameters();
  const array& a = in[0];
  bool is_real = kind == FFT::Kind::real, is_back = kind == FFT::Kind::inverse_real;
  require(a.dtype() == (is_real ? float32 : complex64), "the dtype of a Fourier transform");
  require(kind == FFT::Kind::complex || inverse == is_back, "the sign of a Fourier transform");
  require(!axes.empty() && length > 0, "the length of a Fourier transform");
  normalize_axes(axes, int(a.ndim()), "");
  for (int axis : axes) require(axis >= 0 && a.shape(axis) > 0, "the axes of a Fourier transform");
  require(a.shape(axes.back()) == (is_back ? length / 2 + 1 : length),
          "the length of a Fourier transform");
  return {{node.output_shape(a.shape()), is_back ? float32 : complex64}};
}

Values outputs_of(const Cofactors&, const Arrays& in) { return {value_of(linalg::inv(in[0]))}; }

// ---- Quantized matrices

struct Format {
  QuantizationMode mode;
  int group_size, bits;

  const char* name() const {
    switch (mode) {
      case QuantizationMode::affine:
        return "affine";
      case QuantizationMode::mxfp4:
        return "mxfp4";
      case QuantizationMode::mxfp8:
        return "mxfp8";
      case QuantizationMode::nvfp4:
        return "nvfp4";
    }
    throw std::invalid_argument("a mode of quantization");
  }
};

std::optional<array> input_at(const Arrays& in, size_t i) {
  return i < in.size() ? std::optional(in[i]) : std::nullopt;
}

Values outputs_of(const Quantize& node, const Arrays& in) {
  auto [mode, group, bits] = node.parameters();
  Format f{mode, group, bits};
  return same_node(node, in, quantize(in[0], group, bits, f.name(), input_at(in, 1)));
}

Values outputs_of(const Dequantize& node, const Arrays& in) {
  auto [mode, group, bits, dtype] = node.parameters();
  Format f{mode, group, bits};
  return same_node(
      node, in,
      {dequantize(in[0], in[1], input_at(in, 2), group, bits, f.name(), std::nullopt, dtype)});
}

Values outputs_of(const QuantizedRounding& node, const Arrays& in) {
  auto [mode, group, bits] = node.parameters();
  Format f{mode, group, bits};
  auto format = checked_quantization("import_function", f.name(), group, bits);
  check_groups("import_function", format, in[0], 1);
  check_global_scale("import_function", format, input_at(in, 1));
  require(in.size() == 1 || (in[1].ndim() == 0 && in[1].dtype() == float32), "a scale for all");
  return {value_of(in[0])};
}

Values outputs_of(const QuantizedMatmul& node, const Arrays& in) {
  auto [mode, group, bits, transpose] = node.parameters();
  Format f{mode, group, bits};
  return same_node(
      node, in,
      {quantized_matmul(in[0], in[1], in[2], input_at(in, 3), transpose, group, bits, f.name())});
}

Values outputs_of(const GatherQMM& node, const Arrays& in) {
  auto [mode, group, bits, transpose] = node.parameters();
  Format f{mode, group, bits};
  size_t n = in.size();
  auto biases = n == 6 ? std::optional(in[3]) : std::nullopt;
  return same_node(node, in,
                   {gather_qmm(in[0], in[1], in[2], biases, in[n - 2], in[n - 1], transpose, group,
                               bits, f.name())});
}

// ---- Layers

/// Inputs of attention, then maybe others.
array attention_result(const AttentionSettings& settings, const Arrays& in, size_t others) {
  require(in.size() == 3 + size_t(settings.has_mask) + size_t(settings.has_sinks) + others,
          "the inputs of attention");
  const array &q = in[0], &k = in[1], &v = in[2];
  Shape batch = leading(q.shape(), 3);
  require(issubdtype(q.dtype(), floating) && k.dtype() == q.dtype() && v.dtype() == q.dtype(),
          "the dtypes of attention");
  require(k.ndim() == q.ndim() && v.ndim() == q.ndim() && leading(k.shape(), 3) == batch &&
              leading(v.shape(), 3) == batch,
          "the batches of attention");
  int heads = q.shape(-3), key_heads = k.shape(-3);
  require(v.shape(-3) == key_heads && v.shape(-2) == k.shape(-2) && q.shape(-1) == k.shape(-1) &&
              (key_heads == 0 ? heads == 0 : heads % key_heads == 0),
          "the shapes of attention");
  if (settings.has_mask)
    require(in[3].shape() == joined(batch, {heads, q.shape(-2), k.shape(-2)}) &&
                (in[3].dtype() == bool_ || in[3].dtype() == q.dtype()),
            "the mask of attention");
  if (settings.has_sinks) {
    const array& sinks = in[3 + size_t(settings.has_mask)];
    require(sinks.shape() == joined(batch, {heads}) &&
                sinks.dtype() == (q.dtype() == float64 ? float64 : float32),
            "the sinks of attention");
  }
  return stand_in(joined(batch, {heads, q.shape(-2), v.shape(-1)}), q.dtype());
}

Values outputs_of(const Attention& node, const Arrays& in) {
  auto [scale, causal, has_mask, has_sinks] = node.parameters();
  return {value_of(attention_result({scale, causal, has_mask, has_sinks}, in, 0))};
}

Values outputs_of(const AttentionGradient& node, const Arrays& in) {
  auto [scale, causal, has_mask, has_sinks] = node.parameters();
  array result = attention_result({scale, causal, has_mask, has_sinks}, in, 2);
  for (size_t i : {in.size() - 2, in.size() - 1})
    require(in[i].shape() == result.shape() && in[i].dtype() == result.dtype(),
            "the gradient of attention");
  Values values = values_of({in[0], in[1], in[2]});
  if (has_sinks) values.push_back(value_of(in[has_mask ? 4 : 3]));
  return values;
}

Values outputs_of(const Normalization& node, const Arrays& in) {
  auto [kind, eps] = node.parameters();
  bool is_layer = kind == NormalizationKind::layer;
  require(in.size() == (is_layer ? 3u : 2u), "the inputs of a normalization");
  array made =
      is_layer ? fast::layer_norm(in[0], in[1], in[2], eps) : fast::rms_norm(in[0], in[1], eps);
  return same_node(node, in, {made}, Parameters::free);
}

Values outputs_of(const NormalizationGradient& node, const Arrays& in) {
  auto [kind, eps] = node.parameters();
  array result = fast::rms_norm(in[0], in[1], eps);
  for (auto& a : in) require(a.dtype() == result.dtype(), "the dtypes of a normalization");
  require(in[2].shape() == in[0].shape(), "the gradient of a normalization");
  Values values = values_of({in[0], in[1]});
  if (kind == NormalizationKind::layer) values.push_back(value_of(in[1]));
  return values;
}

Values outputs_of(const RoPE& node, const Arrays& in) {
  auto [dims, traditional, base, scale, has_frequencies, inverse] = node.parameters();
  const array& x = in[0];
  Shape rows = leading(x.shape(), 2);
  require(issubdtype(x.dtype(), floating), "the dtype of rope");
  require(dims >= 0 && dims % 2 == 0 && dims <= x.shape(-1), "the features of rope");
  require(in[1].shape() == rows && in[1].dtype() == int32, "the offset of rope");
  require(in.size() == (has_frequencies ? 3u : 2u), "the inputs of rope");
  if (has_frequencies)
    require(in[2].shape() == Shape{dims / 2} && in[2].dtype() == float32,
            "the frequencies of rope");
  return {value_of(x)};
}

// ---- The rules of all kinds

using Rule = std::function<Values(Primitive&, const Arrays&, Dtype)>;
using Rules = std::unordered_map<std::type_index, Rule>;

/// A kind with an overload above.
template <typename Kind>
void add(Rules& rules) {
  rules[typeid(Kind)] = [](Primitive& primitive, const Arrays& in, Dtype dtype) {
    auto& node = static_cast<Kind&>(primitive);
    if constexpr (std::is_same_v<Kind, Arange>) {
      return outputs_of(node, dtype);
    } else {
      return outputs_of(node, in);
    }
  };
}

/// A kind whose operation takes the inputs and then the parameters in order.
template <typename Kind, typename Operation>
void add(Rules& rules, Operation operation, Parameters compared = Parameters::compared) {
  rules[typeid(Kind)] = [=](Primitive& primitive, const Arrays& in, Dtype) {
    auto call = [&](const auto&... parameters) { return operation(in, parameters...); };
    auto made = std::apply(call, static_cast<const Kind&>(primitive).parameters());
    if constexpr (std::is_same_v<decltype(made), array>) {
      return same_node(primitive, in, {made}, compared);
    } else {
      return same_node(primitive, in, made, compared);
    }
  };
}

template <typename Kind>
void add_matrix_function(Rules& rules) {
  rules[typeid(Kind)] = [](Primitive& primitive, const Arrays& in, Dtype) {
    MatrixFunction& node = static_cast<Kind&>(primitive);
    return same_node(primitive, in, node.apply(in));
  };
}

using Axes = std::vector<int>;

void add_products(Rules& rules) {
  add<AddMM>(
      rules,
      [](const Arrays& in, float alpha, float beta) {
        return addmm(in[2], in[0], in[1], alpha, beta);
      },
      Parameters::free);
  add<BlockMaskedMM>(rules, [](const Arrays& in, int block) {
    return block_masked_mm(in[0], in[1], block, in[2], in[3], in[4]);
  });
  add<Convolution>(rules, [](const Arrays& in, const ConvolutionParameters& p) {
    return convolution(in[0], in[1], p);
  });
  add<ConvolutionWeightGradient>(rules);
  add<FFT>(rules);
  add<GatherMM>(rules, [](const Arrays& in, bool ascends) {
    return gather_mm(in[0], in[1], in[2], in[3], ascends);
  });
  add<GatherQMM>(rules);
  add<Hadamard>(
      rules, [](const Arrays& in, float scale, bool) { return hadamard_transform(in[0], scale); },
      Parameters::free);
  add<Matmul>(rules, [](const Arrays& in) { return matmul(in[0], in[1]); });
  add<QuantizedMatmul>(rules);
  add<SegmentedMM>(rules, [](const Arrays& in) { return segmented_mm(in[0], in[1], in[2]); });
  add<SegmentedMMAdjoint>(rules);
}

void add_matrix_functions(Rules& rules) {
  add_matrix_function<Cholesky>(rules);
  add_matrix_function<Determinant>(rules);
  add_matrix_function<Eig>(rules);
  add_matrix_function<Eigh>(rules);
  add_matrix_function<Inverse>(rules);
  add_matrix_function<LogDeterminant>(rules);
  add_matrix_function<PseudoInverse>(rules);
  add_matrix_function<QRF>(rules);
  add_matrix_function<Solve>(rules);
  add_matrix_function<SolveTriangular>(rules);
  add_matrix_function<SVD>(rules);
  add_matrix_function<TriangularInverse>(rules);
  add<Cofactors>(rules);
  // Its operation arranges the outputs, so they are what is compared.
  rules[typeid(LUF)] = [](Primitive& primitive, const Arrays& in, Dtype) {
    linalg::lu_factor(in[0]);
    MatrixFunction& node = static_cast<LUF&>(primitive);
    return same_node(primitive, in, node.apply(in));
  };
}

void add_shapes(Rules& rules) {
  add<AsStrided>(rules);
  add<Broadcast>(rules);
  add<Concatenate>(rules, [](const Arrays& in, int axis) { return concatenate(in, axis); });
  add<Contiguous>(rules, [](const Arrays& in, bool either) { return contiguous(in[0], either); });
  add<Copy>(rules, [](const Arrays& in) { return copy(in[0]); });
  add<Depends>(rules);
  add<DynamicSlice>(rules, [](const Arrays& in, const Axes& axes, const Shape& size) {
    return slice(in[0], in[1], axes, size);
  });
  add<DynamicSliceUpdate>(rules, [](const Arrays& in, const Axes& axes) {
    return slice_update(in[0], in[1], in[2], axes);
  });
  add<ExpandDims>(rules,
                  [](const Arrays& in, const Axes& axes) { return expand_dims(in[0], axes); });
  add<Flatten>(rules, [](const Arrays& in, int from, int to) { return flatten(in[0], from, to); });
  rules[typeid(Full)] = [](Primitive& node, const Arrays& in, Dtype) {
    return outputs_of(static_cast<const Broadcast&>(static_cast<const Full&>(node)), in);
  };
  add<Pad>(rules, [](const Arrays& in, const Axes& axes, const Shape& low, const Shape& high) {
    return pad(in[0], axes, low, high, in[1]);
  });
  add<Reshape>(rules, [](const Arrays& in, const Shape& shape) { return reshape(in[0], shape); });
  add<Slice>(rules, [](const Arrays& in, const Shape& start, const Shape& stop,
                       const Shape& strides) { return slice(in[0], start, stop, strides); });
  add<SliceUpdate>(
      rules, [](const Arrays& in, const Shape& start, const Shape& stop, const Shape& strides) {
        return slice_update(in[0], in[1], start, stop, strides);
      });
  add<Split>(rules, [](const Arrays& in, const Shape& indices, int axis) {
    return split(in[0], indices, axis);
  });
  add<Squeeze>(rules, [](const Arrays& in, const Axes& axes) { return squeeze(in[0], axes); });
  add<StopGradient>(rules, [](const Arrays& in) { return stop_gradient(in[0]); });
  add<Transpose>(rules, [](const Arrays& in, const Axes& axes) { return transpose(in[0], axes); });
  add<Unflatten>(rules, [](const Arrays& in, int axis, const Shape& shape) {
    return unflatten(in[0], axis, shape);
  });
  add<View>(rules, [](const Arrays& in, Dtype dtype) { return view(in[0], dtype); });
}

void add_others(Rules& rules) {
  add<Arange>(rules);
  add<ArgPartition>(
      rules, [](const Arrays& in, int kth, int axis) { return argpartition(in[0], kth, axis); });
  add<ArgReduce>(rules);
  add<ArgSort>(rules, [](const Arrays& in, int axis) { return argsort(in[0], axis); });
  add<AsType>(rules, [](const Arrays& in, Dtype dtype) { return astype(in[0], dtype); });
  add<Attention>(rules);
  add<AttentionGradient>(rules);
  add<CategoricalSearch>(rules);
  add<ConvertFP8>(rules, [](const Arrays& in, Dtype dtype) {
    return dtype == uint8 ? to_fp8(in[0]) : from_fp8(in[0], dtype);
  });
  add<Dequantize>(rules);
  add<Elementwise>(rules);
  rules[typeid(Eye)] = [](Primitive& primitive, const Arrays& in, Dtype dtype) {
    auto [rows, columns, diagonal] = static_cast<const Eye&>(primitive).parameters();
    return same_node(primitive, in, {eye(rows, columns, diagonal, dtype)});
  };
  add<Gather>(rules);
  add<GatherAxis>(rules,
                  [](const Arrays& in, int axis) { return take_along_axis(in[0], in[1], axis); });
  add<LogSumExp>(rules, [](const Arrays& in) { return logsumexp(in[0], -1); });
  add<Normalization>(rules);
  add<NormalizationGradient>(rules);
  add<NumberOfElements>(rules);
  add<Partition>(rules,
                 [](const Arrays& in, int kth, int axis) { return partition(in[0], kth, axis); });
  add<Quantize>(rules);
  add<QuantizedRounding>(rules);
  add<RandomBits>(rules);
  add<Reduce>(rules);
  add<RoPE>(rules);
  add<Scan>(rules);
  add<Scatter>(rules);
  add<ScatterAxis>(rules);
  add<SearchSorted>(rules, [](const Arrays& in, bool right) {
    return searchsorted(in[0], in[1], right ? "right" : "left");
  });
  add<Softmax>(rules, [](const Arrays& in) { return softmax(in[0], -1); });
  add<Sort>(rules, [](const Arrays& in, int axis) { return sort(in[0], axis); });
}

const Rules& all_rules() {
  static const Rules* rules = [] {
    auto* all = new Rules;
    add_products(*all);
    add_matrix_functions(*all);
    add_shapes(*all);
    add_others(*all);
    return all;
  }();
  return *rules;
}

}  // namespace

Values checked_outputs(Primitive& primitive, const Arrays& inputs, Dtype dtype) {
  auto rule = all_rules().find(typeid(primitive));
  require(rule != all_rules().end(), "a kind of node without a rule");
  return rule->second(primitive, inputs, dtype);
}

Arrays replay_checked_values(const TracedGraph& graph, Arrays leaves) {
  Arrays values = std::move(leaves);
  values.reserve(graph.values.size());
  for (auto& node : graph.nodes) {
    Arrays inputs;
    for (uint32_t input : node.inputs) inputs.push_back(values[input]);
    auto outputs = checked_outputs(*node.primitive, inputs, graph.values[node.first_output].dtype);
    require(outputs.size() == node.outputs, "the number of a node's outputs");
    std::vector<Shape> shapes;
    std::vector<Dtype> dtypes;
    for (uint32_t i = 0; i < node.outputs; ++i) {
      require(outputs[i].dtype == graph.values[node.first_output + i].dtype, "a node's dtype");
      shapes.push_back(outputs[i].shape);
      dtypes.push_back(outputs[i].dtype);
    }
    auto made = array::make_arrays(std::move(shapes), dtypes, node.primitive, inputs);
    std::move(made.begin(), made.end(), std::back_inserter(values));
  }
  return values;
}

}  // namespace mlx::core
