#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;

array counted(const Shape& shape) {
  int size = 1;
  for (int n : shape) size *= n;
  return reshape(arange(size), shape);
}

/// start:stop:step over n elements, written as plain as Python's definition.
Numbers python_slice(int n, int start, int stop, int step) {
  auto wrapped = [&](int i) {
    i = i < 0 ? i + n : i;
    int low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    return i < low ? low : i > high ? high : i;
  };
  Numbers result;
  int from = wrapped(start), to = wrapped(stop);
  for (int i = from; step > 0 ? i < to : i > to; i += step) result.push_back(i);
  return result;
}

}  // namespace

TEST_CASE("slices follow Python on every small axis") {
  for (int n = 0; n < 5; ++n) {
    array a = arange(n);
    for (int start = -7; start < 7; ++start)
      for (int stop = -7; stop < 7; ++stop)
        for (int step : {-3, -2, -1, 1, 2, 3})
          REQUIRE(values(slice(a, Shape{start}, Shape{stop}, Shape{step})) ==
                  python_slice(n, start, stop, step));
  }
}

TEST_CASE("slices of several axes are views") {
  array a = counted({4, 6});
  array part = slice(a, {3, 1}, {0, 6}, {-2, 2});
  CHECK(values(part) == Numbers{19, 21, 23, 7, 9, 11});
  eval(a, part);
  CHECK(part.data_shared_ptr() == a.data_shared_ptr());
  CHECK(part.strides() == Strides{-12, 2});
  CHECK(slice(a, {0, 0}, {4, 6}).id() == a.id());
  // A slice of a slice of a transposed view.
  CHECK(values(slice(slice(transpose(a), {1, 0}, {6, 4}, {2, 1}), {2, 3}, {-4, 0}, {-1, -2})) ==
        Numbers{23, 11, 21, 9, 19, 7});
  CHECK_THROWS_AS(slice(a, {0}, {4}), std::invalid_argument);
  CHECK_THROWS_AS(slice(a, {0, 0}, {4, 4}, {1, 0}), std::invalid_argument);
  int lowest = std::numeric_limits<int>::min(), highest = std::numeric_limits<int>::max();
  CHECK(values(slice(arange(3), Shape{lowest}, Shape{highest}, Shape{highest})) == Numbers{0});
  CHECK(values(slice(arange(3), Shape{highest}, Shape{lowest}, Shape{lowest})) == Numbers{2});
}

TEST_CASE("updates of slices") {
  array a = zeros({3, 4}, int32);
  array b = slice_update(a, array({1, 2}), {0, 1}, {3, 4}, {2, 2});
  CHECK(values(b) == Numbers{0, 1, 0, 2, 0, 0, 0, 0, 0, 1, 0, 2});
  CHECK(values(a) == Numbers(12, 0));
  CHECK(values(slice_update(arange(4), array({7, 8}), {3}, {-5}, {-2})) == Numbers{0, 8, 2, 7});
  CHECK(slice_update(a, array(2.5f), {0, 0}, {1, 1}).dtype() == int32);
  CHECK(values(slice_update(a, array(2.5f), {0, 0}, {3, 4})) == Numbers(12, 2));
  CHECK(values(slice_update(a, array(1), {2, 0}, {2, 4})) == Numbers(12, 0));
  CHECK_THROWS_AS(slice_update(a, arange(3), {0, 0}, {2, 2}), ShapeError);
  // Onto a view, with values from the same memory.
  array x = counted({3, 3});
  CHECK(values(slice_update(transpose(x), slice(x, {0, 0}, {3, 1}), {0, 0}, {3, 2})) ==
        Numbers{0, 0, 6, 3, 3, 7, 6, 6, 8});
}

TEST_CASE("an update takes over memory that nobody else sees") {
  auto node = [] { return reshape(arange(1000), {10, 100}); };
  array a = node();
  a.eval();
  void* memory = a.data<void>();
  array kept = slice_update(a, array(5), {0, 0}, {1, 1});
  kept.eval();
  CHECK(kept.data<void>() != memory);
  CHECK(values(a)[0] == 0);
  std::vector<array> inputs{std::move(a)};
  array taken = slice_update(inputs[0], array(5), {0, 0}, {1, 1});
  inputs.clear();
  taken.eval();
  CHECK(taken.data<void>() == memory);
  CHECK(values(taken) == values(kept));
}

