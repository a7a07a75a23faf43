// Singular values of matrices large enough that threads share one matrix's work.

#include "linalg_test_data.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using namespace mlx::core::testing;
using namespace mlx::core::linalg;

namespace {

double unit_roundoff(Dtype dtype) { return dtype == float64 ? 1.2e-16 : 6e-8; }

/// Float32 checked in float64; complex64 has no wider type.
array widened(const array& a) { return a.dtype() == float32 ? astype(a, float64) : a; }

double orthogonality(const array& a) {
  array wide = widened(a);
  return distance(matmul(wide, adjoint_of(wide)), identity_like(wide));
}

array scaled_product(const std::vector<array>& usv, double scale) {
  const int k = usv[1].shape(0);
  array u = slice(widened(usv[0]), {0, 0}, {usv[0].shape(0), k});
  array vt = slice(widened(usv[2]), {0, 0}, {k, usv[2].shape(1)});
  array s = multiply(widened(usv[1]), array(scale, widened(usv[1]).dtype()));
  return matmul(multiply(u, s), vt);
}

/// The vectors are orthogonal and give the matrix back but for roundings in its norm's size.
void check_decomposition(const array& a) {
  auto usv = svd(a);
  const array& s = usv[1];
  CAPTURE(a.dtype());
  CAPTURE(a.shape());
  const int m = a.shape(0), n = a.shape(1), k = std::min(m, n);
  REQUIRE(usv[0].shape() == Shape{m, m});
  REQUIRE(s.shape() == Shape{k});
  REQUIRE(usv[2].shape() == Shape{n, n});
  const auto numbers = values(s);
  for (int i = 0; i < k; ++i) CHECK((numbers[i] >= 0 && (i == 0 || numbers[i - 1] >= numbers[i])));

  const double roundings = 4 * (m + n) * unit_roundoff(a.dtype());
  CHECK(orthogonality(usv[0]) < roundings);
  CHECK(orthogonality(usv[2]) < roundings);
  // Numbers near the largest and the smallest are compared in a size that their products have.
  const double scale = numbers[0] > 0 ? 1 / numbers[0] : 1;
  array scaled = multiply(widened(a), array(scale, a.dtype() == complex64 ? float32 : float64));
  CHECK(distance(scaled_product(usv, scale), scaled) < roundings);
  array alone = svd(a, false)[0];
  CHECK(distance(multiply(widened(alone), array(scale, float64)),
                 multiply(widened(s), array(scale, float64))) < roundings);
}

/// Rows that fall from 1 to `least`.
array falling(int rows, double least, Dtype dtype) {
  std::vector<double> sizes(rows);
  for (int i = 0; i < rows; ++i) sizes[i] = std::pow(least, double(i) / rows);
  return astype(array(sizes.begin(), {rows, 1}, float64), dtype);
}

const Shape larger_shapes[] = {{130, 130}, {200, 140}, {140, 260}, {300, 129}};

}  // namespace

TEST_CASE("linalg: singular values of larger matrices") {
  for (Dtype dtype : lapack_dtypes)
    for (auto& shape :
         {Shape{95, 95}, Shape{96, 96}, Shape{97, 127}, Shape{128, 128}, Shape{129, 150},
          Shape{257, 257}, Shape{180, 131}, Shape{400, 130}, Shape{130, 400}, Shape{200, 97}}) {
      array a = random_array(shape, 1, -1, 1, dtype);
      check_decomposition(a);
      check_decomposition(column_order(a));
    }
}

TEST_CASE("linalg: singular values of larger matrices that aren't random") {
  for (Dtype dtype : lapack_dtypes)
    for (auto& shape : larger_shapes) {
      const int m = shape[0], n = shape[1];
      check_decomposition(zeros(shape, dtype));
      check_decomposition(ones(shape, dtype));
      check_decomposition(eye(m, n, 0, dtype));
      check_decomposition(multiply(eye(m, n, 0, dtype), astype(arange(0, n), dtype)));
      check_decomposition(add(eye(m, n, 0, dtype), eye(m, n, 1, dtype)));
      check_decomposition(
          add(multiply(eye(m, n, 0, dtype), array(1e-7, dtype)), eye(m, n, -1, dtype)));
      array a = random_array(shape, 2, -1, 1, dtype);
      check_decomposition(matmul(slice(a, {0, 0}, {m, 3}), slice(a, {0, 0}, {3, n})));
      check_decomposition(multiply(a, falling(m, 1e-35, dtype)));
      check_decomposition(multiply(a, transpose(falling(n, 1e-35, dtype))));
      check_decomposition(multiply(multiply(a, array(1e-11, dtype)), falling(m, 1e-26, dtype)));
      check_decomposition(add(eye(m, n, 0, dtype), multiply(a, array(1e-6, dtype))));
      check_decomposition(tile(slice(a, {0, 0}, {m / 4, n / 4}), {4, 4}));
    }
}

