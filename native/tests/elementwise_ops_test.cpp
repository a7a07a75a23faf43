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
constexpr double infinite = std::numeric_limits<double>::infinity();
const double not_a_number = std::numeric_limits<double>::quiet_NaN();

bool is_whole(Dtype dtype) { return !issubdtype(dtype, inexact); }

void check_close(const array& a, const Numbers& expected, double tolerance) {
  auto got = values(a);
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(expected[i])) {
      CHECK(std::isnan(got[i]));
    } else if (got[i] != expected[i]) {
      CHECK(got[i] == doctest::Approx(expected[i]).epsilon(tolerance));
    }
  }
}

using Unary = array (*)(const array&, StreamOrDevice);
using Binary = array (*)(const array&, const array&, StreamOrDevice);

}  // namespace

TEST_CASE("functions of one number equal the C library's, in every layout") {
  struct Case {
    Unary op;
    double (*expected)(double);
    double low, high;
  };
  const Case cases[] = {
      {exp, std::exp, -3, 3},
      {expm1, std::expm1, -3, 3},
      {log, std::log, 0.1, 3},
      {log2, std::log2, 0.1, 3},
      {log10, std::log10, 0.1, 3},
      {log1p, std::log1p, -0.9, 3},
      {sin, std::sin, -3, 3},
      {cos, std::cos, -3, 3},
      {tan, std::tan, -1, 1},
      {arcsin, std::asin, -1, 1},
      {arccos, std::acos, -1, 1},
      {arctan, std::atan, -3, 3},
      {sinh, std::sinh, -3, 3},
      {cosh, std::cosh, -3, 3},
      {tanh, std::tanh, -3, 3},
      {arcsinh, std::asinh, -3, 3},
      {arccosh, std::acosh, 1, 3},
      {arctanh, std::atanh, -0.9, 0.9},
      {sqrt, std::sqrt, 0, 3},
      {erf, std::erf, -3, 3},
      {abs, std::fabs, -3, 3},
      {floor, std::floor, -3, 3},
      {ceil, std::ceil, -3, 3},
      {trunc, std::trunc, -3, 3},
      {rsqrt, [](double x) { return 1 / std::sqrt(x); }, 0.1, 3},
      {reciprocal, [](double x) { return 1 / x; }, 0.1, 3},
      {square, [](double x) { return x * x; }, -3, 3},
      {negative, [](double x) { return -x; }, -3, 3},
      {sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, -3, 3},
      {sign, [](double x) { return double(x > 0) - double(x < 0); }, -3, 3},
      {degrees, [](double x) { return x * 180 / M_PI; }, -3, 3},
      {radians, [](double x) { return x * M_PI / 180; }, -3, 3},
  };
  for (auto& c : cases) {
    for (auto [dtype, tolerance] :
         {std::pair{float64, 1e-14}, {float32, 4e-7}, {float16, 2e-3}, {bfloat16, 1.6e-2}}) {
      array x = random_array({5, 7}, 3, c.low, c.high, dtype);
      for (const array& view :
           {x, transpose(x), flip(x), broadcast_to(slice(x, {0, 0}, {1, 7}), {3, 7})}) {
        Numbers expected;
        for (double number : values(view)) expected.push_back(c.expected(number));
        array y = c.op(view, {});
        CHECK(y.dtype() == dtype);
        check_close(y, expected, tolerance);
      }
    }
    CHECK(c.op(zeros({0, 3}), {}).shape() == Shape{0, 3});
  }
}

TEST_CASE("erfinv turns erf round") {
  array x = random_array({40}, 1, -2, 2);
  check_close(erfinv(erf(x)), values(x), 1e-12);
  check_close(erfinv(array({-1.0f, 0.0f, 1.0f})), {-infinite, 0, infinite}, 0);
}

