#include "mlx/linalg.h"
#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "primitives/determinant.h"
#include "primitives/eigen.h"
#include "primitives/factorization.h"
#include "primitives/linear_system.h"
#include "primitives/singular_values.h"

namespace mlx::core {
namespace {

Values applied_outputs(MatrixFunction& node, const Arrays& in) {
  return same_node(node, in, node.apply(in));
}

/// Its operation arranges the outputs, so they are what is compared.
Values lu_outputs(LUF& node, const Arrays& in) {
  linalg::lu_factor(in[0]);
  return applied_outputs(node, in);
}

Values cofactors_outputs(const Cofactors&, const Arrays& in) {
  return {value_of(linalg::inv(in[0]))};
}

}  // namespace

std::vector<NodeKind> linalg_kinds() {
  return {
      kind<Cholesky>("Cholesky", 1, applied_outputs),
      kind<Cofactors>("Cofactors", 1, cofactors_outputs),
      kind<Determinant>("Determinant", 1, applied_outputs),
      kind<Eig>("Eig", 1, applied_outputs),
      kind<Eigh>("Eigh", 1, applied_outputs),
      kind<Inverse>("Inverse", 1, applied_outputs),
      kind<LogDeterminant>("LogDeterminant", 1, applied_outputs),
      kind<LUF>("LUF", 1, lu_outputs),
      kind<PseudoInverse>("PseudoInverse", 1, applied_outputs),
      kind<QRF>("QRF", 1, applied_outputs),
      kind<Solve>("Solve", 2, applied_outputs),
      kind<SolveTriangular>("SolveTriangular", 2, applied_outputs),
      kind<SVD>("SVD", 1, applied_outputs),
      kind<TriangularInverse>("TriangularInverse", 1, applied_outputs),
  };
}

}  // namespace mlx::core
