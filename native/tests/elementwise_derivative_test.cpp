#include <doctest/doctest.h>

#include <cmath>

#include "derivative_checks.h"
#include "primitives/elementwise.h"
#include "primitives/elementwise_derivative.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;
using Unary = array (*)(const array&, StreamOrDevice);
using Binary = array (*)(const array&, const array&, StreamOrDevice);

struct UnaryCase {
  Unary op;
  double low, high;
};

const UnaryCase smooth[] = {
    {abs, 0.1, 3},       {abs, -3, -0.1},  {negative, -3, 3},    {square, -3, 3},
    {sqrt, 0.1, 3},      {rsqrt, 0.1, 3},  {reciprocal, 0.2, 3}, {exp, -2, 2},
    {expm1, -2, 2},      {log, 0.1, 3},    {log2, 0.1, 3},       {log10, 0.1, 3},
    {log1p, -0.8, 3},    {sigmoid, -3, 3}, {erf, -2, 2},         {erfinv, -0.9, 0.9},
    {sin, -3, 3},        {cos, -3, 3},     {tan, -1, 1},         {arcsin, -0.9, 0.9},
    {arccos, -0.9, 0.9}, {arctan, -3, 3},  {sinh, -3, 3},        {cosh, -3, 3},
    {tanh, -3, 3},       {arcsinh, -3, 3}, {arccosh, 1.2, 3},    {arctanh, -0.9, 0.9},
    {degrees, -3, 3},    {radians, -3, 3},
};

array gradient(const std::function<array(const array&)>& f, const array& x) {
  return grad([&](const array& y) { return sum(astype(real(f(y)), float32)); })(x);
}

}  // namespace

TEST_CASE("derivatives of functions of one number") {
  for (auto& c : smooth) {
    array x = random_array({3, 4}, 11, c.low, c.high);
    check_derivatives([&](const std::vector<array>& in) { return c.op(in[0], {}); }, {x}, 1e-5);
  }
}

TEST_CASE("second derivatives of functions of one number") {
  for (auto& c : smooth) {
    array x = random_array({5}, 12, c.low, c.high);
    auto slope = [&](const std::vector<array>& in) {
      return grad([&](const array& y) { return sum(c.op(y, {})); })(in[0]);
    };
    check_derivatives(slope, {x}, 1e-5);
  }
}

TEST_CASE("steps have no slope") {
  array x({-1.5f, 0.25f, 2.5f});
  for (auto op : {floor, ceil, trunc, sign})
    CHECK(values(gradient([&](const array& y) { return op(y, {}); }, x)) == Numbers{0, 0, 0});
  CHECK(values(gradient([](const array& y) { return round(y); }, x)) == Numbers{0, 0, 0});
  CHECK(values(gradient([](const array& y) { return y > 0.5f; }, x)) == Numbers{0, 0, 0});
  CHECK(values(gradient([](const array& y) { return floor_divide(y, array(2.0f)); }, x)) ==
        Numbers{0, 0, 0});
  auto through_int = [](const array& y) { return astype(astype(y, int32), float32); };
  CHECK(values(gradient(through_int, x)) == Numbers{0, 0, 0});
}

TEST_CASE("abs has no slope at 0") {
  CHECK(values(gradient([](const array& y) { return abs(y); }, array({0.0f, -2.0f}))) ==
        Numbers{0, -1});
  array z({complex64_t(0, 0), complex64_t(3, 4)}, {2});
  array slope = gradient([](const array& y) { return abs(y); }, z);
  CHECK(values(real(slope))[0] == 0);
  CHECK(values(real(slope))[1] == doctest::Approx(0.6));
  CHECK(values(imag(slope))[1] == doctest::Approx(0.8));
}

