#include <cstdio>
#include <filesystem>

#include "linalg_test_data.h"
#include "mlx/mlx.h"

using namespace mlx::core;
using namespace mlx::core::testing;
using namespace mlx::core::linalg;

namespace {

/// Every kind of node of linear algebra, behind one another.
std::vector<array> all_kinds(const std::vector<array>& x) {
  const array& a = x[0];
  array definite = positive_definite(a);
  array determinant_gradient = grad([](const array& m) { return sum(det(m)); })(a);
  std::vector<array> results{inv(a),       tri_inv(a, true),     cholesky(definite),
                             pinv(a),      solve(a, x[1]),       solve_triangular(a, x[1], true),
                             det(a),       determinant_gradient, slogdet(a).second,
                             qr(a).second, eigvalsh(definite),   eigh(definite, "U").first,
                             eigvals(a),   eig(a).first};
  for (auto& several : {lu(a), svd(a), svd(a, false)})
    results.insert(results.end(), several.begin(), several.end());
  return results;
}

}  // namespace

TEST_CASE("linalg: compiled and exported functions give the same to the bit") {
  std::vector<array> x{random_array({2, 4, 4}, 1) + 2.0 * eye(4, float64),
                       random_array({2, 4, 3}, 2)};
  auto expected = all_kinds(x);
  auto check = [&](const std::vector<array>& got) {
    REQUIRE(got.size() == expected.size());
    for (size_t i = 0; i < got.size(); ++i) {
      CHECK(got[i].dtype() == expected[i].dtype());
      CHECK(array_equal(got[i], expected[i]).item<bool>());
    }
  };
  check(compile(VectorFunction(all_kinds))(x));
  auto path = std::filesystem::temp_directory_path() / "mlx-linalg-export-test";
  export_function(path.string(), all_kinds, x);
  auto imported = import_function(path.string());
  std::filesystem::remove(path);
  check(imported(x));
}
