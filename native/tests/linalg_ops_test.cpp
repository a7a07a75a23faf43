#include "linalg_test_data.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using namespace mlx::core::testing;
using namespace mlx::core::linalg;

namespace {

using Numbers = std::vector<double>;

const float nan_value = std::numeric_limits<float>::quiet_NaN();
const float infinity = std::numeric_limits<float>::infinity();

/// Square matrices of every dtype, alone and in batches, in both orders.
void for_square_matrices(const std::function<void(const array&)>& check) {
  for (Dtype dtype : lapack_dtypes)
    for (auto& shape : {Shape{1, 1}, Shape{5, 5}, Shape{40, 40}, Shape{3, 4, 4}, Shape{2, 3, 7, 7},
                        Shape{0, 0}, Shape{0, 3, 3}, Shape{2, 0, 0}}) {
      CAPTURE(dtype);
      CAPTURE(shape);
      array a = random_array(shape, 3, -1, 1, dtype);
      check(a);
      check(column_order(a));
      check(slice(random_array({2, 9, 9}, 4, -1, 1, dtype), {0, 8, 0}, {2, -10, 9}, {1, -2, 2}));
    }
}

void for_rectangles(const std::function<void(const array&)>& check) {
  for (Dtype dtype : lapack_dtypes)
    for (auto& shape : {Shape{1, 1}, Shape{6, 4}, Shape{4, 6}, Shape{5, 5}, Shape{30, 20},
                        Shape{3, 1, 5}, Shape{3, 5, 1}, Shape{2, 2, 4, 3}, Shape{0, 3}, Shape{3, 0},
                        Shape{2, 0, 3}, Shape{0, 3, 2}}) {
      CAPTURE(dtype);
      CAPTURE(shape);
      array a = random_array(shape, 5, -1, 1, dtype);
      check(a);
      check(column_order(a));
    }
}

void check_close(const array& a, const array& b) { CHECK(distance(a, b) < tolerance(a.dtype())); }

array with_element(Shape shape, float value) {
  array a = positive_definite(random_array(shape, 1, -1, 1, float32));
  Shape start(shape.size()), stop(shape.size(), 1);
  return slice_update(a, array(value), start, stop);
}

}  // namespace

TEST_CASE("linalg: inverses") {
  for_square_matrices([](const array& a) {
    array shifted = add(a, multiply(array(3, a.dtype()), identity_like(a)));
    check_close(matmul(inv(shifted), shifted), identity_like(a));
    for (bool upper : {false, true}) {
      array triangle = upper ? triu(shifted) : tril(shifted);
      array inverse = tri_inv(shifted, upper);
      CHECK(distance(inverse, upper ? triu(inverse) : tril(inverse)) == 0);
      if (a.shape(-1) < 10) check_close(matmul(inverse, triangle), identity_like(a));
      array definite = positive_definite(a);
      check_close(matmul(cholesky_inv(cholesky(definite, upper), upper), definite),
                  identity_like(a));
    }
  });
  CHECK(values(inv(array({2.f, 0.f, 0.f, 4.f}, {2, 2}))) == Numbers{0.5, 0, 0, 0.25});
}

TEST_CASE("linalg: the Cholesky factor reads one triangle") {
  for_square_matrices([](const array& a) {
    array definite = positive_definite(a);
    array l = cholesky(tril(definite)), u = cholesky(triu(definite), true);
    check_close(matmul(l, adjoint_of(l)), definite);
    check_close(matmul(adjoint_of(u), u), definite);
    CHECK(distance(l, tril(l)) == 0);
    CHECK(distance(u, triu(u)) == 0);
  });
}

