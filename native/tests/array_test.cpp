#include <doctest/doctest.h>

#include <sstream>
#include <thread>

#include "mlx/mlx.h"

using namespace mlx::core;

namespace {

std::string text(const array& a) {
  std::ostringstream os;
  os << a;
  return os.str();
}

}  // namespace

TEST_CASE("arrays come from scalars, lists and iterators") {
  CHECK(array(3).dtype() == int32);
  CHECK(array(3.5f).item<float>() == 3.5f);
  CHECK(array(true).dtype() == bool_);
  CHECK(array({1, 2, 3}, float16).dtype() == float16);
  array a({1.0f, 2.0f, 3.0f, 4.0f}, {2, 2});
  CHECK(a.shape() == Shape{2, 2});
  CHECK(a.strides() == Strides{2, 1});
  CHECK(a.nbytes() == 16);
  std::vector<int> values{5, 6};
  CHECK(array(values.begin(), {2}).dtype() == int32);
  CHECK(array(std::complex<float>(1, 2)).item<complex64_t>().imag() == 2.0f);
  CHECK_THROWS_AS(array({1, 2, 3}, {2, 2}), ShapeError);
  CHECK_THROWS_AS(array({1, 2}, {2}).item<int>(), std::invalid_argument);
}

TEST_CASE("impossible shapes are refused") {
  CHECK_THROWS_AS(zeros({-1, 2}), ShapeError);
  CHECK_THROWS_AS(zeros({2147483647, 2147483647, 2147483647}), ShapeError);
}

TEST_CASE("foreign memory is wrapped and handed back") {
  static float values[4] = {1, 2, 3, 4};
  int freed = 0;
  {
    array a(values, {4}, float32, [&](void* p) { freed += p == values; });
    array view = slice(a, {1}, {3});
    CHECK(sum(view).item<float>() == 5);
  }
  CHECK(freed == 1);
}

TEST_CASE("a chain of a million additions builds, evaluates, differentiates and dies") {
  array x = array(1.0f);
  array y = x;
  for (int i = 0; i < 1'000'000; ++i) y = y + x;
  CHECK(y.item<float>() == 1'000'001.0f);

  auto chain = [](const array& start) {
    array total = start;
    for (int i = 0; i < 1'000'000; ++i) total = total + start;
    return total;
  };
  CHECK(grad(chain)(array(1.0f)).item<float>() == 1'000'001.0f);

  array unused = x;
  for (int i = 0; i < 1'000'000; ++i) unused = unused + x;
}

TEST_CASE("outputs of one primitive live and die independently") {
  array a = arange(6);
  {
    auto parts = split(a, 3);
    array middle = parts[1];
    parts.clear();
    CHECK(middle.siblings().size() == 2);
    CHECK(sum(middle).item<int>() == 5);
  }
  auto parts = split(a, 3);
  array last = parts[2];
  eval(parts);
  parts.clear();
  CHECK(sum(last).item<int>() == 9);
}

TEST_CASE("outputs of one primitive share its inputs") {
  auto parts = split(arange(6), 3);
  CHECK(parts[0].inputs().size() == 1);
  CHECK(&parts[0].inputs() == &parts[1].inputs());
  parts[1].eval();
  CHECK(parts[0].inputs().empty());
  CHECK_FALSE(parts[0].has_primitive());
  CHECK(sum(parts[2]).item<int>() == 9);
}

TEST_CASE("a chain of primitives with several outputs dies unevaluated") {
  array x = arange(2);
  for (int i = 0; i < 300'000; ++i) {
    auto parts = split(x, 2);
    x = concatenate({parts[1], parts[0]});
  }
}

TEST_CASE("evaluation lets go of the graph") {
  array a = array(1.0f);
  array b = a + a;
  CHECK(b.has_primitive());
  CHECK(b.status() == array::unscheduled);
  b.eval();
  CHECK_FALSE(b.has_primitive());
  CHECK(b.inputs().empty());
  CHECK(b.status() == array::available);
}

TEST_CASE("buffers are taken over when nobody else sees them") {
  array a = array({1.0f, 2.0f, 3.0f});
  array b = abs(a);
  eval(b);
  void* pointer = b.data<void>();
  array c = exp(b);
  b = a;
  eval(c);
  CHECK(c.data<void>() == pointer);
  array d = exp(c);
  eval(d);
  CHECK(d.data<void>() != c.data<void>());
}

TEST_CASE("iteration yields the slices of the first axis") {
  array a = arange(6);
  array b = reshape(a, {3, 2});
  int total = 0, rows = 0;
  for (auto row : b) {
    CHECK(row.shape() == Shape{2});
    total += sum(row).item<int>();
    ++rows;
  }
  CHECK(rows == 3);
  CHECK(total == 15);
}

TEST_CASE("printing follows MLX") {
  CHECK(text(array({1, 2, 3}, float32)) == "array([1, 2, 3], dtype=float32)");
  CHECK(text(array(1.5f)) == "array(1.5, dtype=float32)");
  CHECK(text(array({true, false})) == "array([true, false], dtype=bool)");
  CHECK(text(zeros({0, 3})) == "array([], dtype=float32)");
  CHECK(text(array({1, 2, 3, 4}, {2, 2})) == "array([[1, 2],\n       [3, 4]], dtype=int32)");
  CHECK(text(arange(10)) == "array([0, 1, 2, ..., 7, 8, 9], dtype=int32)");
  CHECK(text(array(complex64_t(1, -2))) == "array(1-2j, dtype=complex64)");
  CHECK(text(array(-std::numeric_limits<float>::quiet_NaN())) == "array(nan, dtype=float32)");
  CHECK(text(array(1.0f / 3)) == "array(0.333333, dtype=float32)");
  set_printoptions({.precision = 2});
  CHECK(text(array(1.0f / 3)) == "array(0.33, dtype=float32)");
  set_printoptions({});
  CHECK(text(transpose(array({1, 2, 3, 4}, {2, 2}))) ==
        "array([[1, 3],\n       [2, 4]], dtype=int32)");
}

TEST_CASE("shapes broadcast or say why not") {
  CHECK(broadcast_shapes({2, 1}, {3}) == Shape{2, 3});
  CHECK(broadcast_shapes({}, {3}) == Shape{3});
  CHECK(broadcast_shapes({1}, {0}) == Shape{0});
  CHECK_THROWS_WITH_AS(broadcast_shapes({2, 3}, {4}),
                       "[broadcast_shapes] Shapes (2,3) and (4) cannot be broadcast.", ShapeError);
}
