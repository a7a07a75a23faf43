#include <doctest/doctest.h>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;

/// Products and sums of broadcast elements.
array plain_product(const array& a, const array& b) {
  array terms = multiply(expand_dims(a, -1), expand_dims(b, -3));
  return sum(terms, -2);
}

}  // namespace

TEST_CASE("matrix products of every arrangement") {
  struct Shapes {
    Shape a, b;
  };
  for (auto& [a_shape, b_shape] :
       {Shapes{{3, 4}, {4, 5}}, Shapes{{1, 4}, {4, 5}}, Shapes{{3, 4}, {4, 1}},
        Shapes{{1, 1}, {1, 1}}, Shapes{{2, 3, 4}, {4, 5}}, Shapes{{2, 3, 4}, {2, 4, 5}},
        Shapes{{3, 4}, {2, 4, 5}}, Shapes{{2, 1, 3, 4}, {6, 4, 5}},
        Shapes{{2, 1, 3, 4}, {1, 6, 4, 5}}, Shapes{{0, 4}, {4, 5}}, Shapes{{3, 0}, {0, 5}},
        Shapes{{0, 3, 4}, {4, 5}}, Shapes{{70, 65}, {65, 80}}}) {
    CAPTURE(a_shape);
    CAPTURE(b_shape);
    array a = random_array(a_shape, 1), b = random_array(b_shape, 2);
    CHECK(distance(matmul(a, b), plain_product(a, b)) < 1e-13);
    array a_view = swapaxes(contiguous(swapaxes(a, -1, -2)), -1, -2);
    array b_view = swapaxes(contiguous(swapaxes(b, -1, -2)), -1, -2);
    CHECK(distance(matmul(a_view, b_view), plain_product(a, b)) < 1e-13);
  }
}

TEST_CASE("vectors are rows on the left and columns on the right") {
  array m = reshape(arange(6), {2, 3}), row = arange(2), column = arange(3);
  CHECK(values(matmul(row, m)) == Numbers{3, 4, 5});
  CHECK(values(matmul(m, column)) == Numbers{5, 14});
  CHECK(matmul(column, column).item<int>() == 5);
  CHECK(matmul(column, column).shape() == Shape{});
  CHECK(matmul(zeros({4, 2, 3}), zeros({3})).shape() == Shape{4, 2});
  CHECK(matmul(zeros({2}), zeros({4, 2, 3})).shape() == Shape{4, 3});
  CHECK_THROWS_AS(matmul(m, row), ShapeError);
  CHECK_THROWS_AS(matmul(array(1.0f), m), ShapeError);
  CHECK_THROWS_AS(matmul(zeros({2, 2, 3}), zeros({4, 3, 2})), ShapeError);
}

TEST_CASE("dtypes of products") {
  for (Dtype dtype : {uint8, int16, int32, int64, uint64, float16, bfloat16, float32, float64}) {
    array a = astype(reshape(arange(6), {2, 3}), dtype);
    array product = matmul(a, transpose(a));
    CHECK(product.dtype() == dtype);
    CHECK(values(product) == Numbers{5, 14, 14, 50});
  }
  array z({complex64_t(1, 2), complex64_t(0, 1)}, {1, 2});
  CHECK(values(imag(matmul(z, transpose(z)))) == Numbers{4});
  CHECK(matmul(ones({2, 2}, int32), ones({2, 2}, float16)).dtype() == float16);
  // Sums of half types are not kept in half types.
  CHECK(matmul(full({1, 5000}, 1.0f, bfloat16), full({5000, 1}, 1.0f, bfloat16)).item<float>() ==
        4992.0f);
}

