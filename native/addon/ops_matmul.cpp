#include "binder.h"
#include "mlx/ops.h"

namespace mlx::addon {

using namespace core;

FunctionTable matmul_functions() {
  return {
      binary<matmul>("matmul"),
      binary<outer>("outer"),
      binary<inner>("inner"),
      bind("addmm", [](const array& c, const array& a, const array& b, float alpha, float beta,
                       StreamOrDevice s) { return addmm(c, a, b, alpha, beta, s); }),
      bind("tensordot",
           [](const array& a, const array& b, std::vector<int> axes_a, std::vector<int> axes_b,
              StreamOrDevice s) { return tensordot(a, b, axes_a, axes_b, s); }),
  };
}

}  // namespace mlx::addon
