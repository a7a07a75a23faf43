#include "linalg_test_data.h"

using namespace mlx::core;
using namespace mlx::core::testing;
using namespace mlx::core::linalg;

namespace {

array well_conditioned(const Shape& shape, uint32_t seed, Dtype dtype = float64) {
  array a = random_array(shape, seed, -1, 1, dtype);
  return add(a, multiply(array(2, dtype), eye(shape[shape.size() - 2], shape.back(), 0, dtype)));
}

/// Singular values or eigenvalues that are far apart.
array with_distinct_values(const Shape& shape, uint32_t seed, Dtype dtype = float64) {
  const int m = shape[shape.size() - 2], n = shape.back();
  array steps =
      multiply(eye(m, n, 0, dtype),
               expand_dims(arange(1.0, m + 1.0, dtype == complex64 ? float32 : dtype), -1));
  return add(multiply(array(0.3, dtype), random_array(shape, seed, -1, 1, dtype)), steps);
}

Function part(std::function<std::vector<array>(const array&)> f, size_t i) {
  return [f = std::move(f), i](const std::vector<array>& x) { return f(x[0])[i]; };
}

/// All outputs behind one another, weighed so that each element counts differently.
Function joined(std::function<std::vector<array>(const array&)> f) {
  return [f = std::move(f)](const std::vector<array>& x) {
    std::vector<array> parts;
    for (auto& output : f(x[0])) parts.push_back(flatten(output));
    return concatenate(parts);
  };
}

std::vector<array> as_vector(const std::pair<array, array>& pair) {
  return {pair.first, pair.second};
}

/// vmap and the loop may round differently in their batches' products.
void check_close_vmap(const Function& f, const std::vector<array>& inputs,
                      const std::vector<int>& axes) {
  auto rounded = [&](const std::vector<array>& x) {
    array y = f(x);
    return y.dtype() == complex64 ? y : astype(round(multiply(y, array(1e8, y.dtype()))), int64);
  };
  check_vmap(rounded, inputs, axes);
}

}  // namespace

TEST_CASE("linalg: derivatives of inverses and systems") {
  for (Dtype dtype : {float64, complex64})
    for (auto& shape : {Shape{4, 4}, Shape{2, 3, 3}}) {
      array a = well_conditioned(shape, 1, dtype), b = random_array({3, 2}, 2, -1, 1, dtype);
      check_derivatives([](auto& x) { return inv(x[0]); }, {a});
      for (bool upper : {false, true}) {
        check_derivatives([&](auto& x) { return tri_inv(x[0], upper); }, {a});
        check_derivatives([&](auto& x) { return cholesky_inv(x[0], upper); }, {a});
      }
      if (shape[0] == 4) b = random_array({4, 2}, 2, -1, 1, dtype);
      check_derivatives([](auto& x) { return solve(x[0], x[1]); }, {a, b});
      check_derivatives([&](auto& x) { return solve(a, x[0]); }, {b});
      check_derivatives([&](auto& x) { return solve(x[0], b); }, {a});
      for (bool upper : {false, true})
        check_derivatives([&](auto& x) { return solve_triangular(x[0], x[1], upper); }, {a, b});
    }
  array a = well_conditioned({4, 4}, 1);
  check_derivatives([](auto& x) { return solve(x[0], x[1]); }, {a, random_array({4}, 3)});
  check_derivatives([](auto& x) { return solve(x[0], x[1]); }, {a, random_array({3, 4, 2}, 3)});
}

TEST_CASE("linalg: derivatives of determinants") {
  for (Dtype dtype : {float64, complex64}) {
    array a = well_conditioned({2, 4, 4}, 1, dtype);
    check_derivatives([](auto& x) { return det(x[0]); }, {a});
    check_derivatives([](auto& x) { return slogdet(x[0]).first; }, {a});
    check_derivatives([](auto& x) { return slogdet(x[0]).second; }, {a});
  }
  array one = random_array({1, 1}, 4);
  check_derivatives([](auto& x) { return det(x[0]); }, {one});
  // Of rank n - 1 and n - 2: the cofactors exist, an inverse doesn't.
  array rank_two = matmul(random_array({3, 2}, 5), random_array({2, 3}, 6));
  check_derivatives([](auto& x) { return det(x[0]); }, {rank_two});
  array rank_one = matmul(random_array({3, 1}, 5), random_array({1, 3}, 6));
  check_derivatives([](auto& x) { return det(x[0]); }, {rank_one});
  // The second derivative.
  auto gradient = [](const std::vector<array>& x) {
    return grad([](const array& a) { return det(a); })(x[0]);
  };
  check_derivatives(gradient, {well_conditioned({3, 3}, 7)});
  check_derivatives(gradient, {eye(3, float64)});
}