TEST_CASE("linalg: systems") {
  for_square_matrices([](const array& a) {
    array m = add(a, multiply(array(3, a.dtype()), identity_like(a)));
    Shape shape = a.shape();
    for (int columns : {1, 3, 0}) {
      shape.back() = columns;
      array b = random_array(shape, 9, -1, 1, a.dtype());
      for (const array& right : {b, column_order(b)}) {
        check_close(matmul(m, solve(m, right)), right);
        for (bool upper : {false, true}) {
          array triangle = upper ? triu(m) : tril(m);
          array x = solve_triangular(m, right, upper);
          if (a.shape(-1) < 10) check_close(matmul(triangle, x), right);
        }
      }
    }
  });
  array a = random_array({4, 4}, 1) + 3.0 * eye(4, float64), b = random_array({4}, 2);
  CHECK(solve(a, b).shape() == Shape{4});
  CHECK(distance(matmul(a, solve(a, b)), b) < 1e-13);
  array batch = random_array({2, 3, 4, 5}, 3);
  CHECK(distance(matmul(a, solve(a, batch)), batch) < 1e-13);
  CHECK(distance(matmul(triu(a), solve_triangular(a, batch, true)), batch) < 1e-13);
  array matrices = random_array({3, 4, 4}, 4) + 3.0 * eye(4, float64);
  CHECK(solve(matrices, b).shape() == Shape{3, 4});
  CHECK(distance(matmul(matrices, solve(matrices, batch)), batch) < 1e-12);
  CHECK(solve(matrices, zeros({4, 2})).dtype() == float64);
  CHECK(solve(zeros({0, 0}), zeros({0})).shape() == Shape{0});
  CHECK_THROWS_AS(solve(a, zeros({3, 4}, float64)), ShapeError);
  CHECK_THROWS_AS(solve(a, array(1.0, float64)), ShapeError);
  CHECK_THROWS_AS(solve_triangular(matrices, zeros({2, 4, 1}, float64)), ShapeError);
}

TEST_CASE("linalg: determinants") {
  auto expand = [](auto& self, const array& a) -> array {
    // Along the first row.
    const int n = a.shape(-1);
    if (n == 0) return ones(Shape(a.shape().begin(), a.shape().end() - 2), a.dtype());
    array total = zeros(Shape(a.shape().begin(), a.shape().end() - 2), a.dtype());
    for (int j = 0; j < n; ++j) {
      Shape start(a.ndim()), stop = a.shape();
      start[a.ndim() - 2] = 1;
      array below = slice(a, start, stop);
      Shape middle = below.shape(), from(a.ndim());
      middle.back() = j;
      array left = slice(below, from, middle);
      from.back() = j + 1;
      array right = slice(below, from, below.shape());
      array term =
          multiply(take(take(a, 0, -2), j, -1), self(self, concatenate({left, right}, -1)));
      total = j % 2 ? subtract(total, term) : add(total, term);
    }
    return total;
  };
  for_square_matrices([&](const array& a) {
    auto [sign, logarithm] = slogdet(a);
    CHECK(sign.dtype() == a.dtype());
    CHECK(logarithm.dtype() == (a.dtype() == float64 ? float64 : float32));
    if (a.shape(-1) > 5) return;
    check_close(det(a), expand(expand, a));
    check_close(multiply(sign, exp(logarithm)), det(a));
  });
  array singular({1.f, 2.f, 2.f, 4.f}, {2, 2});
  CHECK(det(singular).item<float>() == 0);
  CHECK(slogdet(singular).first.item<float>() == 0);
  CHECK(slogdet(singular).second.item<float>() == -infinity);
  CHECK(det(zeros({0, 0})).item<float>() == 1);
  // Beyond the range of float32 on the way.
  array scales({1e30f, 1e30f, 1e-30f, 1e-30f});
  CHECK(det(diag(scales)).item<float>() == doctest::Approx(1));
  CHECK(slogdet(diag(full({100}, 1e10f))).second.item<float>() == doctest::Approx(2302.585));
}