TEST_CASE("derivatives of functions of two numbers, broadcast") {
  struct Case {
    Binary op;
    double low, high;
  };
  const Case cases[] = {{add, -3, 3},       {subtract, -3, 3},  {multiply, -3, 3},
                        {divide, 0.3, 3},   {power, 0.3, 3},    {maximum, -3, 3},
                        {minimum, -3, 3},   {logaddexp, -3, 3}, {arctan2, 0.2, 3},
                        {arctan2, -3, -0.2}};
  for (auto& c : cases) {
    Function f = [&](const std::vector<array>& x) { return c.op(x[0], x[1], {}); };
    array a = random_array({3, 4}, 21, c.low, c.high), b = random_array({3, 4}, 22, c.low, c.high);
    check_derivatives(f, {a, b}, 1e-5);
    check_derivatives(f, {a, random_array({4}, 23, c.low, c.high)}, 1e-5);
    check_derivatives(f, {random_array({2, 1, 1}, 24, c.low, c.high), b}, 1e-5);
    // One operand twice.
    check_derivatives([&](const std::vector<array>& x) { return c.op(x[0], x[0] * x[0], {}); },
                      {random_array({6}, 25, 1.1, 2)}, 1e-5);
  }
}

TEST_CASE("remainder follows the divisor's steps") {
  Function f = [](const std::vector<array>& x) { return remainder(x[0], x[1]); };
  array a({7.3, -7.3, 7.3, -7.3}), b({2.0, 2.0, -2.0, -2.0});
  array x = astype(array({7.3f, -7.3f, 7.3f}), float64);
  check_derivatives(f, {x, astype(array({2.0f, 2.0f, -2.0f}), float64)});
}

TEST_CASE("where and clip pass gradients to what was chosen") {
  array mask({true, false, true});
  array a = random_array({3}, 1), b = random_array({3}, 2);
  check_derivatives([&](const std::vector<array>& x) { return where(mask, x[0], x[1]); }, {a, b});
  check_derivatives(
      [&](const std::vector<array>& x) { return clip(x[0], array(-0.3), array(0.4)); },
      {random_array({20}, 3)});
}

TEST_CASE("maximum and minimum give the gradient of a tie to the second") {
  array a({1.0f, 2.0f, 3.0f}), b({2.0f, 2.0f, 2.0f});
  for (Dtype dtype : {float16, float32, int32})
    for (auto op : {maximum, minimum}) {
      auto f = [&](const std::vector<array>& x) { return sum(op(x[0], x[1], {})); };
      auto grads = grad(f, std::vector<int>{0, 1})({astype(a, dtype), astype(b, dtype)});
      CHECK(values(grads[0])[1] == 0);
      CHECK(values(grads[1])[1] == 1);
      CHECK(values(grads[0] + grads[1]) == Numbers{1, 1, 1});
    }
  // relu has no slope at 0, and a clipped number none at the lower bound.
  auto relu = [](const array& x) { return sum(maximum(x, array(0.0f))); };
  CHECK(values(grad(relu)(array({-1.0f, 0.0f, 1.0f}))) == Numbers{0, 0, 1});
  auto clipped = [](const array& x) { return sum(clip(x, array(0.0f), array(1.0f))); };
  CHECK(values(grad(clipped)(array({-1.0f, 0.0f, 0.5f, 1.0f, 2.0f}))) == Numbers{0, 0, 1, 0, 0});
}

TEST_CASE("integers have the gradients of what is linear in them") {
  for (Dtype dtype : {int8, uint8, int32, int64, uint64}) {
    array x = astype(array({1, 2, 3}), dtype);
    auto check = [&](auto f, const Numbers& wanted) {
      array gradient = grad([&](const array& a) { return sum(astype(f(a), float32)); })(x);
      CHECK(gradient.dtype() == dtype);
      CHECK(values(gradient) == wanted);
    };
    check([](const array& a) { return a; }, {1, 1, 1});
    check([](const array& a) { return multiply(a, array(3, a.dtype())); }, {3, 3, 3});
    check([](const array& a) { return multiply(a, a); }, {2, 4, 6});
    check([](const array& a) { return multiply(astype(a, float16), array(2.0f)); }, {2, 2, 2});
    check([](const array& a) { return sum(a); }, {1, 1, 1});
    check([](const array& a) { return max(a); }, {0, 0, 1});
    check([](const array& a) { return reshape(transpose(reshape(a, {3, 1})), {3}); }, {1, 1, 1});
    check([](const array& a) { return cumsum(a, 0, false, true); }, {3, 2, 1});
    check([](const array& a) { return floor_divide(a, array(2, a.dtype())); }, {0, 0, 0});
  }
  array truths({true, false});
  auto weighted = [](const array& a) { return sum(astype(reshape(a, {2, 1}), float32)); };
  CHECK(grad(weighted)(truths).dtype() == bool_);
  CHECK(values(grad(weighted)(truths)) == Numbers{1, 1});
}

