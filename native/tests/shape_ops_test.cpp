#include <doctest/doctest.h>

#include <limits>

#include "derivative_checks.h"
#include "mlx/primitives.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;

/// 0, 1, 2, ... in a shape.
array counted(const Shape& shape) {
  int size = 1;
  for (int n : shape) size *= n;
  return reshape(arange(size), shape);
}

/// Whether a is a view of b's memory once both are computed.
bool is_view(array a, array b) {
  eval(a, b);
  return a.data_shared_ptr() == b.data_shared_ptr();
}

/// A function of one array, checked under every transformation; it must be linear in the sense
/// that it moves elements.
void check_transformations(const std::function<array(const array&)>& f, const array& x,
                           bool map_last = true) {
  Function function = [&](const std::vector<array>& in) { return f(in[0]); };
  check_derivatives(function, {x});
  array batch = stack({x, x * 2.0, x - 1.0}, 0);
  check_vmap(function, {batch}, {0});
  check_vmap(function, {moveaxis(batch, 0, -1)}, {map_last ? int(x.ndim()) : 0}, 0);
}

}  // namespace

TEST_CASE("reshape is a view when strides allow") {
  array a = counted({2, 3, 4});
  a.eval();
  CHECK(reshape(a, {6, 4}).shape() == Shape{6, 4});
  CHECK(reshape(a, {-1, 4}).shape() == Shape{6, 4});
  CHECK(reshape(a, {2, 3, 4}).id() == a.id());
  CHECK(values(reshape(a, {4, 6})) == values(a));
  CHECK(is_view(reshape(a, {4, 6}), a));
  CHECK(reshape(zeros({0, 3}), {3, 0, 5}).size() == 0);
  CHECK(reshape(zeros({0, 3}), {-1, 3}).shape() == Shape{0, 3});
  CHECK(reshape(array(1), {1, 1}).shape() == Shape{1, 1});

  array turned = transpose(a, {1, 0, 2});
  CHECK(is_view(reshape(turned, {3, 2, 2, 2}), a));
  CHECK_FALSE(is_view(reshape(turned, {6, 4}), a));
  CHECK(values(reshape(turned, {6, 4})) == values(turned));
  CHECK(is_view(reshape(flip(a), {24}), a));
  CHECK(values(reshape(flip(a), {24})) == values(flip(a)));
  array wide = broadcast_to(a, {5, 2, 3, 4});
  CHECK(is_view(reshape(wide, {5, 24}), a));
  CHECK(values(reshape(wide, {10, 12})) == values(wide));

  CHECK_THROWS_AS(reshape(a, {5, 5}), ShapeError);
  CHECK_THROWS_AS(reshape(a, {-1, -1}), ShapeError);
  CHECK_THROWS_AS(reshape(a, {-1, 5}), ShapeError);
  CHECK_THROWS_AS(reshape(a, {-2, 12}), ShapeError);
  CHECK_THROWS_AS(reshape(zeros({0}), {-1, 0}), ShapeError);
}

TEST_CASE("views are rightly described") {
  array a = counted({4, 6});
  a.eval();
  auto flags = [](array view) {
    view.eval();
    return std::vector<bool>{view.flags().contiguous, view.flags().row_contiguous,
                             view.flags().col_contiguous};
  };
  using Flags = std::vector<bool>;
  CHECK(flags(a) == Flags{true, true, false});
  CHECK(flags(transpose(a)) == Flags{true, false, true});
  CHECK(flags(slice(a, {1, 0}, {3, 6})) == Flags{true, true, false});
  CHECK(flags(slice(a, {0, 1}, {4, 3})) == Flags{false, false, false});
  CHECK(flags(slice(a, {2, 1}, {3, 3})) == Flags{true, true, true});
  CHECK(flags(flip(a)) == Flags{false, false, false});
  CHECK(flags(transpose(counted({2, 3, 4}), {1, 0, 2})) == Flags{true, false, false});
  CHECK(flags(as_strided(a, {3, 3}, {2, 2}, 0)) == Flags{false, false, false});
  CHECK(flags(broadcast_to(slice(a, {0, 0}, {1, 6}), {3, 6})) == Flags{true, false, false});
  array part = slice(a, {1, 2}, {3, 4});
  part.eval();
  CHECK(part.data_size() == 8);
  CHECK(part.offset() == 8 * 4);
}

TEST_CASE("flatten and unflatten") {
  array a = counted({2, 3, 4});
  CHECK(flatten(a).shape() == Shape{24});
  CHECK(flatten(a, 1).shape() == Shape{2, 12});
  CHECK(flatten(a, 0, -2).shape() == Shape{6, 4});
  CHECK(flatten(array(3)).shape() == Shape{1});
  CHECK(flatten(a, 1, 1).id() == a.id());
  CHECK(unflatten(a, -1, {2, -1}).shape() == Shape{2, 3, 2, 2});
  CHECK(unflatten(a, 1, {1, 3}).shape() == Shape{2, 1, 3, 4});
  CHECK_THROWS_AS(flatten(a, 2, 1), std::invalid_argument);
  CHECK_THROWS_AS(flatten(a, 0, 3), IndexError);
  CHECK_THROWS_AS(unflatten(a, 1, {2, 2}), ShapeError);
  CHECK_THROWS_AS(unflatten(a, 1, Shape{}), ShapeError);
  CHECK_THROWS_AS(flatten(broadcast_to(a, {1 << 30, 2, 3, 4})), ShapeError);
}