TEST_CASE("linalg: LU") {
  for_rectangles([](const array& a) {
    auto factors = lu(a);
    const array &p = factors[0], &l = factors[1], &u = factors[2];
    CHECK(p.dtype() == uint32);
    CHECK(distance(l, tril(l)) == 0);
    CHECK(distance(u, triu(u)) == 0);
    check_close(take_along_axis(matmul(l, u), expand_dims(p, -1), -2), a);
    auto [both, pivots] = lu_factor(a);
    CHECK(pivots.dtype() == uint32);
    CHECK(pivots.shape(-1) == std::min(a.shape(-1), a.shape(-2)));
    if (a.shape(-2) == a.shape(-1)) check_close(add(tril(l, -1), u), both);
  });
  array a({1.f, 2.f, 3.f, 4.f, 5.f, 6.f, 7.f, 8.f, 10.f}, {3, 3});
  CHECK(values(lu_factor(a).second) == Numbers{2, 2, 2});
  CHECK(values(lu(a)[0]) == Numbers{1, 2, 0});
}

TEST_CASE("linalg: QR") {
  for_rectangles([](const array& a) {
    auto [q, r] = qr(a);
    const int k = std::min(a.shape(-1), a.shape(-2));
    CHECK(q.shape(-1) == k);
    CHECK(r.shape(-2) == k);
    check_close(matmul(q, r), a);
    check_close(matmul(adjoint_of(q), q), identity_like(matmul(adjoint_of(q), q)));
    CHECK(distance(r, triu(r)) == 0);
  });
}

TEST_CASE("linalg: singular values") {
  for_rectangles([](const array& a) {
    auto usv = svd(a);
    const array &u = usv[0], &s = usv[1], &vt = usv[2];
    const int k = std::min(a.shape(-1), a.shape(-2));
    CHECK(u.shape(-1) == a.shape(-2));
    CHECK(vt.shape(-2) == a.shape(-1));
    CHECK(s.shape(-1) == k);
    CHECK(s.dtype() == (a.dtype() == float64 ? float64 : float32));
    check_close(matmul(u, adjoint_of(u)), identity_like(u));
    check_close(matmul(vt, adjoint_of(vt)), identity_like(vt));
    Shape start(a.ndim()), left = u.shape(), right = vt.shape();
    left.back() = right[a.ndim() - 2] = k;
    array product =
        matmul(multiply(slice(u, start, left), expand_dims(s, -2)), slice(vt, start, right));
    check_close(product, a);
    CHECK(distance(svd(a, false)[0], s) < 10 * tolerance(a.dtype()));
    array y = pinv(a);
    check_close(matmul(matmul(a, y), a), a);
    check_close(adjoint_of(matmul(a, y)), matmul(a, y));
    check_close(adjoint_of(matmul(y, a)), matmul(y, a));
  });
  // Of rank 1: the others count as zero.
  array a = outer(array({1.f, 2.f, 3.f}), array({1.f, 1.f}));
  CHECK(distance(pinv(a), transpose(a) / 28.0) < 1e-6);
  CHECK(values(pinv(zeros({2, 3}))) == Numbers(6, 0));
}

TEST_CASE("linalg: eigenvalues of Hermitian matrices") {
  for_square_matrices([](const array& a) {
    array h = hermitian(a);
    for (std::string triangle : {"L", "U"}) {
      array half = triangle == "L" ? tril(h) : triu(h);
      auto [w, v] = eigh(half, triangle);
      CHECK(w.dtype() == (a.dtype() == float64 ? float64 : float32));
      check_close(matmul(multiply(v, expand_dims(w, -2)), adjoint_of(v)), h);
      check_close(matmul(adjoint_of(v), v), identity_like(v));
      CHECK(distance(sort(w, -1), w) == 0);
      CHECK(distance(eigvalsh(half, triangle), w) < 10 * tolerance(a.dtype()));
    }
  });
  CHECK_THROWS_AS(eigh(zeros({2, 2}), "X"), std::invalid_argument);
  CHECK_THROWS_AS(eigvalsh(zeros({2, 2}), ""), std::invalid_argument);
}

