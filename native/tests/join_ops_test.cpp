#include <doctest/doctest.h>

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

}  // namespace

TEST_CASE("concatenation") {
  array a = counted({2, 2}), b = counted({1, 2});
  CHECK(values(concatenate({a, b})) == Numbers{0, 1, 2, 3, 0, 1});
  CHECK(values(concatenate({a, transpose(a), zeros({2, 0}, int32)}, -1)) ==
        Numbers{0, 1, 0, 2, 2, 3, 1, 3});
  CHECK(concatenate({a, astype(b, float16)}).dtype() == float16);
  CHECK(concatenate({a}).id() == a.id());
  CHECK(concatenate({zeros({0, 2}), zeros({0, 2})}).shape() == Shape{0, 2});
  CHECK_THROWS_AS(concatenate({}), std::invalid_argument);
  CHECK_THROWS_AS(concatenate({a, counted({1, 3})}), ShapeError);
  CHECK_THROWS_AS(concatenate({a, counted({2})}), ShapeError);
  CHECK_THROWS_AS(concatenate({a, b}, 2), IndexError);
  CHECK_THROWS_AS(concatenate({array(1), array(2)}), IndexError);
}

TEST_CASE("stacking") {
  array a = counted({2}), b = a + 5;
  CHECK(values(stack({a, b})) == Numbers{0, 1, 5, 6});
  CHECK(values(stack({a, b}, -1)) == Numbers{0, 5, 1, 6});
  CHECK(stack({array(1), array(2)}).shape() == Shape{2});
  CHECK(stack({a}, 1).shape() == Shape{2, 1});
  CHECK_THROWS_AS(stack({a, counted({3})}), ShapeError);
  CHECK_THROWS_AS(stack({}), std::invalid_argument);
  CHECK_THROWS_AS(stack({a, b}, 2), IndexError);
}

TEST_CASE("repetition") {
  array a = counted({2, 2});
  CHECK(values(repeat(a, 2, 0)) == Numbers{0, 1, 0, 1, 2, 3, 2, 3});
  CHECK(values(repeat(a, 2, -1)) == Numbers{0, 0, 1, 1, 2, 2, 3, 3});
  CHECK(values(repeat(a, 2)) == Numbers{0, 0, 1, 1, 2, 2, 3, 3});
  CHECK(repeat(a, 0, 1).shape() == Shape{2, 0});
  CHECK_THROWS_AS(repeat(a, -1), std::invalid_argument);
  CHECK_THROWS_AS(repeat(a, 1 << 30, 0), ShapeError);
  CHECK(values(tile(arange(2), {3})) == Numbers{0, 1, 0, 1, 0, 1});
  CHECK(tile(a, {2}).shape() == Shape{2, 4});
  CHECK(values(tile(a, {2, 1})) == Numbers{0, 1, 2, 3, 0, 1, 2, 3});
  CHECK(values(tile(a, {1, 2})) == Numbers{0, 1, 0, 1, 2, 3, 2, 3});
  CHECK(tile(a, {3, 1, 2}).shape() == Shape{3, 2, 4});
  CHECK(tile(a, {0, 1}).shape() == Shape{0, 2});
  CHECK(tile(array(1), {2, 2}).shape() == Shape{2, 2});
  CHECK_THROWS_AS(tile(a, {-1}), std::invalid_argument);
}

TEST_CASE("rolling") {
  array a = counted({2, 3});
  CHECK(values(roll(a, 1)) == Numbers{5, 0, 1, 2, 3, 4});
  CHECK(values(roll(a, -7)) == Numbers{1, 2, 3, 4, 5, 0});
  CHECK(values(roll(a, 1, 1)) == Numbers{2, 0, 1, 5, 3, 4});
  CHECK(values(roll(a, Shape{1, 1}, std::vector<int>{0, 1})) == Numbers{5, 3, 4, 2, 0, 1});
  CHECK(values(roll(a, 1, std::vector<int>{0, -1})) == Numbers{5, 3, 4, 2, 0, 1});
  CHECK(values(roll(a, Shape{1, 1}, 1)) == Numbers{1, 2, 0, 4, 5, 3});
  CHECK(values(roll(a, Shape{4, 2})) == values(a));
  CHECK(roll(zeros({0}), 3).size() == 0);
  CHECK_THROWS_AS(roll(a, 1, 2), IndexError);
  CHECK_THROWS_AS(roll(a, Shape{1}, std::vector<int>{0, 1}), std::invalid_argument);
}

