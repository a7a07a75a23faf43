#include "transforms/export/primitive_format.h"

#include <typeindex>
#include <unordered_map>

#include "mlx/utils.h"
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

template <>
inline constexpr int enumerator_count<Reduce::ReduceType> = Reduce::Max + 1;
template <>
inline constexpr int enumerator_count<ArgReduce::ReduceType> = ArgReduce::ArgMax + 1;
template <>
inline constexpr int enumerator_count<Scan::ReduceType> = Scan::LogAddExp + 1;
template <>
inline constexpr int enumerator_count<ScatterReduction> = int(ScatterReduction::Min) + 1;
template <>
inline constexpr int enumerator_count<FFT::Kind> = int(FFT::Kind::inverse_real) + 1;
template <>
inline constexpr int enumerator_count<QuantizationMode> = int(QuantizationMode::nvfp4) + 1;
template <>
inline constexpr int enumerator_count<NormalizationKind> = int(NormalizationKind::layer) + 1;

namespace {

constexpr size_t any_number = 1 << 16;

/// How files hold one kind of node.
struct Format {
  const char* name;
  std::type_index type;
  size_t least_inputs, most_inputs;
  void (*write)(ByteWriter&, const Primitive&);
  std::shared_ptr<Primitive> (*read)(ByteReader&, const Stream&);
  std::vector<StateT> (*list)(const Primitive&);
};

template <typename T>
StateT to_state(const T& value) {
  if constexpr (std::is_same_v<T, ElementwiseOp>) {
    return std::string(elementwise_op_name(value));
  } else if constexpr (std::is_enum_v<T>) {
    return int(value);
  } else if constexpr (std::is_same_v<T, float>) {
    return double(value);
  } else {
    return value;
  }
}

template <typename Kind>
auto parameters_of(const Primitive& primitive) {
  return static_cast<const Kind&>(primitive).parameters();
}

template <typename T>
void add_states(std::vector<StateT>& states, const T& value) {
  if constexpr (std::is_same_v<T, ConvolutionParameters>) {
    for (auto* list : {&value.stride, &value.padding_lo, &value.padding_hi, &value.kernel_dilation,
                       &value.input_dilation})
      states.push_back(*list);
    states.push_back(value.groups);
    states.push_back(value.flip);
  } else {
    states.push_back(to_state(value));
  }
}

template <typename Kind, typename... T>
std::shared_ptr<Primitive> read_kind(ByteReader& in, const Stream& stream, std::tuple<T...>*) {
  // Braces: from left to right.
  std::tuple<std::remove_cvref_t<T>...> values{in.read<std::remove_cvref_t<T>>()...};
  return std::apply(
      [&](auto&... value) { return std::make_shared<Kind>(stream, std::move(value)...); }, values);
}

template <typename Kind>
Format format(const char* name, size_t least_inputs, size_t most_inputs) {
  return {name,
          typeid(Kind),
          least_inputs,
          most_inputs,
          [](ByteWriter& out, const Primitive& primitive) {
            std::apply([&](auto&... values) { out.write_all(values...); },
                       parameters_of<Kind>(primitive));
          },
          [](ByteReader& in, const Stream& stream) {
            using Parameters = decltype(std::declval<const Kind&>().parameters());
            return read_kind<Kind>(in, stream, static_cast<Parameters*>(nullptr));
          },
          [](const Primitive& primitive) {
            std::vector<StateT> states;
            std::apply([&](auto&... values) { (add_states(states, values), ...); },
                       parameters_of<Kind>(primitive));
            return states;
          }};
}

template <typename Kind>
Format format(const char* name, size_t inputs) {
  return format<Kind>(name, inputs, inputs);
}

const std::vector<Format>& formats() {
  static const auto* all = new std::vector<Format>{
      format<AddMM>("AddMM", 3),
      format<Arange>("Arange", 0),
      format<ArgPartition>("ArgPartition", 1),
      format<ArgReduce>("ArgReduce", 1),
      format<ArgSort>("ArgSort", 1),
      format<AsStrided>("AsStrided", 1),
      format<AsType>("AsType", 1),
      format<Attention>("ScaledDotProductAttention", 3, 5),
      format<AttentionGradient>("ScaledDotProductAttentionGradient", 5, 7),
      format<BlockMaskedMM>("BlockMaskedMM", 5),
      format<Broadcast>("Broadcast", 1, any_number),
      format<CategoricalSearch>("CategoricalSearch", 2),
      format<Cholesky>("Cholesky", 1),
      format<Cofactors>("Cofactors", 1),
      format<Concatenate>("Concatenate", 1, any_number),
      format<Contiguous>("Contiguous", 1),
      format<Convolution>("Convolution", 2),
      format<ConvolutionWeightGradient>("ConvolutionWeightGradient", 2),
      format<ConvertFP8>("ConvertFP8", 1),
      format<Copy>("Copy", 1),
      format<Depends>("Depends", 1, any_number),
      format<Determinant>("Determinant", 1),
      format<Dequantize>("Dequantize", 2, 3),
      format<DynamicSlice>("DynamicSlice", 2),
      format<DynamicSliceUpdate>("DynamicSliceUpdate", 3),
      format<Eig>("Eig", 1),
      format<Eigh>("Eigh", 1),
      format<Elementwise>("Elementwise", 1, 3),
      format<ExpandDims>("ExpandDims", 1),
      format<Eye>("Eye", 0),
      format<FFT>("FFT", 1),
      format<Flatten>("Flatten", 1),
      format<Full>("Full", 1),
      format<Gather>("Gather", 1, any_number),
      format<GatherAxis>("GatherAxis", 2),
      format<GatherMM>("GatherMM", 4),
      format<GatherQMM>("GatherQMM", 5, 6),
      format<Hadamard>("Hadamard", 1),
      format<Inverse>("Inverse", 1),
      format<LogDeterminant>("LogDeterminant", 1),
      format<LogSumExp>("LogSumExp", 1),
      format<LUF>("LUF", 1),
      format<Matmul>("Matmul", 2),
      format<Normalization>("Normalization", 2, 3),
      format<NormalizationGradient>("NormalizationGradient", 3),
      format<NumberOfElements>("NumberOfElements", 1),
      format<Pad>("Pad", 2),
      format<Partition>("Partition", 1),
      format<PseudoInverse>("PseudoInverse", 1),
      format<QRF>("QRF", 1),
      format<Quantize>("Quantize", 1, 2),
      format<QuantizedMatmul>("QuantizedMatmul", 3, 4),
      format<QuantizedRounding>("QuantizedRounding", 1, 2),
      format<RandomBits>("RandomBits", 1),
      format<Reduce>("Reduce", 1),
      format<Reshape>("Reshape", 1),
      format<RoPE>("RoPE", 2, 3),
      format<Scan>("Scan", 1),
      format<Scatter>("Scatter", 2, any_number),
      format<ScatterAxis>("ScatterAxis", 3),
      format<SearchSorted>("SearchSorted", 2),
      format<SegmentedMM>("SegmentedMM", 3),
      format<SegmentedMMAdjoint>("SegmentedMMAdjoint", 3),
      format<Slice>("Slice", 1),
      format<SliceUpdate>("SliceUpdate", 2),
      format<Softmax>("Softmax", 1),
      format<Solve>("Solve", 2),
      format<SolveTriangular>("SolveTriangular", 2),
      format<Sort>("Sort", 1),
      format<Split>("Split", 1),
      format<Squeeze>("Squeeze", 1),
      format<StopGradient>("StopGradient", 1),
      format<SVD>("SVD", 1),
      format<Transpose>("Transpose", 1),
      format<TriangularInverse>("TriangularInverse", 1),
      format<Unflatten>("Unflatten", 1),
      format<View>("View", 1),
  };
  return *all;
}

const Format& format_of(const Primitive& primitive) {
  static const auto* by_type = [] {
    auto* map = new std::unordered_map<std::type_index, const Format*>;
    for (auto& format : formats()) map->emplace(format.type, &format);
    return map;
  }();
  auto found = by_type->find(typeid(primitive));
  if (found == by_type->end())
    throw EngineError(
        concat_text("[export_function] A file can't hold the primitive ", primitive.name(), "."));
  return *found->second;
}

bool takes(const Format& format, const Primitive& primitive, size_t inputs) {
  if (auto op = primitive.fused_op()) return inputs == size_t(arity(*op));
  return inputs >= format.least_inputs && inputs <= format.most_inputs;
}

}  // namespace

void write_primitive(ByteWriter& out, const Primitive& primitive) {
  const Format& format = format_of(primitive);
  out.write(std::string(format.name));
  format.write(out, primitive);
}

std::shared_ptr<Primitive> read_primitive(ByteReader& in, const Stream& stream, size_t inputs) {
  auto name = in.read<std::string>();
  for (auto& format : formats()) {
    if (name != format.name) continue;
    auto primitive = format.read(in, stream);
    if (!takes(format, *primitive, inputs))
      throw std::invalid_argument(concat_text("a ", name, " of ", inputs, " inputs"));
    return primitive;
  }
  throw std::invalid_argument("the unknown primitive " + name);
}

const char* format_name(const Primitive& primitive) {
  // Elementwise nodes are known by their operation.
  return primitive.fused_op() ? primitive.name() : format_of(primitive).name;
}

std::vector<StateT> parameter_list(const Primitive& primitive) {
  return format_of(primitive).list(primitive);
}

}  // namespace mlx::core
