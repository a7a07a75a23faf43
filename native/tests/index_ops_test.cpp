#include <doctest/doctest.h>

#include "array/dtype_table.h"
#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;

using ScatterFunction = array (*)(const array&, const std::vector<array>&, const array&,
                                  const std::vector<int>&, StreamOrDevice);
struct Scatterer {
  const char* name;
  ScatterFunction function;
};
const Scatterer scatterers[] = {
    {"set", scatter},         {"add", scatter_add},     {"multiply", scatter_prod},
    {"maximum", scatter_max}, {"minimum", scatter_min},
};

}  // namespace

TEST_CASE("take along an axis puts the indices' shape in its place") {
  array a = reshape(arange(24), {2, 3, 4});
  array indices({2, 0, -1, 1}, {2, 2});
  array taken = take(a, indices, 1);
  CHECK(taken.shape() == Shape{2, 2, 2, 4});
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) {
      array expected = take(a, take(take(indices, i, 0), j, 0).item<int>(), 1);
      CHECK(array_equal(take(take(taken, i, 1), j, 1), expected).item<bool>());
    }
  CHECK(values(take(a, array({0, -1, 5}))) == Numbers{0, 23, 5});
  CHECK(values(take(a, array(1), 2)) == Numbers{1, 5, 9, 13, 17, 21});
  CHECK(take(a, zeros({0}, int32), 1).shape() == Shape{2, 0, 4});
  CHECK(take(zeros({0, 3}), zeros({0}, int32), 0).shape() == Shape{0, 3});
  CHECK(take(zeros({2, 0, 3}), array({1, 0, 1}), 0).shape() == Shape{3, 0, 3});
  CHECK_THROWS_AS(take(zeros({2, 0, 3}), array({0}), 1), std::invalid_argument);
  for (Dtype dtype : all_dtypes) {
    array x = astype(a, dtype);
    CHECK(take(x, indices, 0 - 2).dtype() == dtype);
    CHECK(array_equal(take(x, indices, 1), astype(taken, dtype)).item<bool>());
  }
  for (Dtype dtype : {int8, int16, int32, int64})
    CHECK(array_equal(take(a, astype(indices, dtype), 1), taken).item<bool>());
}

TEST_CASE("take with one number") {
  array a = reshape(arange(6), {2, 3});
  CHECK(values(take(a, -1, 1)) == Numbers{2, 5});
  CHECK(take(a, 4).item<int>() == 4);
  CHECK(take(a, 4).shape() == Shape{});
  CHECK_THROWS_AS(take(a, 3, 1), std::out_of_range);
  CHECK_THROWS_AS(take(a, -4, 1), std::out_of_range);
  CHECK_THROWS_AS(take(a, 6), std::out_of_range);
  CHECK_THROWS_AS(take(a, 0, 2), IndexError);
}

TEST_CASE("wrong indices are refused") {
  array a = reshape(arange(6), {2, 3});
  CHECK_THROWS_AS(take(a, array({0.0f}), 0), DtypeError);
  CHECK_THROWS_AS(take(a, array({true}), 0), DtypeError);
  CHECK_THROWS_AS(take(zeros({0}), array({0})), std::invalid_argument);
  CHECK_THROWS_AS(eval(take(a, array({0, 2}), 0)), EngineError);
  CHECK_THROWS_AS(eval(take(a, array({-3}), 0)), EngineError);
  CHECK_THROWS_AS(eval(take_along_axis(a, array({3}, {1, 1}), 1)), EngineError);
  CHECK_THROWS_AS(eval(scatter(a, array({2}), zeros({1, 1, 3}, int32), 0)), EngineError);
  CHECK_THROWS_AS(eval(scatter_add_axis(a, array({-4}, {1, 1}), array(1), 1)), EngineError);
  CHECK_THROWS_AS(take_along_axis(a, array({0}), 0), ShapeError);
  CHECK_THROWS_AS(take_along_axis(a, array({0, 1, 0}, {3, 1}), 1), ShapeError);
  CHECK_THROWS_AS(put_along_axis(a, array({0}, {1, 1}), zeros({2, 2, 2}), 1), ShapeError);
  CHECK_THROWS_AS(gather(a, {array({0})}, {0, 1}, {1, 1}), std::invalid_argument);
  CHECK_THROWS_AS(gather(a, {array({0}), array({0})}, {0, 0}, {1, 1}), std::invalid_argument);
  CHECK_THROWS_AS(gather(a, array({0}), 2, {1, 1}), IndexError);
  CHECK_THROWS_AS(gather(a, array({0}), 0, {1, 4}), ShapeError);
  CHECK_THROWS_AS(gather(a, array({0}), 0, {1}), ShapeError);
  CHECK_THROWS_AS(scatter(a, array({0}), zeros({1, 3}), 0), ShapeError);
  CHECK_THROWS_AS(scatter(a, array({0}), zeros({2, 1, 3}), 0), ShapeError);
}

