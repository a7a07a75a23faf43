#include "primitives/formula.h"

namespace mlx::core {
namespace {

/// The formula as a function of some of its arguments, and those.
struct PartialFormula {
  VectorFunction function;
  std::vector<array> arguments;

  PartialFormula(const VectorFunction& formula, const std::vector<array>& primals,
                 const std::vector<int>& argnums) {
    for (int argnum : argnums) arguments.push_back(primals[argnum]);
    function = [&formula, &primals, &argnums](const std::vector<array>& given) {
      std::vector<array> all = primals;
      for (size_t i = 0; i < argnums.size(); ++i) all[argnums[i]] = given[i];
      return formula(all);
    };
  }
};

}  // namespace

std::vector<array> formula_jvp(const VectorFunction& formula, const std::vector<array>& primals,
                               const std::vector<array>& tangents,
                               const std::vector<int>& argnums) {
  PartialFormula partial(formula, primals, argnums);
  return jvp(partial.function, partial.arguments, tangents).second;
}

std::vector<array> formula_vjp(const VectorFunction& formula, const std::vector<array>& primals,
                               const std::vector<array>& cotangents,
                               const std::vector<int>& argnums) {
  PartialFormula partial(formula, primals, argnums);
  return vjp(partial.function, partial.arguments, cotangents).second;
}

}  // namespace mlx::core