TEST_CASE("a fraction that is lost takes the derivative with it") {
  array x({0.5f, 2.5f, 1.5f});
  auto cast = [](const array& a) { return sum(astype(astype(a, int32), float32)); };
  CHECK(values(grad(cast)(x)) == Numbers{0, 0, 0});
  // Positions are constants, so that what is read there has the gradient of a plain read.
  auto largest = [](const array& a) { return sum(take(a, argmax(a, 0), 0)); };
  CHECK(values(grad(largest)(x)) == Numbers{0, 1, 0});
  auto sorted = [](const array& a) {
    array places = slice(argsort(a, 0), {1}, {3});
    return sum(take_along_axis(a, places, 0) * array({1.0f, 2.0f}));
  };
  CHECK(values(grad(sorted)(x)) == Numbers{0, 2, 1});
}

TEST_CASE("the tangent of a boolean is a number") {
  array x({1.0f, -1.0f});
  auto positive = [](const array& a) { return greater(a, array(0.0f)); };
  auto some = [](const array& a) { return any(astype(a, bool_)); };
  for (auto& f : std::vector<std::function<array(const array&)>>{positive, some}) {
    auto [output, tangent] = jvp(f, x, ones({2}));
    CHECK(output.dtype() == bool_);
    CHECK(tangent.dtype() == float32);
    CHECK(sum(tangent).item<float>() == 0);
  }
  auto chosen = [](const array& a) { return where(greater(a, array(0.0f)), a * a, -a); };
  CHECK(values(jvp(chosen, x, ones({2})).second) == Numbers{2, -1});
}

TEST_CASE("powers of zero and of negative numbers have the slopes they have") {
  auto slopes = [](array a, array b) {
    auto f = [](const std::vector<array>& x) { return sum(power(x[0], x[1])); };
    auto grads = grad(f, std::vector<int>{0, 1})({a, b});
    return std::make_pair(values(grads[0]), values(grads[1]));
  };
  auto [base, exponent] =
      slopes(array({0.0f, 0.0f, 0.0f, -2.0f, -2.0f}), array({0.0f, 1.0f, 2.0f, 2.0f, 3.0f}));
  CHECK(base == Numbers{0, 1, 0, -4, 12});
  CHECK(exponent[0] == 0);
  CHECK(exponent[1] == 0);
  CHECK(exponent[2] == 0);
  // A negative base has real powers at isolated exponents only.
  CHECK(std::isnan(exponent[3]));
}

TEST_CASE("logaddexp of equal infinities shares the gradient") {
  float low = -std::numeric_limits<float>::infinity();
  array a({low, low, 1.0f}), b({low, 0.0f, low});
  auto f = [](const std::vector<array>& x) { return sum(logaddexp(x[0], x[1])); };
  auto grads = grad(f, std::vector<int>{0, 1})({a, b});
  CHECK(values(grads[0]) == Numbers{0.5, 0, 1});
  CHECK(values(grads[1]) == Numbers{0.5, 1, 0});
}