TEST_CASE("gathering slices") {
  array a = reshape(arange(20), {4, 5});
  array rows({0, 2}), columns({1, 3});
  array got = gather(a, {reshape(rows, {2, 1}), reshape(columns, {1, 2})}, {0, 1}, {2, 2});
  CHECK(got.shape() == Shape{2, 2, 2, 2});
  CHECK(values(got) == Numbers{1, 2, 6, 7, 3, 4, 8, 9, 11, 12, 16, 17, 13, 14, 18, 19});
  CHECK(array_equal(gather(transpose(a), {rows}, {1}, {5, 1}), reshape(take(a, rows, 0), {2, 5, 1}))
            .item<bool>());
  // No index: one slice from the start.
  CHECK(values(gather(a, std::vector<array>{}, std::vector<int>{}, {1, 2})) == Numbers{0, 1});
}

TEST_CASE("taking and putting along an axis") {
  array a({10, 30, 20, 60, 40, 50}, {2, 3});
  array order = argsort(a, 1);
  CHECK(values(take_along_axis(a, order, 1)) == Numbers{10, 20, 30, 40, 50, 60});
  CHECK(array_equal(put_along_axis(zeros({2, 3}, int32), order, sort(a, 1), 1), a).item<bool>());
  // Other axes are broadcast.
  CHECK(values(take_along_axis(a, array({2, 0}, {1, 2}), 1)) == Numbers{20, 10, 50, 60});
  CHECK(values(take_along_axis(a, array({-1}, {1, 1}), 0)) == Numbers{60, 40, 50});
  CHECK(values(put_along_axis(a, array({1}, {1, 1}), array(7), 1)) ==
        Numbers{10, 7, 20, 60, 7, 50});
  CHECK(values(scatter_add_axis(a, array({1, 1, 0, 0}, {2, 2}), array({1, 2}), 1)) ==
        Numbers{10, 33, 20, 63, 40, 50});
  CHECK(values(put_along_axis(a, array({1, 1}, {1, 2}), array({5, 6}, {1, 2}), -1)) ==
        Numbers{10, 6, 20, 60, 6, 50});
  CHECK(put_along_axis(a, array({0}, {1, 1}), array(1.5f), 1).dtype() == int32);
  // The array itself stays as it was.
  CHECK(values(a) == Numbers{10, 30, 20, 60, 40, 50});
}

TEST_CASE("scattering rows, with repeats") {
  array a = full({3, 2}, 10);
  array indices({2, 0, 2}), updates({1, 2, 3, 4, 5, 6}, {3, 1, 2});
  auto result = [&](ScatterFunction f) { return values(f(a, {indices}, updates, {0}, {})); };
  CHECK(result(scatter) == Numbers{3, 4, 10, 10, 5, 6});
  CHECK(result(scatter_add) == Numbers{13, 14, 10, 10, 16, 18});
  CHECK(result(scatter_prod) == Numbers{30, 40, 10, 10, 50, 120});
  CHECK(result(scatter_max) == Numbers{10, 10, 10, 10, 10, 10});
  CHECK(result(scatter_min) == Numbers{3, 4, 10, 10, 1, 2});
  CHECK(values(a) == Numbers(6, 10));
  CHECK(scatter(a, indices, astype(updates, float32), 0).dtype() == int32);
  CHECK(values(scatter(a, std::vector<array>{}, array({7}, {1, 1}), std::vector<int>{})) ==
        Numbers{7, 10, 10, 10, 10, 10});
  for (Dtype dtype : all_dtypes) {
    array x = astype(a, dtype);
    CHECK(scatter_add(x, indices, updates, 0).dtype() == dtype);
    CHECK(
        array_equal(scatter(x, indices, updates, 0), astype(scatter(a, indices, updates, 0), dtype))
            .item<bool>());
  }
}

