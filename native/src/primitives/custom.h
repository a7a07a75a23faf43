#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "mlx/primitives.h"
#include "primitives/graph.h"
#include "primitives/moves_elements.h"

namespace mlx::core {

/// The rules of a function with derivatives of its own.
struct CustomRules {
  using Arrays = std::vector<array>;

  /// Gradients of primals[argnums[i]].
  std::function<Arrays(const Arrays& primals, const Arrays& cotangents, const Arrays& outputs,
                       const std::vector<int>& argnums)>
      vjp;
  /// Tangents of the outputs; tangents are those of primals[argnums[i]].
  std::function<Arrays(const Arrays& primals, const Arrays& tangents,
                       const std::vector<int>& argnums)>
      jvp;
  /// Here the inputs are the arguments and the results.
  std::function<std::pair<Arrays, std::vector<int>>(const Arrays& inputs,
                                                    const std::vector<int>& axes)>
      vmap;
};

/// Throws unless a rule returned one array of the expected shape for each argument or output.
void check_shapes(const char* rule, const std::vector<array>& got,
                  const std::vector<array>& expected, const char* of);

/// An argument as the function sees it: derivatives reach it through the rules alone. Where a trace
/// drops the rules it drops this too, or the function would have no derivative left.
class RuledArgument : public StopGradient {
 public:
  using StopGradient::StopGradient;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override {
    return {{of(inputs[0], stream())}, axes};
  }
  static array of(const array& a, const Stream& s) {
    return array(a.shape(), a.dtype(), std::make_shared<RuledArgument>(s), {a});
  }
};

/// Passes on what a function made of its arguments, and knows the function's own rules. Inputs are
/// the arguments, for which the rules hold, then the results. Derivatives go through those too, for
/// what the function captured.
class CustomTransforms : public Primitive, public MovesElements {
 public:
  CustomTransforms(Stream stream, size_t results, CustomRules rules)
      : Primitive(stream), results_(results), rules_(std::move(rules)) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override {
    eval_cpu(inputs, outputs);
  }
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "CustomTransforms"; }
  Role role() const override { return Role::custom_rules; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;

 private:
  std::vector<array> arguments_of(const std::vector<array>& inputs) const {
    return {inputs.begin(), inputs.end() - std::ptrdiff_t(results_)};
  }

  size_t results_;
  CustomRules rules_;
};

}  // namespace mlx::core