TEST_CASE("addmm") {
  array a = random_array({3, 4}, 1), b = random_array({4, 5}, 2), c = random_array({3, 5}, 3);
  array expected = 0.5 * matmul(a, b) + 2.0 * c;
  CHECK(distance(addmm(c, a, b, 0.5f, 2.0f), expected) < 1e-14);
  CHECK(distance(addmm(c, a, b), matmul(a, b) + c) < 1e-14);
  array bias = random_array({5}, 4);
  CHECK(distance(addmm(bias, a, b), matmul(a, b) + bias) < 1e-14);
  CHECK(distance(addmm(array(2.0, float64), a, b), matmul(a, b) + 2.0) < 1e-14);
  array batch = random_array({2, 3, 4}, 5);
  CHECK(distance(addmm(bias, batch, b), matmul(batch, b) + bias) < 1e-14);
  CHECK(distance(addmm(c, batch, b), matmul(batch, b) + c) < 1e-14);
  array matrices = random_array({2, 4, 5}, 6);
  CHECK(distance(addmm(c, batch, matrices), matmul(batch, matrices) + c) < 1e-14);
  CHECK(distance(addmm(c, a, matrices), matmul(a, matrices) + c) < 1e-14);
  array x = random_array({4}, 7);
  CHECK(distance(addmm(random_array({3}, 8), a, x), matmul(a, x) + random_array({3}, 8)) < 1e-14);
  CHECK(distance(addmm(random_array({3}, 8), batch, x), matmul(batch, x) + random_array({3}, 8)) <
        1e-14);
  CHECK(distance(addmm(bias, x, b), matmul(x, b) + bias) < 1e-14);
  CHECK(addmm(array(1.0), x, x).shape() == Shape{});
  CHECK(addmm(zeros({2}), zeros({0, 3}), zeros({3, 2})).shape() == Shape{0, 2});
  CHECK(distance(addmm(c, zeros({3, 0}, float64), zeros({0, 5}, float64)), c) == 0);
  CHECK_THROWS_AS(addmm(zeros({4, 5}), a, b), ShapeError);
  CHECK_THROWS_AS(addmm(zeros({2, 3, 5}), a, b), ShapeError);
  CHECK_THROWS_AS(addmm(c, b, a), ShapeError);
}

TEST_CASE("tensordot, inner and outer") {
  array a = random_array({2, 3, 4}, 1), b = random_array({3, 4, 5}, 2);
  CHECK(distance(tensordot(a, b), sum(expand_dims(a, -1) * b, {1, 2})) < 1e-14);
  CHECK(distance(tensordot(a, b, {2, 1}, {1, 0}), tensordot(a, b)) < 1e-14);
  CHECK(tensordot(a, b, 0).shape() == Shape{2, 3, 4, 3, 4, 5});
  array turned = transpose(b, {1, 2, 0});
  CHECK(distance(tensordot(a, turned, {-1}, {0}),
                 reshape(matmul(a, reshape(turned, {4, 15})), {2, 3, 5, 3})) < 1e-14);
  CHECK_THROWS_AS(tensordot(a, b, 1), ShapeError);
  CHECK_THROWS_AS(tensordot(a, b, 4), std::invalid_argument);
  CHECK_THROWS_AS(tensordot(a, b, -1), std::invalid_argument);
  CHECK_THROWS_AS(tensordot(a, b, {1, 1}, {0, 0}), std::invalid_argument);
  CHECK_THROWS_AS(tensordot(a, b, {3}, {0}), IndexError);

  CHECK(values(outer(array({1, 2}), array({3, 4, 5}))) == Numbers{3, 4, 5, 6, 8, 10});
  CHECK(outer(ones({2, 2}), ones({3})).shape() == Shape{4, 3});
  CHECK(inner(array({1, 2, 3}), array({1, 2, 3})).item<int>() == 14);
  CHECK(inner(a, random_array({6, 4}, 3)).shape() == Shape{2, 3, 6});
  CHECK(distance(inner(a, array(2.0, float64)), a * 2.0) == 0);
  CHECK_THROWS_AS(inner(a, b), ShapeError);
}

TEST_CASE("derivatives of products") {
  auto product = [](auto& x) { return matmul(x[0], x[1]); };
  check_derivatives(product, {random_array({3, 4}, 1), random_array({4, 5}, 2)});
  check_derivatives(product, {random_array({2, 3, 4}, 1), random_array({4, 5}, 2)});
  check_derivatives(product, {random_array({3, 4}, 1), random_array({2, 4, 5}, 2)});
  check_derivatives(product, {random_array({2, 1, 3, 4}, 1), random_array({6, 4, 5}, 2)});
  check_derivatives(product, {random_array({4}, 1), random_array({4, 5}, 2)});
  check_derivatives(product, {random_array({2, 3, 4}, 1), random_array({4}, 2)});
  check_derivatives(product, {random_array({4}, 1), random_array({4}, 2)});
  check_derivatives(product, {random_array({2, 3}, 1, -1, 1, complex64),
                              random_array({3, 2}, 2, -1, 1, complex64)});
  auto scaled = [](auto& x) { return addmm(x[2], x[0], x[1], 0.5f, -2.0f); };
  array a = random_array({3, 4}, 1), b = random_array({4, 5}, 2);
  check_derivatives(scaled, {a, b, random_array({3, 5}, 3)});
  check_derivatives(scaled, {a, b, random_array({5}, 3)});
  check_derivatives(scaled, {random_array({2, 3, 4}, 1), b, random_array({3, 1}, 3)});
  check_derivatives([](auto& x) { return tensordot(x[0], x[1], {0, 2}, {1, 0}); },
                    {random_array({2, 3, 4}, 1), random_array({4, 2, 3}, 2)});
  check_derivatives([](auto& x) { return inner(outer(x[0], x[1]), x[1]); },
                    {random_array({3}, 1), random_array({4}, 2)});
}

