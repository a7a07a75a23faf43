#include "primitives/attention.h"

#include <algorithm>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/attention_formula.h"
#include "primitives/formula.h"
#include "primitives/mapped_axis.h"

namespace mlx::core {
namespace {

using Arrays = std::vector<array>;

Arrays mapped_first(const Arrays& inputs, const std::vector<int>& axes, const Stream& s) {
  const int size = mapped_axis_size(inputs, axes);
  Arrays moved;
  for (size_t i = 0; i < inputs.size(); ++i)
    moved.push_back(with_mapped_axis_first(inputs[i], axes[i], size, s));
  return moved;
}

/// The inputs of attention and the gradient of its result, without the result.
Arrays without_result(const Arrays& inputs) {
  Arrays others = inputs;
  others.erase(others.end() - 2);
  return others;
}

}  // namespace

Arrays Attention::jvp(const Arrays& primals, const Arrays& tangents,
                      const std::vector<int>& argnums) {
  return formula_jvp(attention_formula(settings_, stream()), primals, tangents, argnums);
}

Arrays Attention::vjp(const Arrays& primals, const Arrays& cotangents,
                      const std::vector<int>& argnums, const Arrays& outputs) {
  const int mask = settings_.has_mask ? 3 : -1;
  Arrays inputs = primals, results;
  inputs.push_back(outputs[0]);
  inputs.push_back(cotangents[0]);
  Arrays gradients = AttentionGradient::make(inputs, settings_, stream());
  for (int argnum : argnums) {
    if (argnum != mask) {
      // Sinks come last, with and without a mask.
      results.push_back(gradients[std::min(argnum, 3)]);
    } else {
      // It is as large as the scores, so that nothing is saved by tiles.
      results.push_back(
          formula_vjp(attention_formula(settings_, stream()), primals, cotangents, {argnum})[0]);
    }
  }
  return results;
}

std::pair<Arrays, std::vector<int>> Attention::vmap(const Arrays& inputs,
                                                    const std::vector<int>& axes) {
  Arrays moved = mapped_first(inputs, axes, stream());
  auto node = std::make_shared<Attention>(stream(), settings_);
  Shape shape = output_shapes(moved)[0];
  return {{array(std::move(shape), moved[0].dtype(), std::move(node), moved)}, {0}};
}

std::vector<Shape> Attention::output_shapes(const Arrays& inputs) {
  Shape shape = inputs[0].shape();
  // A trace of other sizes may meet them.
  int heads = shape.end()[-3], groups = inputs[1].shape(-3);
  if (heads != 0 && (groups == 0 || heads % groups != 0))
    throw ShapeError(concat_text("[scaled_dot_product_attention] The ", heads, " heads of queries ",
                                 "must be a multiple of the ", groups,
                                 " heads of keys and values."));
  shape.back() = inputs[2].shape(-1);
  return {shape};
}

// The result is a function of the other inputs, so that it needs no derivative of its own.

Arrays AttentionGradient::jvp(const Arrays& primals, const Arrays& tangents,
                              const std::vector<int>& argnums) {
  const int result = int(primals.size()) - 2;
  Arrays kept;
  std::vector<int> positions;
  for (size_t i = 0; i < argnums.size(); ++i) {
    if (argnums[i] == result) continue;
    positions.push_back(argnums[i] > result ? argnums[i] - 1 : argnums[i]);
    kept.push_back(tangents[i]);
  }
  return formula_jvp(attention_gradient_formula(settings_, stream()), without_result(primals), kept,
                     positions);
}

Arrays AttentionGradient::vjp(const Arrays& primals, const Arrays& cotangents,
                              const std::vector<int>& argnums, const Arrays&) {
  const int result = int(primals.size()) - 2;
  std::vector<int> positions;
  for (int argnum : argnums)
    if (argnum != result) positions.push_back(argnum > result ? argnum - 1 : argnum);
  Arrays gradients = formula_vjp(attention_gradient_formula(settings_, stream()),
                                 without_result(primals), cotangents, positions);
  Arrays results;
  for (size_t i = 0, next = 0; i < argnums.size(); ++i)
    results.push_back(argnums[i] == result ? zeros_like(primals[result], stream())
                                           : gradients[next++]);
  return results;
}

std::pair<Arrays, std::vector<int>> AttentionGradient::vmap(const Arrays& inputs,
                                                            const std::vector<int>& axes) {
  Arrays gradients = make(mapped_first(inputs, axes, stream()), settings_, stream());
  std::vector<int> out_axes(gradients.size(), 0);
  return {std::move(gradients), std::move(out_axes)};
}

std::vector<Shape> AttentionGradient::output_shapes(const Arrays& inputs) {
  std::vector<Shape> shapes{inputs[0].shape(), inputs[1].shape(), inputs[2].shape()};
  if (settings_.has_sinks) shapes.push_back(inputs[settings_.has_mask ? 4 : 3].shape());
  return shapes;
}

Arrays AttentionGradient::make(const Arrays& inputs, const AttentionSettings& settings,
                               const Stream& stream) {
  auto node = std::make_shared<AttentionGradient>(stream, settings);
  auto shapes = node->output_shapes(inputs);
  std::vector<Dtype> dtypes(3, inputs[0].dtype());
  if (settings.has_sinks) dtypes.push_back(inputs[settings.has_mask ? 4 : 3].dtype());
  return array::make_arrays(std::move(shapes), dtypes, node, inputs);
}

}  // namespace mlx::core
