#include "binder.h"
#include "mlx/linalg.h"

namespace mlx::addon {

using namespace core;

using Axes = std::optional<std::vector<int>>;

FunctionTable linalg_functions() {
  return {
      bind("linalgNorm", [](const array& a, Axes axes, bool keepdims,
                            StreamOrDevice s) { return linalg::norm(a, axes, keepdims, s); }),
      bind("linalgNormOfOrder",
           [](const array& a, double ord, Axes axes, bool keepdims, StreamOrDevice s) {
             return linalg::norm(a, ord, axes, keepdims, s);
           }),
      bind("linalgNormByName",
           [](const array& a, std::string ord, Axes axes, bool keepdims, StreamOrDevice s) {
             return linalg::norm(a, ord, axes, keepdims, s);
           }),
      bind("linalgCross", [](const array& a, const array& b, int axis,
                             StreamOrDevice s) { return linalg::cross(a, b, axis, s); }),
      unary<linalg::inv>("linalgInv"),
      unary<linalg::pinv>("linalgPinv"),
      unary<linalg::det>("linalgDet"),
      unary<linalg::eigvals>("linalgEigvals"),
      binary<linalg::solve>("linalgSolve"),
      bind("linalgTriInv", [](const array& a, bool upper,
                              StreamOrDevice s) { return linalg::tri_inv(a, upper, s); }),
      bind("linalgCholesky", [](const array& a, bool upper,
                                StreamOrDevice s) { return linalg::cholesky(a, upper, s); }),
      bind("linalgCholeskyInv", [](const array& a, bool upper,
                                   StreamOrDevice s) { return linalg::cholesky_inv(a, upper, s); }),
      bind("linalgSolveTriangular",
           [](const array& a, const array& b, bool upper, StreamOrDevice s) {
             return linalg::solve_triangular(a, b, upper, s);
           }),
      bind("linalgSlogdet", [](const array& a, StreamOrDevice s) { return linalg::slogdet(a, s); }),
      bind("linalgLu", [](const array& a, StreamOrDevice s) { return linalg::lu(a, s); }),
      bind("linalgLuFactor",
           [](const array& a, StreamOrDevice s) { return linalg::lu_factor(a, s); }),
      bind("linalgQr", [](const array& a, StreamOrDevice s) { return linalg::qr(a, s); }),
      bind("linalgSvd", [](const array& a, bool compute_uv,
                           StreamOrDevice s) { return linalg::svd(a, compute_uv, s); }),
      bind("linalgEig", [](const array& a, StreamOrDevice s) { return linalg::eig(a, s); }),
      bind("linalgEigh", [](const array& a, std::string uplo,
                            StreamOrDevice s) { return linalg::eigh(a, uplo, s); }),
      bind("linalgEigvalsh", [](const array& a, std::string uplo,
                                StreamOrDevice s) { return linalg::eigvalsh(a, uplo, s); }),
  };
}

}  // namespace mlx::addon
