#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "array/dtype_table.h"
#include "derivative_checks.h"
#include "mlx/primitives.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;

}  // namespace

TEST_CASE("arange counts as NumPy does") {
  CHECK(values(arange(4)) == Numbers{0, 1, 2, 3});
  CHECK(arange(4).dtype() == int32);
  CHECK(values(arange(2, 5)) == Numbers{2, 3, 4});
  CHECK(values(arange(5, 0, -2)) == Numbers{5, 3, 1});
  CHECK(arange(4.0).dtype() == float32);
  CHECK(values(arange(0.5, 2.0, 0.5)) == Numbers{0.5, 1, 1.5});
  CHECK(values(arange(1.0, 2.0, 0.3, float64)) == Numbers{1, 1 + 0.3, 1 + 0.6, 1 + 3 * 0.3});
  CHECK(values(arange(3.0, int8)) == Numbers{0, 1, 2});
  CHECK(arange(0.0, 3.0, complex64).dtype() == complex64);
  CHECK(arange(3, 3).shape() == Shape{0});
  CHECK(arange(3, 5, -1).shape() == Shape{0});
  CHECK(values(arange(1.0, 9.0, std::numeric_limits<double>::infinity())) == Numbers{1});
}

TEST_CASE("arange refuses what has no end") {
  double nan = std::numeric_limits<double>::quiet_NaN();
  double infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(arange(0.0, 1.0, 0.0), std::invalid_argument);
  CHECK_THROWS_AS(arange(0.0, nan, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(arange(0.0, infinity, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(arange(0.0, 1e12, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(arange(0.0, 2.0, bool_), DtypeError);
}

TEST_CASE("linspace holds both ends exactly") {
  array a = linspace(0.1, 0.7, 7, float64);
  auto numbers = values(a);
  CHECK(numbers.front() == 0.1);
  CHECK(numbers.back() == 0.7);
  for (int i = 0; i < 7; ++i) CHECK(numbers[size_t(i)] == doctest::Approx(0.1 + 0.1 * i));
  CHECK(linspace(0, 1).shape() == Shape{50});
  CHECK(linspace(0, 1).dtype() == float32);
  CHECK(values(linspace(3, 9, 1)) == Numbers{3});
  CHECK(values(linspace(0, 10, 5, int32)) == Numbers{0, 2, 5, 7, 10});
  CHECK(values(linspace(0, 1, 4, false)) == Numbers{0, 0.25, 0.5, 0.75});
  CHECK(linspace(0, 1, 0).shape() == Shape{0});
  CHECK_THROWS_AS(linspace(0, 1, -1), std::invalid_argument);
}

TEST_CASE("constants in every dtype and shape") {
  for (auto dtype : all_dtypes) {
    array one = ones({2, 3}, dtype), zero = zeros({2, 3}, dtype);
    CHECK(one.dtype() == dtype);
    CHECK(values(one) == Numbers(6, 1));
    CHECK(values(zero) == Numbers(6, 0));
    CHECK(ones_like(zero).dtype() == dtype);
    CHECK(values(zeros_like(one, float32)) == Numbers(6, 0));
  }
  CHECK(zeros({}).item<float>() == 0);
  CHECK(ones({0, 3}).size() == 0);
  CHECK(zeros({2}).dtype() == float32);
  CHECK(full({2}, 3).dtype() == int32);
  CHECK(full({2}, 3, float16).dtype() == float16);
  CHECK(values(full({2, 3}, array({1, 2, 3}))) == Numbers{1, 2, 3, 1, 2, 3});
  CHECK(values(full_like(zeros({2}, int32), 2.7f)) == Numbers{2, 2});
  CHECK(full_like(zeros({2}, int32), array(2.5f)).dtype() == int32);
  CHECK(full_like(zeros({2}, int32), array(2.5f), float32).dtype() == float32);
  CHECK_THROWS_AS(full({2}, array({1, 2, 3})), ShapeError);
  CHECK_THROWS_AS(zeros({-1}), ShapeError);
}

TEST_CASE("constants have memory of their own") {
  array a = zeros({20, 30});
  a.eval();
  CHECK(a.data_size() == 600);
  CHECK(a.flags().row_contiguous);
  for (int i = 0; i < 600; ++i) CHECK(a.data<float>()[i] == 0);
}

TEST_CASE("eye, identity and triangles") {
  CHECK(values(eye(2, 3, 1)) == Numbers{0, 1, 0, 0, 0, 1});
  CHECK(values(eye(2, 2, -1, int32)) == Numbers{0, 0, 1, 0});
  CHECK(values(eye(2, 2, 100)) == Numbers(4, 0));
  CHECK(values(eye(2)) == values(identity(2)));
  CHECK(identity(3, float16).dtype() == float16);
  CHECK(values(tri(2, 3, 0, int32)) == Numbers{1, 0, 0, 1, 1, 0});
  CHECK(values(tri(2, 3, -1, float32)) == Numbers{0, 0, 0, 1, 0, 0});
  CHECK(tri(2, float16).shape() == Shape{2, 2});
  int lowest = std::numeric_limits<int>::min(), highest = std::numeric_limits<int>::max();
  CHECK(values(tri(2, 2, highest, int32)) == Numbers(4, 1));
  CHECK(values(tri(2, 2, lowest, int32)) == Numbers(4, 0));
  array a = reshape(arange(1, 10), {3, 3});
  CHECK(values(tril(a)) == Numbers{1, 0, 0, 4, 5, 0, 7, 8, 9});
  CHECK(values(triu(a)) == Numbers{1, 2, 3, 0, 5, 6, 0, 0, 9});
  CHECK(values(tril(a, -1)) == Numbers{0, 0, 0, 4, 0, 0, 7, 8, 0});
  CHECK(values(triu(a, 1)) == Numbers{0, 2, 3, 0, 0, 6, 0, 0, 0});
  CHECK(values(triu(a, lowest)) == values(a));
  CHECK(values(tril(a, highest)) == values(a));
  CHECK(values(triu(a, highest)) == Numbers(9, 0));
  CHECK(tril(zeros({2, 0, 3})).shape() == Shape{2, 0, 3});
  CHECK_THROWS_AS(eye(-1, 2), ShapeError);
  CHECK_THROWS_AS(tril(arange(3)), ShapeError);
}

TEST_CASE("a copy is a node of its own on the same data") {
  array a = random_array({2, 3}, 1);
  array b = copy(a);
  CHECK(b.id() != a.id());
  b.eval();
  CHECK(b.data<double>() == a.data<double>());
}

TEST_CASE("contiguous moves what isn't dense, and nothing else") {
  array a = random_array({4, 5}, 1);
  array same = contiguous(a);
  same.eval();
  CHECK(same.data<double>() == a.data<double>());
  array turned = contiguous(transpose(a));
  turned.eval();
  CHECK(turned.flags().row_contiguous);
  CHECK(values(turned) == values(transpose(a)));
  array kept = contiguous(transpose(a), true);
  kept.eval();
  CHECK(kept.data<double>() == a.data<double>());
  array spread = contiguous(broadcast_to(array(3.0f), {2, 2}));
  spread.eval();
  CHECK(spread.data_size() == 4);
  // A small part doesn't keep a large buffer alive.
  array part = contiguous(slice(ones({1 << 16}) + 1.0f, {0}, {4}));
  part.eval();
  CHECK(part.buffer_size() < 4096);
}

TEST_CASE("number_of_elements") {
  array a = zeros({2, 3, 4});
  CHECK(number_of_elements(a, {0, -1}, false).item<int>() == 8);
  CHECK(number_of_elements(a, {1}, true, float32).item<float>() == 1.0f / 3);
  CHECK_THROWS_AS(number_of_elements(a, {3}, false), IndexError);
}

TEST_CASE("creation maps and differentiates") {
  array a = random_array({3, 4, 4}, 1);
  for (int axis : {0, 1, 2}) {
    check_vmap([](const std::vector<array>& x) { return triu(x[0]); }, {a}, {axis}, 1);
    check_vmap([](const std::vector<array>& x) { return contiguous(x[0]); }, {a}, {axis});
    check_vmap([](const std::vector<array>& x) { return full({2, 4, 4}, sum(x[0])); }, {a}, {axis});
    check_vmap([](const std::vector<array>& x) { return copy(x[0]) * ones({4}); }, {a}, {axis});
  }
  check_derivatives([](const std::vector<array>& x) { return tril(x[0], 1); }, {a});
  check_derivatives([](const std::vector<array>& x) { return contiguous(transpose(x[0])); }, {a});
  check_derivatives([](const std::vector<array>& x) { return full({3, 2}, x[0]); },
                    {random_array({2}, 2)});
}
