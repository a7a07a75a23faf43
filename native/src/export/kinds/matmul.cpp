#include "primitives/matmul.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"

namespace mlx::core {

std::vector<NodeKind> matmul_kinds() {
  return {
      kind<AddMM>("AddMM", 3,
                  made_by([](const Arrays& in, float alpha,
                             float beta) { return addmm(in[2], in[0], in[1], alpha, beta); },
                          Parameters::free)),
      kind<Matmul>("Matmul", 2, made_by([](const Arrays& in) { return matmul(in[0], in[1]); })),
  };
}

}  // namespace mlx::core