TEST_CASE("gradients of transposed factors lie like the matrices behind the views") {
  auto check_layout = [](const std::function<array(const array&)>& product, const array& weight) {
    auto loss = [&](const array& w) { return sum(square(product(w))); };
    array gradient = grad(loss)(weight);
    gradient.eval();
    CHECK(gradient.flags().row_contiguous);
    check_derivatives([&](auto& x) { return product(x[0]); }, {weight});
  };
  array x = random_array({3, 4}, 1), bias = random_array({5}, 2), weight = random_array({5, 4}, 3);
  check_layout([&](auto& w) { return matmul(x, transpose(w)); }, weight);
  check_layout([&](auto& w) { return addmm(bias, x, transpose(w)); }, weight);
  check_layout([&](auto& w) { return addmm(bias, x, transpose(w), 0.5f, 2.0f); }, weight);
  check_layout([&](auto& w) { return matmul(transpose(w), x); }, random_array({3, 5}, 4));
  check_layout([&](auto& w) { return matmul(x, w); }, random_array({4, 5}, 5));
  array batch = random_array({2, 3, 4}, 6);
  check_layout([&](auto& w) { return matmul(batch, swapaxes(w, 1, 2)); },
               random_array({2, 5, 4}, 7));
  check_layout([&](auto& w) { return addmm(bias, batch, transpose(w)); }, weight);
  // Other axes than the last two: the gradient is right, in whatever layout.
  check_derivatives([&](auto& w) { return matmul(batch, transpose(w[0], {2, 1, 0})); },
                    {random_array({5, 4, 2}, 8)});
  check_derivatives([&](auto& w) { return matmul(transpose(w[0]), w[0]); },
                    {random_array({3, 2}, 9, -1, 1, complex64)});

  // An evaluated view as the variable itself gets a gradient with its own strides.
  array view = transpose(weight);
  view.eval();
  array gradient = grad([&](const array& w) { return sum(square(matmul(x, w))); })(view);
  gradient.eval();
  CHECK(gradient.strides() == view.strides());
}

TEST_CASE("vmap of products") {
  auto close = [](const std::function<array(const std::vector<array>&)>& f,
                  const std::vector<array>& inputs, const std::vector<int>& axes) {
    // Batches and single products may use different kernels, so only nearly the same.
    auto rounded = [&](const std::vector<array>& x) { return astype(round(f(x) * 1e9), int64); };
    check_vmap(rounded, inputs, axes);
  };
  auto product = [](auto& x) { return matmul(x[0], x[1]); };
  array a = random_array({2, 3, 4}, 1), b = random_array({2, 4, 5}, 2);
  close(product, {a, b}, {0, 0});
  close(product, {a, take(b, 0, 0)}, {0, -1});
  close(product, {take(a, 0, 0), b}, {-1, 0});
  close(product, {transpose(a, {1, 0, 2}), transpose(b, {1, 2, 0})}, {1, 2});
  close(product, {random_array({3, 4}, 5), b}, {0, -1});
  close(product, {random_array({2, 4}, 5), b}, {0, 0});
  close(product, {random_array({6, 2, 3, 4}, 5), b}, {0, -1});
  close(product, {a, random_array({6, 2, 4, 5}, 5)}, {-1, 0});
  auto scaled = [](auto& x) { return addmm(x[2], x[0], x[1], 0.5f, -2.0f); };
  array c = random_array({2, 3, 5}, 3);
  close(scaled, {a, b, c}, {0, 0, 0});
  close(scaled, {a, take(b, 0, 0), random_array({5}, 4)}, {0, -1, -1});
  close(scaled, {take(a, 0, 0), take(b, 0, 0), c}, {-1, -1, 0});
  close(scaled, {take(a, 0, 0), b, transpose(c, {1, 0, 2})}, {-1, 0, 1});
}
