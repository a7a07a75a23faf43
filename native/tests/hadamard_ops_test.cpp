#include <doctest/doctest.h>

#include <cmath>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

TEST_CASE("hadamard_transform multiplies with an orthogonal matrix of ones") {
  for (int n : {1, 2, 4, 16, 64, 12, 24, 20, 40, 28, 56, 448, 160}) {
    CAPTURE(n);
    // Rows of the result for unit vectors are the matrix's columns.
    array columns = hadamard_transform(eye(n, float64), 1.0f);
    CHECK(distance(abs(columns), ones({n, n}, float64)) == 0);
    array product = matmul(columns, transpose(columns));
    CHECK(distance(product, multiply(array(double(n), float64), eye(n, float64))) < 1e-9);
    array x = random_array({3, n}, 1);
    array scale = array(double(1 / std::sqrt(float(n))), float64);
    CHECK(distance(hadamard_transform(x), multiply(scale, matmul(x, columns))) < 1e-6);
  }
}

TEST_CASE("hadamard_transform: known matrices, dtypes, layouts, errors") {
  array four = hadamard_transform(eye(4), 1.0f);
  CHECK(values(four) == std::vector<double>{1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1});
  // The first row of H_20 begins with a circulant's first row.
  array twenty = transpose(hadamard_transform(eye(20), 1.0f));
  auto row = values(take(twenty, 0, 0));
  CHECK(std::vector<double>(row.begin(), row.begin() + 5) ==
        std::vector<double>{1, -1, -1, -1, -1});
  array second = take(twenty, 1, 0);
  CHECK(values(second)[0] == -1);
  CHECK(values(second)[1] == 1);
  for (Dtype dtype : {float16, bfloat16, float32}) {
    array x = random_array({4, 48}, 2, -1, 1, dtype);
    CHECK(hadamard_transform(x).dtype() == dtype);
    CHECK(distance(astype(hadamard_transform(x), float64), hadamard_transform(astype(x, float64))) <
          (dtype == float32 ? 1e-6 : 2e-2));
  }
  array x = random_array({8, 3}, 3);
  CHECK(distance(hadamard_transform(transpose(x)), hadamard_transform(contiguous(transpose(x)))) ==
        0);
  CHECK(hadamard_transform(array({1, 2})).dtype() == float32);
  CHECK(hadamard_transform(zeros({0, 8})).shape() == Shape{0, 8});
  CHECK_THROWS_AS(hadamard_transform(zeros({3})), ShapeError);
  CHECK_THROWS_AS(hadamard_transform(zeros({6})), ShapeError);
  CHECK_THROWS_AS(hadamard_transform(zeros({2, 0})), ShapeError);
  CHECK_THROWS_AS(hadamard_transform(array(1.f)), ShapeError);
  CHECK_THROWS_AS(hadamard_transform(zeros({4}, complex64)), DtypeError);
}

TEST_CASE("derivatives and vmap of hadamard_transform") {
  for (int n : {8, 24, 20, 28}) {
    array x = random_array({3, n}, 1);
    check_derivatives([](auto& a) { return hadamard_transform(a[0]); }, {x});
    check_derivatives([](auto& a) { return hadamard_transform(a[0], 0.5f); }, {x});
    check_vmap([](auto& a) { return hadamard_transform(a[0]); }, {random_array({4, n, 3}, 2)}, {2},
               1);
  }
}