TEST_CASE("linalg: derivatives of the Cholesky factor") {
  for (Dtype dtype : {float64, complex64})
    for (bool upper : {false, true}) {
      array a = random_array({2, 4, 4}, 1, -1, 1, dtype);
      check_derivatives([&](auto& x) { return cholesky(positive_definite(x[0]), upper); }, {a});
    }
}

TEST_CASE("linalg: derivatives of LU") {
  for (auto& shape : {Shape{4, 4}, Shape{2, 5, 3}, Shape{2, 3, 5}}) {
    array a = random_array(shape, 1);
    check_derivatives([](auto& x) { return lu_factor(x[0]).first; }, {a});
    check_derivatives([](auto& x) { return matmul(lu(x[0])[1], lu(x[0])[2]); }, {a});
  }
  array a = random_array({3, 3}, 2, -1, 1, complex64) + 3.0 * eye(3, complex64);
  check_derivatives([](auto& x) { return lu_factor(x[0]).first; }, {a});
}

TEST_CASE("linalg: derivatives of QR") {
  for (Dtype dtype : {float64, complex64})
    for (auto& shape : {Shape{4, 4}, Shape{2, 5, 3}, Shape{2, 3, 5}}) {
      array a = well_conditioned(shape, 1, dtype);
      check_derivatives(joined([](auto& x) { return as_vector(qr(x)); }), {a});
    }
}

TEST_CASE("linalg: derivatives of singular values and vectors") {
  for (auto& shape : {Shape{4, 4}, Shape{2, 3, 3}}) {
    array a = with_distinct_values(shape, 1);
    check_derivatives(joined([](auto& x) { return svd(x); }), {a});
  }
  for (auto& shape : {Shape{5, 3}, Shape{2, 3, 5}})
    for (Dtype dtype : {float64, complex64}) {
      array a = with_distinct_values(shape, 2, dtype);
      check_derivatives(part([](auto& x) { return svd(x, false); }, 0), {a});
      check_derivatives(part([](auto& x) { return svd(x); }, 1), {a});
      // What doesn't depend on the choice of vectors: projections, also on the rest of the space.
      const int k = std::min(a.shape(-1), a.shape(-2));
      for (size_t side : {size_t(0), size_t(2)}) {
        auto projections = [&](const std::vector<array>& x) {
          array vectors = svd(x[0])[side];
          if (side == 2) vectors = adjoint_of(vectors);
          Shape start(vectors.ndim()), stop = vectors.shape();
          stop.back() = 1;
          array first = slice(vectors, start, stop);
          start.back() = k;
          array rest = slice(vectors, start, vectors.shape());
          return concatenate({matmul(first, adjoint_of(first)), matmul(rest, adjoint_of(rest))});
        };
        check_derivatives(projections, {a});
      }
      auto rebuilt = [&](const std::vector<array>& x) {
        auto usv = svd(x[0]);
        Shape start(a.ndim()), left = usv[0].shape(), right = usv[2].shape();
        left.back() = right[a.ndim() - 2] = k;
        array scaled = multiply(slice(usv[0], start, left), expand_dims(square(usv[1]), -2));
        return matmul(scaled, slice(usv[2], start, right));
      };
      check_derivatives(rebuilt, {a});
      check_derivatives([](auto& x) { return pinv(x[0]); }, {a});
    }
  // Equal singular values: their sum and the inverse have derivatives all the same.
  array equal = eye(3, float64);
  check_derivatives([](auto& x) { return sum(svd(x[0], false)[0]); }, {equal});
  check_derivatives([](auto& x) { return pinv(x[0]); }, {equal});
}

