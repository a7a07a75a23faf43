#include "primitives/elementwise.h"

#include <algorithm>
#include <array>
#include <list>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/elementwise_derivative.h"
#include "primitives/elementwise_table.h"
#include "primitives/mapped_axis.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

using Op = ElementwiseOp;

/// The stateless primitives of a few streams; the one used last stands first.
class PrimitiveCache {
 public:
  const std::shared_ptr<Primitive>& get(Op op, const Stream& stream) {
    if (entries_.empty() || !(entries_.front().stream == stream)) bring_to_front(stream);
    auto& primitive = entries_.front().primitives[size_t(op)];
    if (!primitive) primitive = std::make_shared<Elementwise>(stream, op);
    return primitive;
  }

 private:
  static constexpr size_t most_streams = 8;

  struct Entry {
    Stream stream;
    std::array<std::shared_ptr<Primitive>, elementwise_op_count> primitives;
  };

  void bring_to_front(const Stream& stream) {
    auto found = std::find_if(entries_.begin(), entries_.end(),
                              [&](const Entry& entry) { return entry.stream == stream; });
    if (found != entries_.end()) {
      entries_.splice(entries_.begin(), entries_, found);
      return;
    }
    entries_.push_front({stream, {}});
    if (entries_.size() > most_streams) entries_.pop_back();
  }

  std::list<Entry> entries_;
};

/// Flat, or it depends on the files beside this one in a unit what the compiler makes calls of.
[[gnu::flatten]] array make_node(Op op, std::vector<array> inputs, const Stream& stream) {
  Dtype dtype = elementwise_result_type(op, inputs.back().dtype());
  Shape shape = inputs[0].shape();
  return array(std::move(shape), dtype, elementwise_primitive(op, stream), std::move(inputs));
}

}  // namespace

const char* elementwise_op_name(Op op) { return row_of(op).name; }

const std::shared_ptr<Primitive>& elementwise_primitive(Op op, const Stream& stream) {
  thread_local PrimitiveCache cache;
  return cache.get(op, stream);
}

Dtype elementwise_result_type(Op op, Dtype operand) {
  using Result = ElementwiseRow::Result;
  switch (row_of(op).result) {
    case Result::boolean:
      return bool_;
    case Result::real:
      return operand == complex64 ? float32 : operand;
    default:
      return operand;
  }
}

array elementwise_node(Op op, const array& a, const Stream& stream) {
  std::vector<array> inputs;
  inputs.reserve(1);
  inputs.push_back(a);
  return make_node(op, std::move(inputs), stream);
}

[[gnu::flatten]] array elementwise_node(Op op, const array& a, const array& b,
                                        const Stream& stream) {
  if (a.shape() != b.shape()) return make_node(op, broadcast_arrays({a, b}, stream), stream);
  std::vector<array> inputs;
  inputs.reserve(2);
  inputs.push_back(a);
  inputs.push_back(b);
  return make_node(op, std::move(inputs), stream);
}

array elementwise_node(Op op, const array& a, const array& b, const array& c,
                       const Stream& stream) {
  if (a.shape() != b.shape() || b.shape() != c.shape())
    return make_node(op, broadcast_arrays({a, b, c}, stream), stream);
  return make_node(op, {a, b, c}, stream);
}

// ---- Elementwise

array Elementwise::apply(std::vector<array> inputs) const {
  if (inputs.size() > 1) inputs = broadcast_arrays(inputs, stream());
  return make_node(op_, std::move(inputs), stream());
}

std::vector<array> Elementwise::jvp(const std::vector<array>& primals,
                                    const std::vector<array>& tangents,
                                    const std::vector<int>& argnums) {
  array output = apply(primals);
  std::optional<array> total;
  for (size_t i = 0; i < argnums.size(); ++i) {
    array part = apply_elementwise_derivative(op_, argnums[i], tangents[i], primals, output, false,
                                              stream());
    total = total ? add(*total, part, stream()) : part;
  }
  return {*total};
}

std::vector<array> Elementwise::vjp(const std::vector<array>& primals,
                                    const std::vector<array>& cotangents,
                                    const std::vector<int>& argnums,
                                    const std::vector<array>& outputs) {
  std::vector<array> gradients;
  gradients.reserve(argnums.size());
  for (int argnum : argnums)
    gradients.push_back(apply_elementwise_derivative(op_, argnum, cotangents[0], primals,
                                                     outputs[0], true, stream()));
  return gradients;
}

std::pair<std::vector<array>, std::vector<int>> Elementwise::vmap(const std::vector<array>& inputs,
                                                                  const std::vector<int>& axes) {
  bool one_axis = std::all_of(axes.begin(), axes.end(), [&](int axis) { return axis == axes[0]; });
  if (one_axis) return {{apply(inputs)}, {axes[0]}};
  std::vector<array> moved;
  moved.reserve(inputs.size());
  // Inputs without the axis are broadcast, since it stands first.
  for (size_t i = 0; i < inputs.size(); ++i)
    moved.push_back(mapped_axis_first(inputs[i], axes[i], stream()));
  return {{apply(std::move(moved))}, {0}};
}

std::vector<Shape> Elementwise::output_shapes(const std::vector<array>& inputs) {
  if (!is_same_shape(inputs))
    throw ShapeError(concat_text("[", name(), "] Inputs have different shapes: ", inputs[0].shape(),
                                 " and ", inputs.back().shape(), "."));
  return {inputs[0].shape()};
}

// ---- AsType

array AsType::apply(std::vector<array> inputs) const { return astype(inputs[0], dtype_, stream()); }

std::vector<array> AsType::jvp(const std::vector<array>& primals,
                               const std::vector<array>& tangents, const std::vector<int>&) {
  if (has_slope(primals[0].dtype(), dtype_)) return {astype(tangents[0], dtype_, stream())};
  return {zeros(primals[0].shape(), dtype_, stream())};
}

std::vector<array> AsType::vjp(const std::vector<array>& primals,
                               const std::vector<array>& cotangents, const std::vector<int>&,
                               const std::vector<array>&) {
  if (has_slope(primals[0].dtype(), dtype_))
    return {astype(cotangents[0], primals[0].dtype(), stream())};
  return {zeros_view(primals[0], stream())};
}

}  // namespace mlx::core