TEST_CASE("linalg: eigenvalues of any matrices") {
  for_square_matrices([](const array& a) {
    auto [w, v] = eig(a);
    CHECK(w.dtype() == complex64);
    CHECK(v.dtype() == complex64);
    array product = matmul(astype(a, complex64), v);
    CHECK(distance(product, multiply(v, expand_dims(w, -2))) < 1e-4);
    CHECK(distance(sum(square(abs(v)), -2), ones(w.shape())) < 1e-5);
    array total = trace(a, 0, -2, -1);
    CHECK(distance(sum(eigvals(a), -1), astype(total, complex64)) < 1e-4);
  });
  array turn({0.f, -1.f, 1.f, 0.f}, {2, 2});
  CHECK(values(imag(eigvals(turn))) == Numbers{1, -1});
}

TEST_CASE("linalg: what matrices must be") {
  array rectangle = zeros({2, 3}), vector = zeros({3}), integers = zeros({2, 2}, int32);
  using Check = std::function<void(const array&)>;
  for (const Check& square :
       {Check([](auto& a) { inv(a); }), Check([](auto& a) { tri_inv(a); }),
        Check([](auto& a) { cholesky(a); }), Check([](auto& a) { cholesky_inv(a); }),
        Check([](auto& a) { eig(a); }), Check([](auto& a) { eigvals(a); }),
        Check([](auto& a) { eigh(a); }), Check([](auto& a) { eigvalsh(a); }),
        Check([](auto& a) { solve(a, a); }), Check([](auto& a) { solve_triangular(a, a); })}) {
    CHECK_THROWS_AS(square(rectangle), ShapeError);
    CHECK_THROWS_AS(square(vector), ShapeError);
    CHECK_THROWS_AS(square(integers), DtypeError);
    CHECK_THROWS_AS(square(astype(integers, float16)), DtypeError);
  }
  // Determinants of integers are those of the same numbers in float32.
  CHECK(det(integers).dtype() == float32);
  CHECK(slogdet(integers).second.dtype() == float32);
  for (const Check& determinant :
       {Check([](auto& a) { det(a); }), Check([](auto& a) { slogdet(a); })}) {
    CHECK_THROWS_AS(determinant(rectangle), ShapeError);
    CHECK_THROWS_AS(determinant(vector), ShapeError);
    CHECK_THROWS_AS(determinant(astype(integers, float16)), DtypeError);
  }
  for (const Check& any : {Check([](auto& a) { qr(a); }), Check([](auto& a) { svd(a); }),
                           Check([](auto& a) { pinv(a); }), Check([](auto& a) { lu(a); }),
                           Check([](auto& a) { lu_factor(a); })}) {
    CHECK_THROWS_AS(any(vector), ShapeError);
    CHECK_THROWS_AS(any(integers), DtypeError);
  }
}

TEST_CASE("linalg: singular matrices are errors") {
  array singular({1.f, 2.f, 2.f, 4.f}, {2, 2});
  array batch = stack({eye(2), singular, eye(2)});
  array negative = diag(array({1.f, -1.f}));
  CHECK_THROWS_AS(eval(inv(singular)), EngineError);
  CHECK_THROWS_WITH(eval(inv(batch)), "[inv] Matrix 1 of 3 is singular.");
  CHECK_THROWS_AS(eval(solve(singular, ones({2}))), EngineError);
  CHECK_THROWS_AS(eval(solve(batch, ones({2, 1}))), EngineError);
  CHECK_THROWS_AS(eval(tri_inv(zeros({2, 2}))), EngineError);
  CHECK_THROWS_AS(eval(solve_triangular(zeros({2, 2}), ones({2}))), EngineError);
  CHECK_THROWS_AS(eval(cholesky(negative)), EngineError);
  CHECK_THROWS_AS(eval(cholesky(zeros({3, 3}))), EngineError);
  CHECK(values(eigvalsh(singular)).size() == 2);
  CHECK(values(svd(zeros({3, 3}), false)[0]) == Numbers(3, 0));
  eval(qr(zeros({3, 2})).first, lu(zeros({3, 2}))[0], eig(zeros({3, 3})).second);
}

