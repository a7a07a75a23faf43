// Larger Hermitian matrices, whose eigenvalues are found on all threads; those below the border go
// to LAPACK as they are.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "linalg_test_data.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

double epsilon(Dtype dtype) { return dtype == float64 ? 0x1p-52 : 0x1p-23; }

double largest(const array& a) { return max(abs(a)).item<double>(); }

array to_double(const array& a) { return astype(a, float64); }

/// A matrix with the elements of `d` in the diagonal and of `e` beside it.
array tridiagonal(const array& d, const array& e) {
  return add(diag(d), add(diag(e, 1), diag(e, -1)));
}

struct Kind {
  const char* name;
  array matrix;
};

/// Matrices that decide all branches: what deflates wholly, in part, and not at all.
std::vector<Kind> kinds(int n, Dtype dtype) {
  array random = hermitian(random_array({n, n}, 1, -1, 1, dtype));
  array column = random_array({n, 1}, 2, -1, 1, dtype);
  array places = astype(arange(0, n, float32), float64);
  array ones_between = ones({n - 1}, float64);
  array wilkinson = abs(subtract(remainder(places, array(21.0, float64)), array(10.0, float64)));
  array small = hermitian(random_array({4, 4}, 3, -1, 1, dtype));
  auto typed = [&](const array& a) { return astype(a, dtype); };
  return {
      {"random", random},
      {"zero", zeros({n, n}, dtype)},
      {"identity", eye(n, dtype)},
      {"of rank one", matmul(column, adjoint_of(column))},
      {"diagonal", typed(diag(subtract(places, array(7.5, float64))))},
      {"nearly the identity", add(eye(n, dtype), multiply(random, typed(array(1e-6))))},
      {"of two values", typed(diag(remainder(places, array(2.0, float64))))},
      {"tridiagonal", typed(tridiagonal(places, ones_between))},
      {"glued Wilkinson", typed(tridiagonal(wilkinson, ones_between))},
      {"second differences",
       typed(tridiagonal(full({n}, array(2.0, float64)), negative(ones_between)))},
      {"repeated blocks", kron(eye((n + 3) / 4, dtype), small)},
      {"graded",
       multiply(random, typed(exp(multiply(add(reshape(places, {n, 1}), reshape(places, {1, n})),
                                           array(-8.0 / n)))))},
      {"huge", multiply(random, typed(array(1e30)))},
      {"tiny", multiply(random, typed(array(1e-30)))}};
}

/// Checks values and vectors of a matrix by what they are defined by.
void check_decomposition(const array& a, const array& w, const array& v) {
  const int n = a.shape(-1);
  const double size = largest(a), allowed = 8 * std::sqrt(double(n)) * epsilon(a.dtype());
  // Products in float64 where there are any, so that errors are the decomposition's alone.
  const bool widens = a.dtype() == float32;
  const array matrix = widens ? to_double(a) : a, vectors = widens ? to_double(v) : v;
  const double scale = size > 0 ? 1 / size : 1;
  const array scaled = multiply(matrix, astype(array(scale), matrix.dtype()));
  const array values = multiply(to_double(w), array(scale));
  const array turned = multiply(vectors, astype(values, vectors.dtype()));
  CHECK(largest(subtract(matmul(scaled, vectors), turned)) < allowed * 4);
  CHECK(largest(subtract(matmul(adjoint_of(vectors), vectors), eye(n, vectors.dtype()))) < allowed);
  const auto ascending = testing::values(w);
  CHECK(std::is_sorted(ascending.begin(), ascending.end()));
}

}  // namespace

TEST_CASE("eigh of larger matrices of many kinds") {
  for (Dtype dtype : lapack_dtypes)
    for (int n : {95, 96, 131, 300})
      for (const auto& [name, matrix] : kinds(n, dtype)) {
        CAPTURE(n);
        CAPTURE(std::string(name));
        CAPTURE(dtype == float32 ? "float32" : dtype == float64 ? "float64" : "complex64");
        auto [w, v] = linalg::eigh(matrix);
        check_decomposition(matrix, w, v);
        const double size = std::max(largest(matrix), 1e-300);
        const array alone = linalg::eigvalsh(matrix);
        CHECK(largest(subtract(to_double(alone), to_double(w))) <
              4 * std::sqrt(double(n)) * epsilon(dtype) * n * size);
      }
}

TEST_CASE("eigh of larger matrices: known values") {
  const int n = 400;
  const array places = add(astype(arange(0, n, float32), float64), array(1.0));
  const array second =
      tridiagonal(full({n}, array(2.0, float64)), full({n - 1}, array(-1.0, float64)));
  // 2 - 2 cos(k pi / (n + 1))
  const array expected = subtract(
      array(2.0, float64),
      multiply(array(2.0, float64), cos(multiply(places, array(M_PI / (n + 1), float64)))));
  CHECK(largest(subtract(linalg::eigvalsh(second), expected)) < 1e-13);
  CHECK(largest(subtract(linalg::eigh(second).first, expected)) < 1e-13);
}

TEST_CASE("eigh of larger matrices reads one triangle") {
  for (Dtype dtype : lapack_dtypes) {
    const int n = 150;
    const array a = hermitian(random_array({n, n}, 4, -1, 1, dtype));
    const array other = full({n, n}, astype(array(1e9), dtype));
    auto [lower_values, lower_vectors] = linalg::eigh(add(tril(a), triu(other, 1)), "L");
    check_decomposition(a, lower_values, lower_vectors);
    auto [upper_values, upper_vectors] = linalg::eigh(add(triu(a), tril(other, -1)), "U");
    check_decomposition(a, upper_values, upper_vectors);
  }
}

TEST_CASE("eigh of larger matrices: same bits on any number of threads, in batches, and errors") {
  const int threads = num_threads();
  for (Dtype dtype : lapack_dtypes) {
    const array batch = hermitian(random_array({3, 300, 300}, 5, -1, 1, dtype));
    const array single = take(batch, 1, 0);
    set_num_threads(1);
    auto [w, v] = linalg::eigh(single);
    eval(w, v);
    for (int count : {2, 5}) {
      set_num_threads(count);
      auto [more_w, more_v] = linalg::eigh(single);
      CHECK(array_equal(more_w, w).item<bool>());
      CHECK(array_equal(more_v, v).item<bool>());
      auto [all_w, all_v] = linalg::eigh(batch);
      CHECK(array_equal(take(all_w, 1, 0), w).item<bool>());
      CHECK(array_equal(take(all_v, 1, 0), v).item<bool>());
    }
  }
  set_num_threads(threads);
  array bad = full({120, 120}, array(std::numeric_limits<float>::quiet_NaN()));
  CHECK_THROWS_AS(linalg::eigvalsh(bad).eval(), EngineError);
}