TEST_CASE("squeeze, expand_dims and at least so many dimensions") {
  array a = zeros({1, 3, 1});
  CHECK(squeeze(a).shape() == Shape{3});
  CHECK(squeeze(a, -1).shape() == Shape{1, 3});
  CHECK(squeeze(a, {0, 2}).shape() == Shape{3});
  CHECK_THROWS_AS(squeeze(a, 1), ShapeError);
  CHECK_THROWS_AS(squeeze(a, 3), IndexError);
  CHECK_THROWS_AS(squeeze(a, {0, 0}), std::invalid_argument);
  CHECK(expand_dims(a, 0).shape() == Shape{1, 1, 3, 1});
  CHECK(expand_dims(a, {-1, 1}).shape() == Shape{1, 1, 3, 1, 1});
  CHECK_THROWS_AS(expand_dims(a, 4), IndexError);
  CHECK_THROWS_AS(expand_dims(a, {1, 1}), std::invalid_argument);
  CHECK(atleast_1d(array(1)).shape() == Shape{1});
  CHECK(atleast_2d(array(1)).shape() == Shape{1, 1});
  CHECK(atleast_2d(zeros({3})).shape() == Shape{1, 3});
  CHECK(atleast_3d(array(1)).shape() == Shape{1, 1, 1});
  CHECK(atleast_3d(zeros({3})).shape() == Shape{1, 3, 1});
  CHECK(atleast_3d(zeros({3, 4})).shape() == Shape{3, 4, 1});
  CHECK(atleast_3d(std::vector<array>{array(1), zeros({2})})[1].shape() == Shape{1, 2, 1});
}