TEST_CASE("linalg: NaN and infinity") {
  for (float value : {nan_value, infinity, -infinity})
    for (auto& shape : {Shape{1, 1}, Shape{3, 3}, Shape{70, 70}, Shape{2, 5, 5}}) {
      array a = with_element(shape, value);
      auto is_nan_first = [&](const array& x) { return isnan(take(flatten(x), 0)).item<bool>(); };
      CHECK(is_nan_first(inv(a)));
      CHECK(is_nan_first(solve(a, ones(shape))));
      CHECK(is_nan_first(det(a)));
      CHECK(is_nan_first(slogdet(a).second));
      CHECK(is_nan_first(qr(a).first));
      CHECK(is_nan_first(lu_factor(a).first));
      CHECK(max(lu(a)[0]).item<uint32_t>() < uint32_t(shape.back()));
      eval(tri_inv(a), solve_triangular(a, ones(shape)));
      CHECK_THROWS_AS(eval(cholesky(a)), EngineError);
      CHECK_THROWS_AS(eval(svd(a)), EngineError);
      CHECK_THROWS_AS(eval(svd(a, false)), EngineError);
      CHECK_THROWS_AS(eval(pinv(a)), EngineError);
      CHECK_THROWS_AS(eval(eigvalsh(a)), EngineError);
      CHECK_THROWS_AS(eval(eig(a).first), EngineError);
      CHECK_THROWS_AS(eval(norm(a, 2.0, std::vector<int>{-2, -1})), EngineError);
    }
  // What isn't read may be anything.
  array half = add(eye(3), triu(full({3, 3}, nan_value), 1));
  CHECK(distance(cholesky(half), eye(3)) == 0);
  CHECK(distance(eigvalsh(half), ones({3})) == 0);
  CHECK(distance(tri_inv(half), eye(3)) == 0);
  CHECK(distance(solve_triangular(half, eye(3)), eye(3)) == 0);
}

TEST_CASE("linalg: elements near the largest number") {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    array a = random_array({30, 30}, seed, -3.4e38, 3.4e38, float32);
    // Values overflow on the way; nothing may crash or hang.
    auto run = [](const array& x) {
      try {
        eval(x);
      } catch (const EngineError&) {
      }
    };
    auto pivots = values(lu_factor(a).second);
    for (double pivot : pivots) CHECK((pivot >= 0 && pivot < 30));
    run(inv(a));
    run(solve(a, a));
    run(det(a));
    run(svd(a)[1]);
    run(eigvalsh(a));
    run(eigvals(a));
    run(qr(a).first);
    run(pinv(a));
    run(cholesky(matmul(a, transpose(a))));
  }
}

TEST_CASE("linalg: the same bits for any number of threads") {
  array a = random_array({37, 24, 24}, 1, -1, 1, float32);
  array b = random_array({200, 150}, 2, -1, 1, float32);
  auto compute = [&] {
    auto x = svd(b);
    auto y = eig(a);
    std::vector<array> all{inv(a),      solve(a, a), det(a),
                           qr(a).first, x[0],        y.first,
                           lu(a)[1],    pinv(b),     eigh(hermitian(a)).second};
    eval(all);
    return all;
  };
  const int before = num_threads();
  set_num_threads(1);
  auto one = compute();
  for (int threads : {2, 5}) {
    set_num_threads(threads);
    auto several = compute();
    for (size_t i = 0; i < one.size(); ++i) CHECK(array_equal(one[i], several[i]).item<bool>());
  }
  set_num_threads(before);
}