TEST_CASE("slices with computed begins") {
  array a = counted({4, 5});
  CHECK(values(slice(a, array({1, 2}), {0, 1}, {2, 3})) == Numbers{7, 8, 9, 12, 13, 14});
  CHECK(values(slice(a, array({-1}), {0}, {1, 2})) == Numbers{15, 16});
  CHECK(values(slice(a, array(3, uint8), {-1}, {4, 1})) == Numbers{3, 8, 13, 18});
  CHECK(values(slice(a, array({2, 1}), {1, 0}, {1, 2})) == Numbers{7, 8});
  CHECK_THROWS_AS(slice(a, array({3}), {0}, {2, 5}).eval(), EngineError);
  CHECK_THROWS_AS(slice(a, array({-5}), {0}, {1, 5}).eval(), EngineError);
  CHECK_THROWS_AS(slice(a, array({std::numeric_limits<uint64_t>::max()}, {1}), {0}, {1, 5}).eval(),
                  EngineError);
  CHECK_THROWS_AS(slice(a, array({0}), {0}, {5, 5}), ShapeError);
  CHECK_THROWS_AS(slice(a, array({0, 0}), {0}, {1, 5}), ShapeError);
  CHECK_THROWS_AS(slice(a, array({0.0f}), {0}, {1, 5}), DtypeError);
  CHECK_THROWS_AS(slice(a, array({0}), {2}, {1, 5}), IndexError);

  array z = zeros({3, 3}, int32);
  CHECK(values(slice_update(z, array({1, 2}, {1, 2}), array({1, 1}), {0, 1})) ==
        Numbers{0, 0, 0, 0, 1, 2, 0, 0, 0});
  CHECK(values(slice_update(z, array({4, 5, 6}), array({2}), {0})) ==
        Numbers{0, 0, 0, 0, 0, 0, 4, 5, 6});
  CHECK_THROWS_AS(slice_update(z, array({4, 5, 6}), array({3}), {0}).eval(), EngineError);
}

TEST_CASE("split into equal parts and at indices") {
  array a = counted({2, 6});
  auto parts = split(a, 3, 1);
  CHECK(parts.size() == 3);
  CHECK(values(parts[1]) == Numbers{2, 3, 8, 9});
  eval(parts);
  CHECK(parts[0].data_shared_ptr() == parts[2].data_shared_ptr());
  auto uneven = split(a, {1, -2}, 1);
  CHECK(uneven[0].shape() == Shape{2, 1});
  CHECK(uneven[1].shape() == Shape{2, 3});
  CHECK(uneven[2].shape() == Shape{2, 2});
  auto distant = split(arange(3), {2, 9});
  CHECK(values(distant[1]) == Numbers{2});
  CHECK(distant[2].size() == 0);
  auto backwards = split(arange(4), {3, 1});
  CHECK(values(backwards[0]) == Numbers{0, 1, 2});
  CHECK(backwards[1].size() == 0);
  CHECK(values(backwards[2]) == Numbers{1, 2, 3});
  CHECK(split(a, Shape{})[0].id() == a.id());
  CHECK_THROWS_AS(split(a, 4, 1), std::invalid_argument);
  CHECK_THROWS_AS(split(a, 0), std::invalid_argument);
  CHECK_THROWS_AS(split(a, 2, 2), IndexError);
  auto rows = unstack(a);
  CHECK(rows.size() == 2);
  CHECK(values(rows[1]) == Numbers{6, 7, 8, 9, 10, 11});
  CHECK(values(unstack(a, -1)[5]) == Numbers{5, 11});
  CHECK(unstack(zeros({0, 2})).empty());
}

TEST_CASE("as_strided reads any places inside the array") {
  array a = counted({3, 4});
  CHECK(values(as_strided(a, {2, 3}, {1, 4}, 2)) == Numbers{2, 6, 10, 3, 7, 11});
  CHECK(values(as_strided(a, {3}, {-1}, 2)) == Numbers{2, 1, 0});
  CHECK(values(as_strided(transpose(a), {4}, {1}, 0)) == Numbers{0, 4, 8, 1});
  CHECK(as_strided(a, {0, 5}, {100, 100}, 1000).size() == 0);
  CHECK_THROWS_AS(as_strided(a, {2, 3}, {1}, 0), ShapeError);
  CHECK_THROWS_AS(as_strided(a, {13}, {1}, 0), std::out_of_range);
  CHECK_THROWS_AS(as_strided(a, {2}, {-1}, 0), std::out_of_range);
  CHECK_THROWS_AS(as_strided(a, {1}, {1}, 12), std::out_of_range);
}