TEST_CASE("scattering undoes gathering") {
  array a = random_array({5, 6}, 3);
  array rows = reshape(array({0, 2, 4}), {3, 1}), columns = reshape(array({-1, 1}), {1, 2});
  array slices = gather(a, {rows, columns}, {0, 1}, {1, 1});
  array back = scatter(zeros_like(a), {rows, columns}, slices, {0, 1});
  CHECK(distance(gather(back, {rows, columns}, {0, 1}, {1, 1}), slices) == 0);
  CHECK(sum(not_equal(back, array(0.0))).item<int>() == 6);
}

TEST_CASE("derivatives of gathers") {
  array a = random_array({4, 5}, 1);
  array indices({3, 0, 3, -1}, {2, 2}), along({0, 4, 4, 1}, {4, 1});
  check_derivatives([&](auto& x) { return take(x[0], indices, 0); }, {a});
  check_derivatives([&](auto& x) { return take(x[0], indices, 1); }, {a});
  check_derivatives([&](auto& x) { return take(x[0], indices); }, {a});
  check_derivatives([&](auto& x) { return take(x[0], -2, 1); }, {a});
  check_derivatives([&](auto& x) { return take_along_axis(x[0], along, 1); }, {a});
  check_derivatives(
      [&](auto& x) { return gather(x[0], {array({0, 1, 1}), array({2, 2, 3})}, {0, 1}, {2, 2}); },
      {a});
  // Indices that depend on the input have no gradient of their own.
  auto f = [&](const array& x) { return sum(take(x, astype(x, int32))); };
  CHECK(values(grad(f)(array({1.5f, 1.5f, 0.5f}))) == Numbers{1, 2, 0});
}

TEST_CASE("derivatives of scatters, for both operands and with repeats") {
  array target = random_array({4, 3}, 1, 0.5, 2), updates = random_array({5, 1, 3}, 2, 0.5, 2);
  array indices({3, 0, 3, 3, 1});
  for (auto& scatterer : scatterers) {
    CAPTURE(scatterer.name);
    auto f = [&](const std::vector<array>& x) {
      return scatterer.function(x[0], {indices}, x[1], {0}, {});
    };
    check_derivatives(f, {target, updates});
    // Slices that overlap without being equal.
    auto windows = [&](const std::vector<array>& x) {
      return scatterer.function(x[0], {array({0, 1, 1})}, x[1], {0}, {});
    };
    check_derivatives(windows, {target, random_array({3, 2, 3}, 4, 0.5, 2)});
    check_derivatives(
        [&](auto& x) { return scatterer.function(x[0], {array({1})}, x[1], {1}, {}); },
        {target, random_array({1, 4, 1}, 5, 0.5, 2)});
  }
  array along({0, 2, 2, 1, 1, 1, 0, 1}, {4, 2}), values_along = random_array({4, 2}, 6);
  check_derivatives([&](auto& x) { return put_along_axis(x[0], along, x[1], 1); },
                    {target, values_along});
  check_derivatives([&](auto& x) { return scatter_add_axis(x[0], along, x[1], 1); },
                    {target, values_along});
  check_derivatives([&](auto& x) { return put_along_axis(x[0], array({1}, {1, 1}), x[1], 0); },
                    {target, random_array({1, 3}, 7)});
}