TEST_CASE("linalg: singular values of larger matrices of huge and tiny numbers") {
  for (Dtype dtype : {float32, float64})
    for (auto& shape : larger_shapes)
      for (double size :
           {1e30, 1e-30, dtype == float64 ? 1e300 : 1e35, dtype == float64 ? 1e-300 : 1e-36}) {
        CAPTURE(size);
        check_decomposition(astype(multiply(random_array(shape, 3), array(size, float64)), dtype));
      }
  for (auto& shape : larger_shapes) {
    array a = random_array(shape, 3, -1, 1, complex64);
    const double largest = values(svd(a, false)[0])[0];
    for (float size : {1e30f, 1e-30f}) {
      auto usv = svd(multiply(a, array(size)));
      CHECK(values(usv[1])[0] / size == doctest::Approx(largest).epsilon(1e-5));
      CHECK(orthogonality(usv[0]) < 1e-4);
      CHECK(orthogonality(usv[2]) < 1e-4);
    }
  }
  // The values themselves may overflow; the vectors don't.
  auto usv = svd(random_array({130, 130}, 4, -3.4e38, 3.4e38, float32));
  CHECK(orthogonality(usv[0]) < 1e-4);
  CHECK(orthogonality(usv[2]) < 1e-4);
}

TEST_CASE("linalg: larger matrices of one rank less") {
  for (Dtype dtype : lapack_dtypes) {
    array a = random_array({150, 150}, 5, -1, 1, dtype);
    array b = concatenate({a, slice(a, {0, 0}, {1, 150})}, 0);
    auto numbers =
        values(svd(transpose(concatenate({b, multiply(b, array(2, dtype))}, 0)), false)[0]);
    CHECK(numbers.size() == 150);
    auto square = values(
        svd(concatenate({slice(a, {0, 0}, {149, 150}), slice(a, {0, 0}, {1, 150})}, 0), false)[0]);
    CHECK(square[149] < 1e3 * unit_roundoff(dtype) * square[0]);
    CHECK(square[148] > 1e-5 * square[0]);
  }
}

TEST_CASE("linalg: pseudo-inverses of larger matrices") {
  for (Dtype dtype : lapack_dtypes)
    for (auto& shape : {Shape{130, 130}, Shape{300, 130}, Shape{130, 150}}) {
      array a = random_array(shape, 6, -1, 1, dtype);
      if (shape[0] == shape[1]) a = add(a, multiply(identity_like(a), array(20, dtype)));
      array y = pinv(a), product = matmul(matmul(a, y), a);
      CHECK(distance(product, a) < 100 * tolerance(dtype));
    }
}

TEST_CASE("linalg: larger singular value decompositions' bits are the same for any threads") {
  for (Dtype dtype : lapack_dtypes)
    for (auto& shape : {Shape{260, 260}, Shape{400, 140}, Shape{140, 200}, Shape{3, 130, 130}}) {
      array a = random_array(shape, 7, -1, 1, dtype);
      auto compute = [&] {
        auto all = svd(a);
        all.push_back(svd(a, false)[0]);
        all.push_back(pinv(a));
        eval(all);
        return all;
      };
      const int before = num_threads();
      set_num_threads(1);
      auto one = compute();
      for (int threads : {2, 3, 7}) {
        set_num_threads(threads);
        auto several = compute();
        for (size_t i = 0; i < one.size(); ++i) CHECK(array_equal(one[i], several[i]).item<bool>());
      }
      set_num_threads(before);
    }
}

TEST_CASE("linalg: a batch of larger matrices has each one's decomposition") {
  array batch = random_array({3, 140, 130}, 8, -1, 1, float32);
  auto all = svd(batch);
  for (int i = 0; i < 3; ++i) {
    auto one = svd(take(batch, i, 0));
    for (size_t k = 0; k < 3; ++k) CHECK(array_equal(take(all[k], i, 0), one[k]).item<bool>());
  }
}

TEST_CASE("linalg: NaN and infinity in larger matrices") {
  for (float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    array a = slice_update(ones({130, 140}), array(value), {129, 139}, {130, 140});
    CHECK_THROWS_WITH(eval(svd(a)), "[svd] The matrix holds NaN or infinity.");
    CHECK_THROWS_WITH(eval(pinv(a)), "[pinv] The matrix holds NaN or infinity.");
  }
}
