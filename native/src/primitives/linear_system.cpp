#include "primitives/linear_system.h"

#include "mlx/linalg.h"
#include "primitives/matrix_parts.h"
#include "primitives/tangents.h"

namespace mlx::core {

// The rules are those of Giles, "Collected matrix derivative results for forward and reverse mode
// algorithmic differentiation" (2008), with adjoints for complex matrices.

namespace {

/// y @ d @ y: the derivative of the inverse y in direction -d.
array sandwich(const array& y, const array& d, const Stream& s) {
  return matmul(matmul(y, d, s), y, s);
}

}  // namespace

// ---- Inverse

std::vector<array> Inverse::jvp(const std::vector<array>& primals,
                                const std::vector<array>& tangents, const std::vector<int>&) {
  array y = linalg::inv(primals[0], stream());
  return {negative(sandwich(y, tangents[0], stream()), stream())};
}

std::vector<array> Inverse::vjp(const std::vector<array>&, const std::vector<array>& cotangents,
                                const std::vector<int>&, const std::vector<array>& outputs) {
  return {negative(sandwich(adjoint(outputs[0], stream()), cotangents[0], stream()), stream())};
}

std::vector<array> Inverse::apply(const std::vector<array>& inputs) {
  return {linalg::inv(inputs[0], stream())};
}

std::vector<array> TriangularInverse::jvp(const std::vector<array>& primals,
                                          const std::vector<array>& tangents,
                                          const std::vector<int>&) {
  array y = linalg::tri_inv(primals[0], upper_, stream());
  array tangent = triangle(tangents[0], upper_, stream());
  return {negative(sandwich(y, tangent, stream()), stream())};
}

std::vector<array> TriangularInverse::vjp(const std::vector<array>&,
                                          const std::vector<array>& cotangents,
                                          const std::vector<int>&,
                                          const std::vector<array>& outputs) {
  array full = sandwich(adjoint(outputs[0], stream()), cotangents[0], stream());
  return {negative(triangle(full, upper_, stream()), stream())};
}

std::vector<array> TriangularInverse::apply(const std::vector<array>& inputs) {
  return {linalg::tri_inv(inputs[0], upper_, stream())};
}

// ---- Systems. From a @ x = b follows da @ x + a @ dx = db.

std::vector<array> Solve::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                              const std::vector<int>& argnums) {
  const Stream& s = stream();
  array right = tangent_of(1, primals, tangents, argnums, s);
  if (argnums[0] == 0)
    right = subtract(right, matmul(tangents[0], linalg::solve(primals[0], primals[1], s), s), s);
  return {linalg::solve(primals[0], right, s)};
}

std::vector<array> Solve::vjp(const std::vector<array>& primals,
                              const std::vector<array>& cotangents, const std::vector<int>& argnums,
                              const std::vector<array>& outputs) {
  const Stream& s = stream();
  array right = linalg::solve(adjoint(primals[0], s), cotangents[0], s);
  std::vector<array> results;
  for (int argnum : argnums)
    results.push_back(argnum == 1 ? right : negative(matmul(right, adjoint(outputs[0], s), s), s));
  return results;
}

std::vector<array> Solve::apply(const std::vector<array>& inputs) {
  return {linalg::solve(inputs[0], inputs[1], stream())};
}

std::vector<array> SolveTriangular::jvp(const std::vector<array>& primals,
                                        const std::vector<array>& tangents,
                                        const std::vector<int>& argnums) {
  const Stream& s = stream();
  array right = tangent_of(1, primals, tangents, argnums, s);
  if (argnums[0] == 0) {
    array x = linalg::solve_triangular(primals[0], primals[1], upper_, s);
    right = subtract(right, matmul(triangle(tangents[0], upper_, s), x, s), s);
  }
  return {linalg::solve_triangular(primals[0], right, upper_, s)};
}

std::vector<array> SolveTriangular::vjp(const std::vector<array>& primals,
                                        const std::vector<array>& cotangents,
                                        const std::vector<int>& argnums,
                                        const std::vector<array>& outputs) {
  const Stream& s = stream();
  array right = linalg::solve_triangular(adjoint(primals[0], s), cotangents[0], !upper_, s);
  std::vector<array> results;
  for (int argnum : argnums) {
    if (argnum == 1) {
      results.push_back(right);
    } else {
      array full = matmul(right, adjoint(outputs[0], s), s);
      results.push_back(negative(triangle(full, upper_, s), s));
    }
  }
  return results;
}

std::vector<array> SolveTriangular::apply(const std::vector<array>& inputs) {
  return {linalg::solve_triangular(inputs[0], inputs[1], upper_, stream())};
}

}  // namespace mlx::core
