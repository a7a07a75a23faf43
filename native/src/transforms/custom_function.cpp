#include <numeric>

#include "mlx/ops.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"
#include "primitives/custom.h"

namespace mlx::core {
namespace {

using Arrays = std::vector<array>;

std::vector<int> all_axes(size_t count, int axis) { return std::vector<int>(count, axis); }

std::vector<int> joined(const std::vector<std::vector<int>>& parts) {
  std::vector<int> result;
  for (auto& part : parts) result.insert(result.end(), part.begin(), part.end());
  return result;
}

Arrays joined(const std::vector<Arrays>& parts) {
  Arrays result;
  for (auto& part : parts) result.insert(result.end(), part.begin(), part.end());
  return result;
}

Arrays part(const Arrays& arrays, size_t begin, size_t count) {
  return {arrays.begin() + std::ptrdiff_t(begin), arrays.begin() + std::ptrdiff_t(begin + count)};
}

CustomRules completed(const VectorFunction& fun, const CustomRules& given, size_t outputs);

/// Marks the results as those of a function with rules.
Arrays apply_rules(const VectorFunction& fun, const CustomRules& given, const Arrays& arguments,
                   const Arrays& results) {
  Stream stream = results[0].has_primitive() ? results[0].primitive().stream() : to_stream({});
  std::vector<Shape> shapes;
  std::vector<Dtype> dtypes;
  for (auto& result : results) {
    shapes.push_back(result.shape());
    dtypes.push_back(result.dtype());
  }
  auto primitive = std::make_shared<CustomTransforms>(stream, results.size(),
                                                      completed(fun, given, results.size()));
  return array::make_arrays(std::move(shapes), dtypes, primitive, joined({arguments, results}));
}

/// The rules of the function mapped over axes: each given rule is mapped in turn, so that a
/// derivative taken after vmap still follows it.
CustomRules mapped_rules(const CustomRules& rules, const std::vector<int>& axes) {
  CustomRules mapped;
  if (rules.vjp) {
    mapped.vjp = [rule = rules.vjp, axes](const Arrays& primals, const Arrays& cotangents,
                                          const Arrays& outputs, const std::vector<int>& argnums) {
      size_t n = primals.size(), m = cotangents.size();
      auto one = [&](const Arrays& slices) {
        return rule(part(slices, 0, n), part(slices, n, m), part(slices, n + m, m), argnums);
      };
      // A gradient for an argument that all slices share is the sum over them.
      std::vector<int> out_axes;
      for (int argnum : argnums) out_axes.push_back(std::max(axes[argnum], 0));
      auto gradients = vmap(VectorFunction(one), joined({axes, all_axes(2 * m, 0)}),
                            out_axes)(joined({primals, cotangents, outputs}));
      for (size_t i = 0; i < argnums.size(); ++i)
        if (axes[argnums[i]] < 0) gradients[i] = sum(gradients[i], 0);
      return gradients;
    };
  }
  if (rules.jvp) {
    mapped.jvp = [rule = rules.jvp, axes](const Arrays& primals, const Arrays& tangents,
                                          const std::vector<int>& argnums) {
      size_t n = primals.size();
      auto one = [&](const Arrays& slices) {
        return rule(part(slices, 0, n), part(slices, n, tangents.size()), argnums);
      };
      std::vector<int> tangent_axes;
      for (int argnum : argnums) tangent_axes.push_back(axes[argnum]);
      return vmap(VectorFunction(one), joined({axes, tangent_axes}))(joined({primals, tangents}));
    };
  }
  return mapped;
}

/// The vmap of a custom function's node, whose inputs are the arguments, then the results.
std::pair<Arrays, std::vector<int>> map_custom(const VectorFunction& fun, const CustomRules& given,
                                               size_t outputs, const Arrays& inputs,
                                               const std::vector<int>& axes) {
  size_t n = inputs.size() - outputs;
  std::vector<int> argument_axes(axes.begin(), axes.begin() + std::ptrdiff_t(n));
  Arrays arguments = part(inputs, 0, n);
  if (given.vmap) return given.vmap(arguments, argument_axes);
  // The results have been mapped by the nodes that made them.
  int size = 0;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (axes[i] >= 0) size = inputs[i].shape(axes[i]);
  Arrays results;
  for (size_t i = n; i < inputs.size(); ++i) {
    if (axes[i] >= 0) {
      results.push_back(moveaxis(inputs[i], axes[i], 0));
    } else {
      Shape shape = inputs[i].shape();
      shape.insert(shape.begin(), size);
      results.push_back(broadcast_to(inputs[i], shape));
    }
  }
  auto mapped =
      apply_rules(vmap(fun, argument_axes), mapped_rules(given, argument_axes), arguments, results);
  return {std::move(mapped), all_axes(outputs, 0)};
}

/// The function of some arguments, and those; the others stay as they are. It must not outlive what
/// it is made of.
std::pair<VectorFunction, Arrays> with_some(const VectorFunction& fun, const Arrays& primals,
                                            const std::vector<int>& argnums) {
  Arrays some;
  for (int argnum : argnums) some.push_back(primals[argnum]);
  auto of_some = [&](const Arrays& given) {
    Arrays all = primals;
    for (size_t i = 0; i < given.size(); ++i) all[argnums[i]] = given[i];
    return fun(all);
  };
  return {of_some, some};
}

CustomRules completed(const VectorFunction& fun, const CustomRules& given, size_t outputs) {
  CustomRules rules = given;
  if (!rules.vjp) {
    rules.vjp = [fun](const Arrays& primals, const Arrays& cotangents, const Arrays&,
                      const std::vector<int>& argnums) {
      auto [of_some, some] = with_some(fun, primals, argnums);
      return vjp(of_some, some, cotangents).second;
    };
  }
  if (!rules.jvp) {
    rules.jvp = [fun](const Arrays& primals, const Arrays& tangents,
                      const std::vector<int>& argnums) {
      auto [of_some, some] = with_some(fun, primals, argnums);
      return jvp(of_some, some, tangents).second;
    };
  }
  rules.vmap = [fun, given, outputs](const Arrays& inputs, const std::vector<int>& axes) {
    return map_custom(fun, given, outputs, inputs, axes);
  };
  return rules;
}

VectorFunction make_custom(VectorFunction fun, CustomRules given) {
  return [fun = std::move(fun), given = std::move(given)](const Arrays& arguments) {
    Arrays inner;
    for (auto& argument : arguments) inner.push_back(RuledArgument::of(argument, to_stream({})));
    auto results = fun(inner);
    if (results.empty() || arguments.empty()) return results;
    return apply_rules(fun, given, arguments, results);
  };
}

}  // namespace

VectorFunction custom_function(VectorFunction fun, std::optional<CustomVjp> fun_vjp,
                               std::optional<CustomJvp> fun_jvp,
                               std::optional<CustomVmap> fun_vmap) {
  if (!fun) throw std::invalid_argument("[custom_function] Expected a function.");
  if (!fun_vjp && !fun_jvp && !fun_vmap) return fun;
  CustomRules rules;
  if (fun_vjp) {
    rules.vjp = [rule = std::move(*fun_vjp)](const Arrays& primals, const Arrays& cotangents,
                                             const Arrays& outputs,
                                             const std::vector<int>& argnums) {
      Arrays all = rule(primals, cotangents, outputs), gradients;
      check_shapes("vjp", all, primals, "argument");
      for (int argnum : argnums) gradients.push_back(all[argnum]);
      return gradients;
    };
  }
  if (fun_jvp) rules.jvp = std::move(*fun_jvp);
  if (fun_vmap) rules.vmap = std::move(*fun_vmap);
  return make_custom(std::move(fun), std::move(rules));
}

VectorFunction custom_vjp(VectorFunction fun, CustomVjp fun_vjp) {
  return custom_function(std::move(fun), std::move(fun_vjp));
}

VectorFunction checkpoint(VectorFunction fun) {
  if (!fun) throw std::invalid_argument("[checkpoint] Expected a function.");
  CustomRules rules;
  rules.vjp = [fun](const Arrays& primals, const Arrays& cotangents, const Arrays&,
                    const std::vector<int>& argnums) {
    // Once the cotangents are there and not before: otherwise the intermediates of all checkpoints
    // would be recomputed first and live together. All gradients at once, for the same reason: one
    // that waits would hold on to what it needs.
    Arrays waiting = depends(primals, cotangents);
    auto [of_some, some] = with_some(fun, waiting, argnums);
    return depends(vjp(of_some, some, cotangents).second, {});
  };
  return make_custom(std::move(fun), std::move(rules));
}

}  // namespace mlx::core