TEST_CASE("linalg: derivatives of eigenvalues and eigenvectors") {
  for (std::string triangle : {"L", "U"}) {
    array a = with_distinct_values({2, 4, 4}, 1);
    auto symmetric = [&](const array& x) { return as_vector(eigh(hermitian(x), triangle)); };
    check_derivatives(joined(symmetric), {a});
  }
  array z = with_distinct_values({3, 3}, 1, complex64);
  check_derivatives([](auto& x) { return eigvalsh(hermitian(x[0])); }, {z});
  auto function = [](const std::vector<array>& x) {
    auto [w, v] = eigh(hermitian(x[0]));
    return matmul(multiply(v, expand_dims(sin(w), -2)), adjoint_of(v));
  };
  check_derivatives(function, {z});
  check_derivatives([](auto& x) { return sum(eigvalsh(hermitian(x[0]))); }, {eye(3, float64)});

  // In complex64 whatever the input is.
  for (Dtype dtype : {float32, complex64}) {
    array a = with_distinct_values({3, 3}, 2, dtype);
    check_derivatives([](auto& x) { return eigvals(x[0]); }, {a});
    check_derivatives([](auto& x) { return abs(eig(x[0]).second); }, {a});
    auto squares = [](const std::vector<array>& x) {
      auto [w, v] = eig(x[0]);
      return matmul(multiply(v, expand_dims(square(w), -2)), inv(v));
    };
    check_derivatives(squares, {a});
  }
}

TEST_CASE("linalg: vmap") {
  array a = well_conditioned({3, 4, 4}, 1), b = random_array({3, 4, 2}, 2);
  array h = positive_definite(a);
  for (int axis : {0, 1, 2}) {
    array m = moveaxis(a, 0, axis), p = moveaxis(h, 0, axis);
    check_close_vmap([](auto& x) { return inv(x[0]); }, {m}, {axis});
    check_close_vmap([](auto& x) { return tri_inv(x[0], true); }, {m}, {axis});
    check_close_vmap([](auto& x) { return det(x[0]); }, {m}, {axis});
    check_close_vmap([](auto& x) { return slogdet(x[0]).second; }, {m}, {axis});
    check_close_vmap([](auto& x) { return cholesky(x[0]); }, {p}, {axis});
    check_close_vmap([](auto& x) { return pinv(x[0]); }, {m}, {axis});
    check_close_vmap([](auto& x) { return eigvalsh(x[0]); }, {p}, {axis});
    check_close_vmap(joined([](auto& x) { return as_vector(eigh(x)); }), {p}, {axis});
    check_close_vmap(joined([](auto& x) { return as_vector(qr(x)); }), {m}, {axis});
    check_close_vmap(joined([](auto& x) { return svd(x); }), {m}, {axis});
    check_vmap([](auto& x) { return eigvals(x[0]); }, {m}, {axis});
    check_vmap([](auto& x) { return lu(x[0])[0]; }, {m}, {axis});
    check_close_vmap([](auto& x) { return lu_factor(x[0]).first; }, {m}, {axis});
    check_close_vmap([](auto& x) { return solve(x[0], x[1]); }, {m, b}, {axis, 0});
    check_close_vmap([](auto& x) { return solve(x[0], x[1]); }, {m, take(b, 0, 0)}, {axis, -1});
  }
  array one = take(a, 0, 0);
  check_close_vmap([](auto& x) { return solve(x[0], x[1]); }, {one, b}, {-1, 0});
  check_close_vmap([](auto& x) { return solve(x[0], x[1]); }, {one, take(b, 0, -1)}, {-1, 0});
  check_close_vmap([](auto& x) { return solve_triangular(x[0], x[1]); }, {a, b}, {0, 0});
  check_close_vmap([](auto& x) { return solve_triangular(x[0], x[1]); }, {one, b}, {-1, 0});
  auto gradient = [](const std::vector<array>& x) {
    return grad([](const array& m) { return sum(inv(m)) + det(m); })(x[0]);
  };
  check_close_vmap(gradient, {a}, {0});
}