TEST_CASE("transposition") {
  array a = counted({2, 3, 4});
  CHECK(transpose(a).shape() == Shape{4, 3, 2});
  CHECK(transpose(a, {0, 1, 2}).id() == a.id());
  CHECK(transpose(a, {-1, 0, 1}).shape() == Shape{4, 2, 3});
  CHECK(values(slice(transpose(a), {1, 2, 0}, {2, 3, 2})) == Numbers{9, 21});
  CHECK(is_view(transpose(a), a));
  CHECK(swapaxes(a, 0, -1).shape() == Shape{4, 3, 2});
  CHECK(moveaxis(a, 0, -1).shape() == Shape{3, 4, 2});
  CHECK(moveaxis(a, -1, 0).shape() == Shape{4, 2, 3});
  CHECK(transpose(array(1)).shape() == Shape{});
  CHECK_THROWS_AS(transpose(a, {0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(transpose(a, {0, 1, 1}), std::invalid_argument);
  CHECK_THROWS_AS(transpose(a, {0, 1, 3}), IndexError);
  CHECK_THROWS_AS(moveaxis(a, 0, 3), std::out_of_range);
}

TEST_CASE("flip is a view") {
  array a = counted({2, 3});
  CHECK(values(flip(a)) == Numbers{5, 4, 3, 2, 1, 0});
  CHECK(values(flip(a, 1)) == Numbers{2, 1, 0, 5, 4, 3});
  CHECK(values(flip(a, {-2})) == Numbers{3, 4, 5, 0, 1, 2});
  CHECK(is_view(flip(a), a));
  CHECK(flip(zeros({0, 2})).shape() == Shape{0, 2});
}

TEST_CASE("broadcasting repeats without copying") {
  array a = counted({3, 1});
  array wide = broadcast_to(a, {2, 3, 2});
  CHECK(values(wide) == Numbers{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2});
  CHECK(is_view(wide, a));
  CHECK(broadcast_to(a, {3, 1}).id() == a.id());
  CHECK(broadcast_to(array({1}), {0}).shape() == Shape{0});
  CHECK_THROWS_AS(broadcast_to(a, {3, 0, 2}), ShapeError);
  CHECK_THROWS_AS(broadcast_to(a, {3}), ShapeError);
  auto both = broadcast_arrays({a, counted({1, 4})});
  CHECK(both[0].shape() == Shape{3, 4});
  CHECK(both[1].shape() == Shape{3, 4});
  CHECK(broadcast_arrays({}).empty());
}

TEST_CASE("meshgrid") {
  array x = arange(3), y = arange(2);
  auto grid = meshgrid({x, y});
  CHECK(grid[0].shape() == Shape{2, 3});
  CHECK(values(grid[0]) == Numbers{0, 1, 2, 0, 1, 2});
  CHECK(values(grid[1]) == Numbers{0, 0, 0, 1, 1, 1});
  auto matrix = meshgrid({x, y}, false, "ij");
  CHECK(matrix[0].shape() == Shape{3, 2});
  CHECK(values(matrix[0]) == Numbers{0, 0, 1, 1, 2, 2});
  auto sparse = meshgrid({x, y, x}, true);
  CHECK(sparse[0].shape() == Shape{1, 3, 1});
  CHECK(sparse[2].shape() == Shape{1, 1, 3});
  CHECK(meshgrid({x})[0].shape() == Shape{3});
  CHECK_THROWS_AS(meshgrid({x}, false, "ji"), std::invalid_argument);
}

TEST_CASE("view reinterprets bytes") {
  array a({1.0f, -2.0f}, {1, 2});
  array bits = view(a, uint32);
  CHECK(values(bits) == Numbers{0x3f800000, 0xc0000000});
  CHECK(values(view(bits, float32)) == values(a));
  CHECK(view(a, uint8).shape() == Shape{1, 8});
  CHECK(view(a, uint64).shape() == Shape{1, 1});
  CHECK(values(view(view(a, uint8), float32)) == values(a));
  CHECK(values(view(transpose(array({1.0f, 2.0f, 3.0f, 4.0f}, {2, 2})), uint16)) ==
        Numbers{0, 0x3f80, 0, 0x4040, 0, 0x4000, 0, 0x4080});
  // A part whose bytes begin at an odd place can't be read as wider elements.
  array bytes = astype(arange(9), uint8);
  CHECK(values(view(slice(bytes, {1}, {9}), uint32)) == Numbers{0x04030201, 0x08070605});
  array booleans = view(array({0, 1, 2, 255}, uint8), bool_);
  CHECK(values(booleans) == Numbers{0, 1, 1, 1});
  CHECK(values(view(booleans, uint8)) == Numbers{0, 1, 2, 255});
  CHECK(sum(booleans).item<int>() == 3);
  CHECK(view(array(1.0f), int32).item<int>() == 0x3f800000);
  CHECK_THROWS_AS(view(array(1.0f), int8), ShapeError);
  CHECK_THROWS_AS(view(zeros({3}, uint8), uint16), ShapeError);
  array z({complex64_t(1, 2), complex64_t(3, 4)}, {2});
  CHECK(values(view(z, float32)) == Numbers{1, 2, 3, 4});
}

TEST_CASE("depends passes its inputs on") {
  array a = counted({2}), b = ones({2}) + 1.0f;
  auto outputs = depends({a, b}, {b * 2.0f});
  CHECK(values(outputs[0]) == Numbers{0, 1});
  CHECK(values(outputs[1]) == Numbers{2, 2});
  array last = ones({1}) * 3.0f;
  depends({a}, {last})[0].eval();
  CHECK(last.status() == array::available);
  auto f = [](const std::vector<array>& x) { return depends({x[0] * 2.0}, {x[1]})[0]; };
  check_derivatives(f, {random_array({3}, 1), random_array({3}, 2)});
  check_vmap(f, {counted({3, 2}), counted({2, 3})}, {0, 1});
}

TEST_CASE("shapes under transformations") {
  array x = random_array({2, 3, 4}, 5);
  check_transformations([](const array& a) { return reshape(a, {4, -1}); }, x);
  check_transformations([](const array& a) { return flatten(a, 1, 2); }, x);
  check_transformations([](const array& a) { return flatten(a); }, x);
  check_transformations([](const array& a) { return unflatten(a, 2, {2, -1}); }, x);
  check_transformations([](const array& a) { return expand_dims(a, {0, -1}); }, x);
  check_transformations([](const array& a) { return squeeze(expand_dims(a, {1, 3})); }, x);
  check_transformations([](const array& a) { return transpose(a, {2, 0, 1}); }, x);
  check_transformations([](const array& a) { return flip(a, {0, 2}); }, x);
  check_transformations([](const array& a) { return broadcast_to(a, {5, 2, 3, 4}); }, x);
  check_transformations([](const array& a) { return broadcast_to(a, {3, 2, 2}); },
                        random_array({1, 2}, 6));
  check_transformations([](const array& a) { return as_strided(a, {3, 5}, {2, 3}, 1); }, x);
  check_transformations([](const array& a) { return as_strided(a, {4, 2}, {-2, 3}, 8); }, x);
  check_transformations([](const array& a) { return copy(a); }, x);
  check_vmap([](const std::vector<array>& in) { return view(in[0], uint16); }, {x}, {1});
}

TEST_CASE("views between complex numbers and their parts are linear") {
  array z({complex64_t(1, 2), complex64_t(3, 4)}, {2});
  check_derivatives([](const std::vector<array>& x) { return view(x[0], float32); }, {z});
  check_derivatives([](const std::vector<array>& x) { return view(x[0], complex64); },
                    {array({1.0f, 2.0f, 3.0f, 4.0f})});
}

TEST_CASE("other views of bytes have no slope") {
  auto f = [](const array& x) { return sum(view(view(x, int32) + 1, float32)); };
  CHECK(values(grad(f)(array({1.0f, 2.0f}))) == Numbers{0, 0});
}