TEST_CASE("slopes near the ends of a range keep their precision") {
  auto near = [](Unary op, double x) {
    return grad([&](const array& y) { return op(y, {}); })(array(x, float64)).item<double>();
  };
  CHECK(near(arcsin, 1 - 1e-12) ==
        doctest::Approx(1 / std::sqrt(1e-12 * (2 - 1e-12))).epsilon(1e-4));
  CHECK(near(expm1, -40) == doctest::Approx(std::exp(-40.0)));
  // 300^2 is beyond float16.
  array x = astype(array(300.0f), float16);
  CHECK(double(grad([](const array& y) { return arcsinh(y); })(x).item<float>()) ==
        doctest::Approx(1 / 300.0).epsilon(5e-3));
}

TEST_CASE("holomorphic functions") {
  const Unary functions[] = {negative, square, sqrt, rsqrt,   reciprocal, exp,
                             expm1,    log,    log2, log10,   log1p,      sigmoid,
                             sin,      cos,    tan,  arcsin,  arccos,     arctan,
                             sinh,     cosh,   tanh, arcsinh, arccosh,    arctanh};
  array z({complex64_t(0.4f, 0.7f), complex64_t(-0.6f, 0.5f), complex64_t(0.3f, -0.8f)}, {3});
  for (auto op : functions)
    check_derivatives([&](const std::vector<array>& x) { return op(x[0], {}); }, {z});
  array w({complex64_t(1.1f, -0.4f), complex64_t(0.5f, 0.9f), complex64_t(-0.7f, 0.6f)}, {3});
  for (auto op : {add, subtract, multiply, divide, power, logaddexp})
    check_derivatives([&](const std::vector<array>& x) { return op(x[0], x[1], {}); }, {z, w});
}

TEST_CASE("functions of complex numbers that aren't holomorphic") {
  array z({complex64_t(0.4f, 0.7f), complex64_t(-0.6f, 0.5f)}, {2});
  for (auto op : {abs, real, imag, conjugate, sign})
    check_derivatives([&](const std::vector<array>& x) { return op(x[0], {}); }, {z});
  check_derivatives([](const std::vector<array>& x) { return astype(x[0], complex64); },
                    {array({1.0f, 2.0f})});
  check_derivatives([](const std::vector<array>& x) { return astype(x[0], float32); }, {z});
  check_derivatives([](const std::vector<array>& x) { return x[0] * x[1]; },
                    {array({1.0f, 2.0f}), z});
}

TEST_CASE("a complex gradient is dL/dx + i dL/dy") {
  array slope = gradient([](const array& z) { return z * z; }, array(complex64_t(1, 2)));
  CHECK(slope.item<complex64_t>() == complex64_t(2, -4));
  array second =
      gradient([](const array& z) { return conjugate(z) * z; }, array(complex64_t(1, 2)));
  CHECK(second.item<complex64_t>() == complex64_t(2, 4));
}

TEST_CASE("casts carry gradients back in the primal's dtype") {
  for (auto dtype : {float16, bfloat16, float32}) {
    array x = astype(array({0.5f, 1.5f}), dtype);
    array slope = gradient([](const array& y) { return astype(y, float32) * 3.0f; }, x);
    CHECK(slope.dtype() == dtype);
    CHECK(values(slope) == Numbers{3, 3});
  }
}

TEST_CASE(
    "every operation has a derivative with respect to each operand, or is said to have none") {
  for (int i = 0; i < elementwise_op_count; ++i) {
    auto op = ElementwiseOp(i);
    // A kind of its own.
    if (op == ElementwiseOp::Cast) continue;
    CAPTURE(elementwise_op_name(op));
    array x = array({0.25f, 0.5f});
    std::vector<array> primals(size_t(arity(op)), x);
    if (op == ElementwiseOp::Select) primals[0] = array({true, false});
    Dtype result = elementwise_result_type(op, float32);
    array output = astype(x, result);
    for (int argnum = 0; argnum < arity(op); ++argnum)
      CHECK_NOTHROW(apply_elementwise_derivative(op, argnum, output, primals, output, true,
                                                 default_stream(default_device())));
  }
}