TEST_CASE("dtypes of one operand") {
  const Unary fractional[] = {sqrt,  rsqrt,   reciprocal, exp,     expm1,   log,    log2,   log10,
                              log1p, sigmoid, sin,        cos,     tan,     arcsin, arccos, arctan,
                              sinh,  cosh,    tanh,       arcsinh, arccosh, arctanh};
  const Unary real_only[] = {erf, erfinv, degrees, radians};
  const Unary keeping[] = {square, sign, positive, conjugate};
  const Unary rounding[] = {floor, ceil, trunc};
  for (auto dtype : all_dtypes) {
    array x = zeros({2}, dtype);
    for (auto op : fractional) CHECK(op(x, {}).dtype() == (is_whole(dtype) ? float32 : dtype));
    for (auto op : keeping) CHECK(op(x, {}).dtype() == dtype);
    CHECK(logical_not(x).dtype() == bool_);
    for (auto op : {abs, real, imag})
      CHECK(op(x, {}).dtype() == (dtype == complex64 ? float32 : dtype));
    for (auto op : {isnan, isinf, isfinite}) CHECK(op(x, {}).dtype() == bool_);
    if (dtype == complex64) {
      for (auto op : real_only) CHECK_THROWS_AS(op(x, {}), DtypeError);
      for (auto op : rounding) CHECK_THROWS_AS(op(x, {}), DtypeError);
      for (auto op : {isposinf, isneginf}) CHECK(op(x, {}).dtype() == bool_);
    } else {
      for (auto op : real_only) CHECK(op(x, {}).dtype() == (is_whole(dtype) ? float32 : dtype));
      for (auto op : rounding) CHECK(op(x, {}).dtype() == dtype);
    }
    if (dtype == bool_) {
      CHECK_THROWS_AS(negative(x), DtypeError);
    } else {
      CHECK(negative(x).dtype() == dtype);
    }
    if (is_whole(dtype)) {
      CHECK(floor(x).id() == x.id());
      CHECK(bitwise_invert(x).dtype() == dtype);
    } else {
      CHECK_THROWS_AS(bitwise_invert(x), DtypeError);
    }
  }
}

TEST_CASE("every operation evaluates in every dtype it accepts") {
  const Unary unary[] = {abs,   sign,    square,   sqrt,       rsqrt,     reciprocal, exp,
                         expm1, log,     log2,     log10,      log1p,     sigmoid,    sin,
                         cos,   tan,     arcsin,   arccos,     arctan,    sinh,       cosh,
                         tanh,  arcsinh, arccosh,  arctanh,    conjugate, real,       imag,
                         isnan, isinf,   isfinite, logical_not};
  const Unary real_unary[] = {floor,   ceil,    trunc,    erf,     erfinv,
                              degrees, radians, isposinf, isneginf};
  const Binary binary[] = {add,     subtract,      multiply,    divide,     power,      maximum,
                           minimum, logaddexp,     equal,       not_equal,  less,       less_equal,
                           greater, greater_equal, logical_and, logical_or, logical_xor};
  const Binary real_binary[] = {floor_divide, remainder, arctan2};
  const Binary bits[] = {bitwise_and, bitwise_or, bitwise_xor, left_shift, right_shift};
  for (auto dtype : all_dtypes) {
    array x = ones({3}, dtype);
    auto run = [](array a) { CHECK_NOTHROW(a.eval()); };
    for (auto op : unary) run(op(x, {}));
    for (auto op : binary) run(op(x, x, {}));
    run(round(x));
    run(round(x, 2));
    run(round(x, -2));
    run(where(x, x, x));
    run(nan_to_num(x));
    run(isclose(x, x));
    for (auto other : all_dtypes) run(astype(x, other));
    if (dtype != complex64) {
      for (auto op : real_unary) run(op(x, {}));
      for (auto op : real_binary) run(op(x, x, {}));
    }
    if (is_whole(dtype))
      for (auto op : bits) run(op(x, x, {}));
  }
}

TEST_CASE("operands are promoted") {
  for (auto a : all_dtypes) {
    for (auto b : all_dtypes) {
      array x = ones({2}, a), y = ones({2}, b);
      Dtype both = promote_types(a, b);
      for (auto op : {add, subtract, multiply, power, maximum, minimum})
        CHECK(op(x, y, {}).dtype() == both);
      for (auto op : {divide, logaddexp})
        CHECK(op(x, y, {}).dtype() == (is_whole(both) ? float32 : both));
      for (auto op : {equal, less, logical_and, logical_xor}) CHECK(op(x, y, {}).dtype() == bool_);
      CHECK(where(x, x, y).dtype() == both);
      if (is_whole(both)) {
        CHECK(bitwise_and(x, y).dtype() == both);
      } else {
        CHECK_THROWS_AS(bitwise_or(x, y), DtypeError);
      }
      if (both == complex64) {
        CHECK_THROWS_AS(remainder(x, y), DtypeError);
        CHECK_THROWS_AS(arctan2(x, y), DtypeError);
      } else {
        CHECK(floor_divide(x, y).dtype() == both);
      }
    }
  }
  CHECK((array({1.0f}) * 2.0).dtype() == float32);
  CHECK((array({1.0f}, float64) * 2.0).dtype() == float64);
  CHECK((2 * array({1, 2})).dtype() == int32);
  CHECK((array({1, 2}) / 2).dtype() == float32);
}