TEST_CASE("padding with a constant") {
  array a = counted({2, 2});
  CHECK(values(pad(a, 1, array(9))) == Numbers{9, 9, 9, 9, 9, 0, 1, 9, 9, 2, 3, 9, 9, 9, 9, 9});
  CHECK(values(pad(a, {0, 1})) == Numbers{0, 1, 0, 2, 3, 0, 0, 0, 0});
  CHECK(values(pad(a, {{1, 0}, {0, 0}})) == Numbers{0, 0, 0, 1, 2, 3});
  CHECK(values(pad(transpose(a), std::vector<int>{-1}, Shape{1}, Shape{0}, array(7))) ==
        Numbers{7, 0, 2, 7, 1, 3});
  CHECK(pad(a, 0).id() == a.id());
  CHECK(pad(a, 1, array(2.5f)).dtype() == int32);
  CHECK(pad(zeros({0}), 2).shape() == Shape{4});
  CHECK_THROWS_AS(pad(a, -1), std::invalid_argument);
  CHECK_THROWS_AS(pad(a, std::vector<std::pair<int, int>>{{1, 1}}), std::invalid_argument);
  CHECK_THROWS_AS(pad(a, 1, arange(2)), ShapeError);
  CHECK_THROWS_AS(pad(a, 1, array(0), "wrap around"), std::invalid_argument);
}

TEST_CASE("padding with the array's own values") {
  array a = arange(3);
  CHECK(values(pad(a, {2, 1}, array(0), "edge")) == Numbers{0, 0, 0, 1, 2, 2});
  CHECK(values(pad(a, {2, 1}, array(0), "reflect")) == Numbers{2, 1, 0, 1, 2, 1});
  CHECK(values(pad(a, {2, 1}, array(0), "symmetric")) == Numbers{1, 0, 0, 1, 2, 2});
  // Further than the array is long, mirrors repeat.
  CHECK(values(pad(a, {5, 0}, array(0), "reflect")) == Numbers{1, 0, 1, 2, 1, 0, 1, 2});
  CHECK(values(pad(a, {0, 5}, array(0), "symmetric")) == Numbers{0, 1, 2, 2, 1, 0, 0, 1});
  CHECK(values(pad(arange(1), 2, array(0), "reflect")) == Numbers(5, 0));
  CHECK(values(pad(counted({2, 2}), {0, 1}, array(0), "edge")) ==
        Numbers{0, 1, 1, 2, 3, 3, 2, 3, 3});
  CHECK_THROWS_AS(pad(zeros({0}), 1, array(0), "edge"), ShapeError);
}

TEST_CASE("joining under transformations") {
  array a = random_array({2, 3}, 1), b = random_array({4, 3}, 2);
  array as = random_array({2, 5, 3}, 3), bs = random_array({4, 3, 5}, 4);
  Function joined = [](const std::vector<array>& x) { return concatenate({x[0], x[1], x[0]}); };
  check_derivatives(joined, {a, b});
  check_vmap(joined, {as, bs}, {1, 2});
  check_vmap(joined, {as, b}, {1, -1}, 1);
  check_vmap(joined, {a, bs}, {-1, 2});

  Function padded = [](const std::vector<array>& x) { return pad(x[0], {1, 2}, x[1]); };
  check_derivatives(padded, {a, array(0.5, float64)});
  check_vmap(padded, {as, array(0.5, float64)}, {1, -1});
  check_vmap(padded, {as, random_array({5}, 5)}, {1, 0}, 2);
  check_vmap(padded, {a, random_array({5}, 5)}, {-1, 0});

  for (const char* mode : {"edge", "reflect", "symmetric"}) {
    Function mirrored = [&](const std::vector<array>& x) { return pad(x[0], 4, array(0), mode); };
    check_derivatives(mirrored, {a});
    check_vmap(mirrored, {as}, {1});
  }
  const Function others[] = {
      [](const std::vector<array>& x) { return stack({x[0], x[0] * 2.0}, 1); },
      [](const std::vector<array>& x) { return repeat(x[0], 3, 1); },
      [](const std::vector<array>& x) { return tile(x[0], {2, 1, 2}); },
      [](const std::vector<array>& x) { return roll(x[0], 2, 1); },
      [](const std::vector<array>& x) { return roll(x[0], -1); },
  };
  for (auto& f : others) {
    check_derivatives(f, {a});
    check_vmap(f, {as}, {1}, 1);
  }
}