TEST_CASE("diagonals") {
  array a = counted({3, 4});
  CHECK(values(diagonal(a)) == Numbers{0, 5, 10});
  CHECK(values(diagonal(a, 2)) == Numbers{2, 7});
  CHECK(values(diagonal(a, -1)) == Numbers{4, 9});
  CHECK(values(diagonal(a, 1, 1, 0)) == Numbers{4, 9});
  CHECK(diagonal(a, 4).size() == 0);
  CHECK(diagonal(a, std::numeric_limits<int>::min()).size() == 0);
  array cube = counted({2, 3, 4});
  CHECK(diagonal(cube, 0, 0, 2).shape() == Shape{3, 2});
  CHECK(values(diagonal(cube, 0, 0, 2)) == Numbers{0, 13, 4, 17, 8, 21});
  CHECK(values(diagonal(cube, 0, 1, 2)) == Numbers{0, 5, 10, 12, 17, 22});
  array part = diagonal(a, 1);
  eval(a, part);
  CHECK(part.data_shared_ptr() == a.data_shared_ptr());
  CHECK_THROWS_AS(diagonal(arange(3)), ShapeError);
  CHECK_THROWS_AS(diagonal(a, 0, 1, -1), std::invalid_argument);

  CHECK(values(diag(arange(1, 3))) == Numbers{1, 0, 0, 2});
  CHECK(values(diag(arange(1, 3), 1)) == Numbers{0, 1, 0, 0, 0, 2, 0, 0, 0});
  CHECK(values(diag(arange(1, 3), -1)) == Numbers{0, 0, 0, 1, 0, 0, 0, 2, 0});
  CHECK(values(diag(a, 1)) == Numbers{1, 6, 11});
  CHECK(diag(zeros({0})).shape() == Shape{0, 0});
  CHECK_THROWS_AS(diag(cube), ShapeError);

  CHECK(trace(a).item<int>() == 15);
  CHECK(values(trace(cube, 0, 1, 2)) == Numbers{15, 51});
  CHECK(trace(a, 1, 0, 1, float32).dtype() == float32);
  // A sum of the diagonal, in the dtype of sums.
  CHECK(trace(astype(a, int8)).dtype() == int32);
  CHECK(trace(a, 0, 0, 1, int8).dtype() == int8);
}

TEST_CASE("slices under transformations") {
  array x = random_array({4, 5}, 1), u = random_array({2, 2}, 2);
  array xs = random_array({4, 3, 5}, 3), us = random_array({2, 2, 3}, 4);
  Function strided = [](const std::vector<array>& in) {
    return slice(in[0], {3, 0}, {-5, 5}, {-2, 3});
  };
  check_derivatives(strided, {x});
  check_vmap(strided, {xs}, {1}, 2);

  Function update = [](const std::vector<array>& in) {
    return slice_update(in[0], in[1], {3, 0}, {-5, 4}, {-2, 3});
  };
  check_derivatives(update, {x, u});
  check_vmap(update, {xs, us}, {1, 2});
  check_vmap(update, {xs, u}, {1, -1}, 1);
  check_vmap(update, {x, us}, {-1, 2});

  array start({1, 2});
  array starts({1, 2, 0, 3, -3, 0}, {3, 2});
  Function dynamic = [&](const std::vector<array>& in) {
    return slice(in[0], in[1], {0, 1}, {2, 2});
  };
  check_derivatives([&](const std::vector<array>& in) { return dynamic({in[0], start}); }, {x});
  check_vmap(dynamic, {xs, start}, {1, -1}, 1);
  check_vmap(dynamic, {x, starts}, {-1, 0});
  check_vmap(dynamic, {xs, transpose(starts)}, {1, 1});

  Function dynamic_update = [&](const std::vector<array>& in) {
    return slice_update(in[0], in[1], in[2], {0, 1});
  };
  check_derivatives(
      [&](const std::vector<array>& in) { return dynamic_update({in[0], in[1], start}); }, {x, u});
  check_vmap(dynamic_update, {xs, us, start}, {1, 2, -1});
  check_vmap(dynamic_update, {x, u, starts}, {-1, -1, 0});
  check_vmap(dynamic_update, {xs, u, starts}, {1, -1, 0}, 2);
  check_vmap(dynamic_update, {x, us, starts}, {-1, 2, 0});
  // The begins have no gradient.
  auto by_begins =
      grad([&](const std::vector<array>& in) { return sum(dynamic(in)); }, std::vector<int>{0, 1});
  CHECK_THROWS_AS(by_begins({x, start}), std::invalid_argument);

  Function parts = [](const std::vector<array>& in) {
    auto p = split(in[0], {1, 3}, 1);
    return p[0] * 2.0 + sum(p[2], 1, true);
  };
  check_derivatives(parts, {x});
  check_vmap(parts, {xs}, {1});
  check_derivatives([](const std::vector<array>& in) { return diagonal(in[0], 1) * 2.0; }, {x});
  check_derivatives([](const std::vector<array>& in) { return diagonal(in[0], -1, 2, 0); }, {xs});
  check_derivatives([](const std::vector<array>& in) { return diag(flatten(in[0]), -2); }, {u});
  check_derivatives([](const std::vector<array>& in) { return trace(in[0], 1, 0, 2); }, {xs});
  check_vmap([](const std::vector<array>& in) { return diagonal(in[0], -1); }, {xs}, {1});
}