TEST_CASE("operands are broadcast") {
  array a = random_array({3, 1, 4}, 1), b = random_array({2, 1}, 2);
  array sum = a + b;
  CHECK(sum.shape() == Shape{3, 2, 4});
  auto x = values(a), y = values(b), z = values(sum);
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 2; ++j)
      for (size_t k = 0; k < 4; ++k) CHECK(z[(i * 2 + j) * 4 + k] == x[i * 4 + k] + y[j]);
  CHECK((zeros({0, 3}) + zeros({1})).shape() == Shape{0, 3});
  CHECK_THROWS_AS(zeros({2, 3}) + zeros({4}), ShapeError);
  CHECK_THROWS_AS(where(zeros({2}, bool_), zeros({3}), zeros({3})), ShapeError);
}

TEST_CASE("operands that agree make one node with the shared primitive") {
  array a = zeros({3}), b = zeros({3});
  array c = add(a, b), d = add(b, a);
  CHECK(c.primitive_id() == d.primitive_id());
  CHECK(c.inputs()[0].id() == a.id());
  CHECK(c.inputs()[1].id() == b.id());
  CHECK(std::string(c.primitive().name()) == "Add");
  CHECK(astype(a, float32).id() == a.id());
  Stream other = new_stream(Device::cpu);
  CHECK(add(a, b, other).primitive().stream() == other);
  CHECK(add(a, b, other).primitive_id() != c.primitive_id());
}

TEST_CASE("division of integers rounds down and survives zero") {
  array a({7, -7, 7, -7, 5, std::numeric_limits<int>::min()});
  array b({2, 2, -2, -2, 0, -1});
  CHECK(values(floor_divide(a, b)) ==
        Numbers{3, -4, -4, 3, 0, double(std::numeric_limits<int>::min())});
  CHECK(values(remainder(a, b)) == Numbers{1, 1, -1, -1, 0, 0});
  auto both = divmod(a, b);
  CHECK(values(both[0]) == values(floor_divide(a, b)));
  CHECK(values(both[1]) == values(a % b));
  check_close(divide(a, b), {3.5, -3.5, -3.5, 3.5, infinite, 2147483648.0}, 1e-7);
  check_close(floor_divide(array({7.5f, -7.5f}), array({2.0f, 2.0f})), {3, -4}, 0);
}

TEST_CASE("powers") {
  CHECK(values(power(array({2, -3, 0, 7}), array({10, 3, 0, -1}))) == Numbers{1024, -27, 1, 0});
  check_close(power(array({-8.0f, -2.0f, 0.0f}), array({2.0f, 3.0f, -1.0f})), {64, -8, infinite},
              1e-6);
  check_close(power(array({-8.0f}), array({0.5f})), {not_a_number}, 0);
}

TEST_CASE("bits") {
  array a({0b1100, -1}), b({0b1010, 3});
  CHECK(values(a & b) == Numbers{0b1000, 3});
  CHECK(values(a | b) == Numbers{0b1110, -1});
  CHECK(values(a ^ b) == Numbers{0b0110, -4});
  CHECK(values(~a) == Numbers{-13, 0});
  CHECK(values(array({1, -8, 1}) << array({3, 1, 40})) == Numbers{8, -16, 0});
  CHECK(values(array({9, -8, -8}) >> array({1, 1, 40})) == Numbers{4, -4, -1});
  CHECK(values(~array({true, false})) == Numbers{0, 1});
  CHECK(left_shift(array({true}), array({true})).dtype() == uint8);
  CHECK(values(left_shift(array({true}), array({true}))) == Numbers{2});
  CHECK_THROWS_AS(array(1.0f) & array(1), DtypeError);
}

TEST_CASE("logic") {
  array a({0.0f, 2.0f, 0.0f, -1.0f}), b({0, 0, 5, 6});
  CHECK(values(a && b) == Numbers{0, 0, 0, 1});
  CHECK(values(a || b) == Numbers{0, 1, 1, 1});
  CHECK(values(logical_xor(a, b)) == Numbers{0, 1, 1, 0});
  CHECK(values(!a) == Numbers{1, 0, 1, 0});
}

