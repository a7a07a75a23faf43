#include "primitives/custom.h"

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/tangents.h"

namespace mlx::core {
void check_shapes(const char* rule, const std::vector<array>& got,
                  const std::vector<array>& expected, const char* of) {
  if (got.size() != expected.size())
    throw std::invalid_argument(concat_text("[custom_function] The ", rule, " returned ",
                                            got.size(), " arrays; it must return one for each ", of,
                                            ", ", expected.size(), "."));
  for (size_t i = 0; i < got.size(); ++i)
    if (got[i].shape() != expected[i].shape())
      throw ShapeError(concat_text("[custom_function] The ", rule, " returned shape ",
                                   got[i].shape(), " for ", of, " ", i, ", whose shape is ",
                                   expected[i].shape(), "."));
}

std::vector<array> CustomTransforms::jvp(const std::vector<array>& primals,
                                         const std::vector<array>& tangents,
                                         const std::vector<int>& argnums) {
  size_t arguments = primals.size() - results_;
  std::vector<array> given, pushed;
  std::vector<int> positions;
  for (size_t i = 0; i < results_; ++i)
    pushed.push_back(tangent_of(arguments + i, primals, tangents, argnums, stream()));
  for (size_t i = 0; i < argnums.size(); ++i) {
    if (size_t(argnums[i]) >= arguments) continue;
    positions.push_back(argnums[i]);
    given.push_back(tangents[i]);
  }
  if (positions.empty()) return pushed;
  auto by_rule = rules_.jvp(arguments_of(primals), given, positions);
  check_shapes("jvp", by_rule, pushed, "output");
  bool captured = positions.size() < argnums.size();
  for (size_t i = 0; i < results_; ++i) {
    array tangent = astype(by_rule[i], pushed[i].dtype(), stream());
    pushed[i] = captured ? add(pushed[i], tangent, stream()) : tangent;
  }
  return pushed;
}

std::vector<array> CustomTransforms::vjp(const std::vector<array>& primals,
                                         const std::vector<array>& cotangents,
                                         const std::vector<int>& argnums,
                                         const std::vector<array>& outputs) {
  auto arguments = arguments_of(primals);
  std::vector<int> positions;
  for (int argnum : argnums)
    if (size_t(argnum) < arguments.size()) positions.push_back(argnum);
  std::vector<array> gradients;
  if (!positions.empty()) gradients = rules_.vjp(arguments, cotangents, outputs, positions);
  for (size_t i = 0; i < positions.size(); ++i)
    gradients[i] = astype(gradients[i], primals[positions[i]].dtype(), stream());
  for (size_t i = positions.size(); i < argnums.size(); ++i)
    gradients.push_back(cotangents[size_t(argnums[i]) - arguments.size()]);
  return gradients;
}

std::pair<std::vector<array>, std::vector<int>> CustomTransforms::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  return rules_.vmap(inputs, axes);
}

std::vector<Shape> CustomTransforms::output_shapes(const std::vector<array>& inputs) {
  std::vector<Shape> shapes;
  for (size_t i = inputs.size() - results_; i < inputs.size(); ++i)
    shapes.push_back(inputs[i].shape());
  return shapes;
}

}  // namespace mlx::core