TEST_CASE("scattered products pass gradients past zeros, and equal extremes share them") {
  auto product = [](const array& updates) {
    return sum(scatter_prod(array({2.0f}), array({0, 0, 0}), reshape(updates, {3, 1}), 0));
  };
  CHECK(values(grad(product)(array({3.0f, 0.0f, 5.0f}))) == Numbers{0, 30, 0});
  CHECK(values(grad(product)(array({0.0f, 0.0f, 5.0f}))) == Numbers{0, 0, 0});
  auto largest = [](const std::vector<array>& x) {
    return sum(scatter_max(x[0], array({0, 0, 0}), reshape(x[1], {3, 1}), 0));
  };
  auto gradients =
      grad(largest, std::vector<int>{0, 1})({array({4.0f}), array({4.0f, 1.0f, 4.0f})});
  CHECK(gradients[0].item<float>() == doctest::Approx(1.0 / 3));
  CHECK(allclose(gradients[1], array({1.0f, 0.0f, 1.0f}) / 3.0f).item<bool>());
}

TEST_CASE("vmap of gathers") {
  array a = random_array({3, 4, 5}, 1);
  array indices({2, 0, 1, 1, 2, 0}, {3, 2});
  for (int axis : {0, 1})
    for (int mapped : {0, 1, 2}) {
      check_vmap([&](auto& x) { return take(x[0], array({2, 0, -1}), axis); }, {a}, {mapped}, 1);
      check_vmap([&](auto& x) { return take(x[0], x[1], axis); }, {a, indices}, {0, 0}, 1);
      check_vmap([&](auto& x) { return take(x[0], x[1], axis); }, {a, indices}, {-1, 1});
      check_vmap([&](auto& x) { return take(x[0], x[1], axis); }, {moveaxis(a, 0, mapped), indices},
                 {mapped, 0}, 2);
    }
  array along({0, 3, 1, 2, 2, 0}, {3, 2, 1});
  auto take_along = [](auto& x) { return take_along_axis(x[0], x[1], 0); };
  check_vmap(take_along, {a, along}, {0, 0});
  check_vmap(take_along, {moveaxis(a, 0, 2), moveaxis(along, 0, 1)}, {2, 1}, 1);
  check_vmap(take_along, {take(a, 0, 0), along}, {-1, 0});
  check_vmap(take_along, {a, take(along, 1, 0)}, {0, -1});
  check_vmap([](auto& x) { return gather(x[0], {x[1], x[2]}, {1, 0}, {3, 2}); },
             {a, array({0, 1, 2}), array({0, 1})}, {0, 0, -1});
}

TEST_CASE("vmap of scatters") {
  array target = random_array({3, 4, 2}, 1), updates = random_array({3, 5, 1, 2}, 2);
  array indices({0, 1, 2, 3, 3, 3, 2, 1, 0, 0, 2, 2, 1, 1, 0}, {3, 5});
  for (auto& scatterer : scatterers) {
    CAPTURE(scatterer.name);
    auto f = [&](const std::vector<array>& x) {
      return scatterer.function(x[0], {x[1]}, x[2], {0}, {});
    };
    check_vmap(f, {target, indices, updates}, {0, 0, 0});
    check_vmap(f, {moveaxis(target, 0, 2), transpose(indices), moveaxis(updates, 0, 3)}, {2, 1, 3},
               1);
    check_vmap(f, {target, take(indices, 0, 0), updates}, {0, -1, 0});
    check_vmap(f, {take(target, 0, 0), take(indices, 1, 0), updates}, {-1, -1, 0});
    check_vmap(f, {take(target, 0, 0), indices, take(updates, 0, 0)}, {-1, 0, -1});
    check_vmap(f, {target, take(indices, 2, 0), take(updates, 0, 0)}, {0, -1, -1}, 2);
  }
  array along({0, 3, 1, 2, 2, 0}, {3, 1, 2}), numbers = random_array({3, 1, 2}, 5);
  for (bool adds : {false, true}) {
    auto f = [&](const std::vector<array>& x) {
      return adds ? scatter_add_axis(x[0], x[1], x[2], 0) : put_along_axis(x[0], x[1], x[2], 0);
    };
    check_vmap(f, {target, along, numbers}, {0, 0, 0}, 1);
    check_vmap(f, {take(target, 0, 0), along, numbers}, {-1, 0, 0});
    check_vmap(f, {target, take(along, 0, 0), take(numbers, 0, 0)}, {0, -1, -1});
  }
}