TEST_CASE("comparisons") {
  array a({1.0f, 2.0f, float(not_a_number)}), b({2.0f, 2.0f, float(not_a_number)});
  CHECK(values(a == b) == Numbers{0, 1, 0});
  CHECK(values(a != b) == Numbers{1, 0, 1});
  CHECK(values(a < b) == Numbers{1, 0, 0});
  CHECK(values(a <= b) == Numbers{1, 1, 0});
  CHECK(values(a > b) == Numbers{0, 0, 0});
  CHECK(values(a >= b) == Numbers{0, 1, 0});
  CHECK(values(2.0f == a) == Numbers{0, 1, 0});
}

TEST_CASE("NaN and infinities are recognised and replaced") {
  for (auto dtype : {float16, bfloat16, float32, float64}) {
    array a = astype(array({1.0f, float(not_a_number), float(infinite), float(-infinite)}), dtype);
    CHECK(values(isnan(a)) == Numbers{0, 1, 0, 0});
    CHECK(values(isinf(a)) == Numbers{0, 0, 1, 1});
    CHECK(values(isfinite(a)) == Numbers{1, 0, 0, 0});
    CHECK(values(isposinf(a)) == Numbers{0, 0, 1, 0});
    CHECK(values(isneginf(a)) == Numbers{0, 0, 0, 1});
    CHECK(values(nan_to_num(a, 5.0f, 6.0f, 7.0f)) == Numbers{1, 5, 6, 7});
    auto replaced = values(nan_to_num(a));
    CHECK(std::isfinite(replaced[2]));
    CHECK(std::isinf(values(astype(array(replaced[2] * 1.01), dtype))[0]));
    CHECK(replaced[3] == -replaced[2]);
  }
  CHECK(values(isnan(array({1, 2}))) == Numbers{0, 0});
  CHECK(values(isfinite(array({1, 2}))) == Numbers{1, 1});
  array z({complex64_t(1, float(not_a_number)), complex64_t(float(infinite), 2)}, {2});
  CHECK(values(isnan(z)) == Numbers{1, 0});
  CHECK(values(isinf(z)) == Numbers{0, 1});
  CHECK(values(isfinite(z)) == Numbers{0, 0});
  array fixed = nan_to_num(z, 3.0f, 4.0f);
  CHECK(values(real(fixed)) == Numbers{1, 4});
  CHECK(values(imag(fixed)) == Numbers{3, 2});
}

TEST_CASE("maximum, minimum and clip propagate NaN") {
  array a({1.0f, float(not_a_number), 3.0f}), b({2.0f, 1.0f, float(not_a_number)});
  check_close(maximum(a, b), {2, not_a_number, not_a_number}, 0);
  check_close(minimum(a, b), {1, not_a_number, not_a_number}, 0);
  array x({-2.0f, 0.5f, 7.0f, float(not_a_number)});
  check_close(clip(x, array(0.0f), array(1.0f)), {0, 0.5, 1, not_a_number}, 0);
  check_close(clip(x, std::nullopt, array(1.0f)), {-2, 0.5, 1, not_a_number}, 0);
  CHECK_THROWS_AS(clip(x), std::invalid_argument);
}

TEST_CASE("rounding to decimals, halves to even") {
  check_close(round(array({0.5f, 1.5f, 2.5f, -0.5f})), {0, 2, 2, 0}, 0);
  check_close(round(array({1.256f, -1.251f}), 2), {1.26, -1.25}, 1e-7);
  check_close(round(array({1234.0f, 1251.0f}), -2), {1200, 1300}, 0);
  // 10^5 is beyond float16, and a value beyond scaling has no such decimals.
  check_close(round(astype(array({1.5f}), float16), 6), {1.5}, 0);
  check_close(round(array({3e38f, float(infinite), float(not_a_number)}), 3),
              {3e38, infinite, not_a_number}, 1e-6);
  CHECK(values(round(array({14, 15, 25, -15, -25, 7}), -1)) == Numbers{10, 20, 20, -20, -20, 10});
  CHECK(values(round(array({127, -128, 49}, int8), -2)) == Numbers{100, -100, 0});
  CHECK(values(round(array({127, -128, 49}, int8), -3)) == Numbers{0, 0, 0});
  CHECK(values(round(array({int64_t(4611686018427387905)}), -1)) == Numbers{4611686018427387910.0});
  CHECK(values(round(array({3, 4}), 2)) == Numbers{3, 4});
  array z = round(array(complex64_t(1.26f, -0.71f)), 1);
  CHECK(z.item<complex64_t>().real() == 1.3f);
  CHECK(z.item<complex64_t>().imag() == -0.7f);
}

TEST_CASE("closeness") {
  array a({1.0f, 2.0f, float(infinite), float(-infinite), float(not_a_number), float(infinite)});
  array b({1.0f + 1e-6f, 2.1f, float(infinite), float(infinite), float(not_a_number), 1.0f});
  CHECK(values(isclose(a, b)) == Numbers{1, 0, 1, 0, 0, 0});
  CHECK(values(isclose(a, b, 1e-5, 1e-8, true)) == Numbers{1, 0, 1, 0, 1, 0});
  CHECK(values(isclose(b, a)) == Numbers{1, 0, 1, 0, 0, 0});
  // Unsigned differences wrap and float16 can't hold the tolerances.
  CHECK(values(isclose(array({1, 200}, uint8), array({2, 100}, uint8))) == Numbers{0, 0});
  CHECK(values(isclose(array({1000000000}), array({1000000001}), 0, 0)) == Numbers{0});
  CHECK(values(isclose(array({true, false}), array({true, true}))) == Numbers{1, 0});
  CHECK(allclose(ones({3}), ones({3}) + 1e-7f).item<bool>());
  CHECK_FALSE(allclose(ones({3}), ones({3}) * 1.1f).item<bool>());
  CHECK(array_equal(array({1, 2}), array({1.0f, 2.0f})).item<bool>());
  CHECK_FALSE(array_equal(array({1, 2}), array({1, 2, 3})).item<bool>());
  CHECK_FALSE(array_equal(a, a).item<bool>());
  CHECK(array_equal(a, a, true).item<bool>());
  CHECK(array_equal(zeros({0}), zeros({0})).item<bool>());
}

TEST_CASE("selection") {
  array x({1.0f, 2.0f, 3.0f});
  CHECK(values(where(x > 1.5f, x, array(0))) == Numbers{0, 2, 3});
  CHECK(values(where(array(1), x, -x)) == Numbers{1, 2, 3});
  // A NaN that isn't selected leaves no trace.
  CHECK(values(where(array({true, false, true}), x, array(float(not_a_number))))[0] == 1);
}

TEST_CASE("casts saturate, truncate and keep") {
  array x({-1.5f, 300.7f, float(not_a_number), float(infinite), -0.0f});
  CHECK(values(astype(x, uint8)) == Numbers{0, 255, 0, 255, 0});
  CHECK(values(astype(x, int32)) == Numbers{-1, 300, 0, 2147483647, 0});
  CHECK(values(astype(x, bool_)) == Numbers{1, 1, 1, 1, 0});
  CHECK(values(astype(array({257, -1}), uint8)) == Numbers{1, 255});
  array z(complex64_t(2.5f, -3));
  CHECK(astype(z, float32).item<float>() == 2.5f);
  CHECK(astype(array(2.5f), complex64).item<complex64_t>() == complex64_t(2.5f, 0));
}

TEST_CASE("complex numbers") {
  array z({complex64_t(3, 4), complex64_t(0, 0), complex64_t(-1, 0)}, {3});
  CHECK(values(abs(z)) == Numbers{5, 0, 1});
  CHECK(values(real(z)) == Numbers{3, 0, -1});
  CHECK(values(imag(z)) == Numbers{4, 0, 0});
  CHECK(values(imag(conjugate(z))) == Numbers{-4, 0, 0});
  check_close(real(sign(z)), {0.6, 0, -1}, 1e-6);
  check_close(imag(sqrt(z)), {1, 0, 1}, 1e-6);
  CHECK(values(imag(array({1, 2}))) == Numbers{0, 0});
}

TEST_CASE("elementwise operations map over any axis") {
  array a = random_array({3, 4, 5}, 1), b = random_array({4, 5}, 2), c = random_array({4, 3, 5}, 3);
  Function product = [](const std::vector<array>& x) { return x[0] * x[1]; };
  check_vmap([](const std::vector<array>& x) { return exp(x[0]); }, {a}, {1}, 2);
  check_vmap(product, {a, b}, {0, -1});
  check_vmap(product, {b, a}, {-1, 0}, 1);
  check_vmap(product, {a, c}, {0, 1});
  check_vmap(product, {a, a}, {2, 2});
  // Operands of different rank: the mapped axis must not be taken for one of theirs.
  check_vmap([](const std::vector<array>& x) { return x[0] + x[1]; }, {a, random_array({3}, 5)},
             {0, 0});
  check_vmap([](const std::vector<array>& x) { return where(x[0] > 0.0, x[1], x[2]); }, {a, b, c},
             {0, -1, 1});
  check_vmap([](const std::vector<array>& x) { return astype(x[0], float16); }, {a}, {1});
  check_vmap([](const std::vector<array>& x) { return stop_gradient(x[0]); }, {a}, {1});
}
