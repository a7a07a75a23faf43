#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Arrays = std::vector<array>;

struct Format {
  const char* mode;
  int group_size, bits;
};

std::vector<Format> all_formats() {
  std::vector<Format> formats{{"mxfp4", 32, 4}, {"mxfp8", 32, 8}, {"nvfp4", 16, 4}};
  for (int group_size : {32, 64, 128})
    for (int bits : {2, 3, 4, 5, 6, 8}) formats.push_back({"affine", group_size, bits});
  return formats;
}

/// A quantized matrix and the calls on it.
struct Quantized {
  Format format;
  array codes, scales;
  std::optional<array> biases;

  Quantized(const Format& format, const array& w)
      : format(format), codes(array(0)), scales(array(0)) {
    auto parts = quantize(w, format.group_size, format.bits, format.mode);
    codes = parts[0];
    scales = parts[1];
    if (parts.size() > 2) biases = parts[2];
  }
  array numbers(Dtype dtype = float32) const {
    return dequantize(codes, scales, biases, format.group_size, format.bits, format.mode, {},
                      dtype);
  }
  array product(const array& x, bool transpose) const {
    return quantized_matmul(x, codes, scales, biases, transpose, format.group_size, format.bits,
                            format.mode);
  }
};

/// The distance in units of the largest result.
double relative(const array& a, const array& b) {
  array scale = max(abs(astype(b, float32)));
  return distance(astype(a, float32), astype(b, float32)) / std::max(1e-3f, scale.item<float>());
}

}  // namespace

TEST_CASE("affine quantization of known numbers") {
  array w = reshape(arange(0, 32, float32), {1, 32});
  auto parts = quantize(w, 32, 4);
  CHECK(values(parts[1])[0] == doctest::Approx(-31.0 / 15));
  CHECK(values(parts[2])[0] == 31);
  CHECK(parts[0].shape() == Shape{1, 4});
  // Codes go down from 15 to 0; the first eight are those of 0 to 7.
  std::vector<double> expected;
  for (int i = 0; i < 32; ++i) expected.push_back(31 - 31.0 / 15 * std::rint((31 - i) * 15 / 31.0));
  auto numbers = values(dequantize(parts[0], parts[1], parts[2], 32, 4));
  for (size_t i = 0; i < 32; ++i) CHECK(numbers[i] == doctest::Approx(expected[i]).epsilon(1e-5));
  uint32_t first = take(flatten(parts[0]), 0, 0).item<uint32_t>();
  for (uint32_t i = 0; i < 8; ++i)
    CHECK((first >> (4 * i) & 15) == uint32_t(std::rint((31 - i) * 15 / 31.0)));
  // Codes of three bits run on across words.
  auto three = quantize(w, 32, 3);
  CHECK(three[0].shape() == Shape{1, 3});
  array same = full({1, 64}, array(5.0f));
  auto constant = quantize(same, 64, 4);
  CHECK(distance(dequantize(constant[0], constant[1], constant[2], 64, 4), same) < 1e-4);
  array nothing = zeros({1, 64});
  auto zero = quantize(nothing);
  CHECK(distance(dequantize(zero[0], zero[1], zero[2]), nothing) == 0);
}

TEST_CASE("quantization is near in every format and dtype") {
  for (const Format& format : all_formats())
    for (Dtype dtype : {float16, bfloat16, float32, float64}) {
      CAPTURE(format.mode);
      CAPTURE(format.bits);
      array w = random_array({3, 5, 256}, 1, -2, 3, dtype);
      Quantized q(format, w);
      const bool affine = q.biases.has_value();
      CHECK(q.codes.shape() == Shape{3, 5, 256 * format.bits / 32});
      CHECK(q.scales.shape() == Shape{3, 5, 256 / format.group_size});
      CHECK(q.scales.dtype() == (affine ? dtype : uint8));
      array numbers =
          dequantize(q.codes, q.scales, q.biases, format.group_size, format.bits, format.mode);
      CHECK(numbers.dtype() == (affine ? dtype : bfloat16));
      // A step of a range of five, whose farther end alone is exact; what a scale that is a power
      // of two cuts off the largest number; and what half types round.
      double step = affine ? 5.0 / ((1 << format.bits) - 1) : format.bits == 4 ? 0.75 : 0.9;
      double rounding = dtype == bfloat16 ? 0.06 : dtype == float16 ? 0.01 : 1e-5;
      CHECK(distance(q.numbers(), astype(w, float32)) < step + rounding);
      array moved = swapaxes(contiguous(swapaxes(w, 0, 2)), 0, 2);
      CHECK(array_equal(Quantized(format, moved).codes, q.codes, false).item<bool>());
    }
}

TEST_CASE("E2M1, E4M3 and their scales") {
  // All magnitudes of E2M1, halves between them, and signs; the largest makes the scale 1.
  std::vector<float> x{0,     0.5f, 1,    1.5f, 2, 3,     4,  6,     0.25f, 0.75f, 1.25f,
                       1.75f, 2.5f, 3.5f, 5,    0, -0.5f, -1, -1.5f, -2,    -3,    -4};
  std::vector<double> expected{0, 0.5, 1, 1.5, 2, 3,    4,  6,    0,  1,  1,
                               2, 2,   4, 4,   0, -0.5, -1, -1.5, -2, -3, -4};
  x.resize(32, 0);
  expected.resize(32, 0);
  Quantized four({"mxfp4", 32, 4}, array(x.begin(), {1, 32}));
  CHECK(values(four.scales) == std::vector<double>{127});
  CHECK(values(four.numbers()) == expected);
  std::vector<float> large(32, 448.0f);
  Quantized eight({"mxfp8", 32, 8}, array(large.begin(), {1, 32}));
  CHECK(values(eight.scales) == std::vector<double>{127});
  CHECK(values(eight.numbers()) == std::vector<double>(32, 448));
  Quantized nv({"nvfp4", 16, 4}, array(x.begin(), {1, 16}));
  CHECK(values(nv.scales) == std::vector<double>{0x38});

  // With a scale for all, groups use the range of E4M3.
  array w = random_array({4, 64}, 1, -1e-3, 1e-3, float32);
  array global = max(abs(w));
  auto parts = quantize(w, {}, {}, "nvfp4", global);
  CHECK(max(parts[1]).item<int>() == 0x7e);
  array numbers = dequantize(parts[0], parts[1], {}, {}, {}, "nvfp4", global, float32);
  CHECK(distance(numbers, w) < 2e-4);
  for (const char* mode : {"mxfp4", "mxfp8", "nvfp4"}) {
    Quantized zero({mode, mode[0] == 'n' ? 16 : 32, mode[4] == '8' ? 8 : 4}, zeros({2, 64}));
    CHECK(distance(zero.numbers(), zeros({2, 64})) == 0);
    array special = concatenate({full({1, 32}, array(std::numeric_limits<float>::infinity())),
                                 full({1, 32}, array(std::numeric_limits<float>::quiet_NaN()))},
                                1);
    eval(Quantized(zero.format, special).numbers());
  }
}

TEST_CASE("FP8: all codes there and back, rounding, saturation") {
  array codes = arange(0, 256, uint8);
  array numbers = from_fp8(codes, float32);
  auto x = values(numbers);
  CHECK(x[0] == 0);
  CHECK(x[1] == std::ldexp(1.0, -9));
  CHECK(x[8] == std::ldexp(1.0, -6));
  CHECK(x[0x38] == 1);
  CHECK(x[0x7e] == 448);
  CHECK(std::isnan(x[0x7f]));
  CHECK(x[0xb8] == -1);
  CHECK(array_equal(to_fp8(numbers), codes, false).item<bool>());
  array rounded = to_fp8(array({1.0625f, 1.1875f, 1000.f, -1e30f, 0.0009f, 0.001f, -0.f}));
  CHECK(values(from_fp8(rounded, float32)) ==
        std::vector<double>{1, 1.25, 448, -448, 0, std::ldexp(1.0, -9), 0});
  CHECK(from_fp8(codes).dtype() == bfloat16);
  CHECK(to_fp8(array({1.f}, float16)).dtype() == uint8);
  CHECK_THROWS_AS(to_fp8(array({1, 2})), DtypeError);
  CHECK_THROWS_AS(from_fp8(array({1, 2})), DtypeError);
  CHECK_THROWS_AS(from_fp8(codes, int32), DtypeError);
  check_vmap([](auto& a) { return to_fp8(a[0]); }, {random_array({3, 4}, 1)}, {1}, 1);
}

TEST_CASE("quantized products are those of the dequantized matrix") {
  for (const Format& format : all_formats())
    for (int columns : {128, 896})
      for (int m : {1, 3, 5, 8, 20}) {
        CAPTURE(format.mode);
        CAPTURE(format.group_size);
        CAPTURE(format.bits);
        CAPTURE(m);
        Quantized w(format, random_array({70, columns}, 1, -1, 2, float32));
        array numbers = w.numbers();
        array x = random_array({m, columns}, 2, -1, 1, float32);
        array y = random_array({m, 70}, 3, -1, 1, float32);
        CHECK(relative(w.product(x, true), matmul(x, transpose(numbers))) < 3e-6);
        CHECK(relative(w.product(y, false), matmul(y, numbers)) < 3e-6);
      }
  // More rows than a part of them.
  Quantized tall({"affine", 64, 4}, random_array({2100, 576}, 1, -1, 2, float32));
  array y = random_array({2, 2100}, 3, -1, 1, float32);
  CHECK(relative(tall.product(y, false), matmul(y, tall.numbers())) < 1e-5);
}

TEST_CASE("quantized products: dtypes, vectors, batches, empty sizes") {
  Format format{"affine", 64, 4};
  array w = random_array({3, 40, 128}, 1, -1, 1, float32);
  for (Dtype dtype : {float16, bfloat16, float64}) {
    Quantized q(format, astype(w, dtype));
    array x = random_array({3, 2, 128}, 2, -1, 1, dtype);
    array product = q.product(x, true);
    CHECK(product.dtype() == dtype);
    CHECK(relative(product, matmul(astype(x, float32), swapaxes(q.numbers(), -1, -2))) <
          (dtype == bfloat16 ? 6e-3 : 1e-3));
    Quantized small({"mxfp4", 32, 4}, astype(w, dtype));
    CHECK(small.product(x, true).dtype() == dtype);
  }
  Quantized q(format, w), single(format, take(w, 0, 0));
  array x = random_array({5, 1, 2, 128}, 2, -1, 1, float32);
  CHECK(q.product(x, true).shape() == Shape{5, 3, 2, 40});
  CHECK(relative(q.product(x, true), matmul(x, swapaxes(q.numbers(), -1, -2))) < 1e-6);
  CHECK(relative(single.product(x, true), matmul(x, swapaxes(single.numbers(), -1, -2))) < 1e-6);
  array vector = random_array({128}, 3, -1, 1, float32);
  CHECK(single.product(vector, true).shape() == Shape{40});
  CHECK(q.product(vector, true).shape() == Shape{3, 40});
  CHECK(relative(q.product(vector, true), matmul(q.numbers(), vector)) < 1e-6);
  CHECK(single.product(zeros({0, 128}), true).shape() == Shape{0, 40});
  Quantized none(format, zeros({0, 128}));
  CHECK(none.product(zeros({2, 128}), true).shape() == Shape{2, 0});
  CHECK(values(none.product(zeros({2, 0}), false)) == std::vector<double>(256, 0));
  Quantized empty(format, zeros({4, 0}));
  CHECK(values(empty.product(zeros({2, 0}), true)) == std::vector<double>(8, 0));
}

TEST_CASE("quantized matrices: errors") {
  array w = zeros({4, 64}), x = zeros({2, 64});
  CHECK_THROWS_AS(quantize(w, 16), std::invalid_argument);
  CHECK_THROWS_AS(quantize(w, 64, 7), std::invalid_argument);
  CHECK_THROWS_AS(quantize(w, 64, 4, "mxfp4"), std::invalid_argument);
  CHECK_THROWS_AS(quantize(w, {}, {}, "fp16"), std::invalid_argument);
  CHECK_THROWS_AS(quantize(zeros({4, 60})), ShapeError);
  CHECK_THROWS_AS(quantize(zeros({64})), ShapeError);
  CHECK_THROWS_AS(quantize(zeros({4, 64}, int32)), DtypeError);
  CHECK_THROWS_AS(quantize(w, {}, {}, "mxfp4", array(1.f)), std::invalid_argument);
  CHECK_THROWS_AS(quantize(w, {}, {}, "nvfp4", ones({2})), std::invalid_argument);
  Quantized q({"affine", 64, 4}, w);
  CHECK_THROWS_AS(dequantize(q.codes, q.scales), std::invalid_argument);
  CHECK_THROWS_AS(dequantize(q.codes, q.scales, q.biases, 32), ShapeError);
  CHECK_THROWS_AS(dequantize(astype(q.codes, int32), q.scales, q.biases), DtypeError);
  CHECK_THROWS_AS(dequantize(q.codes, q.scales, ones({4, 2})), ShapeError);
  CHECK_THROWS_AS(dequantize(q.codes, q.scales, {}, {}, {}, "mxfp8"), DtypeError);
  CHECK_THROWS_AS(q.product(zeros({2, 32}), true), ShapeError);
  CHECK_THROWS_AS(q.product(x, false), ShapeError);
  CHECK_THROWS_AS(q.product(zeros({2, 64}, complex64), true), DtypeError);
  CHECK_THROWS_AS(gather_qmm(ones({64}), q.codes, q.scales, q.biases), ShapeError);
  array far = gather_qmm(x, q.codes, q.scales, q.biases, {}, array({1}));
  CHECK_THROWS_AS(far.eval(), EngineError);
  CHECK_THROWS_AS(gather_qmm(x, q.codes, q.scales, q.biases, {}, array({1.f})), DtypeError);
  CHECK_THROWS_AS(qqmm(x, w, {}, {}, {}, "affine"), std::invalid_argument);
  CHECK_THROWS_AS(qqmm(x, zeros({4, 32})), ShapeError);
}

TEST_CASE("gathered quantized products") {
  for (const Format& format : {Format{"affine", 64, 4}, Format{"mxfp4", 32, 4}}) {
    Quantized w(format, random_array({2, 3, 40, 128}, 1, -1, 1, float32));
    array x = random_array({4, 2, 128}, 2, -1, 1, float32);
    array lhs = array({0, 3, -1, 1, 2, 0}, {3, 2}), rhs = array({5, 0}, {2});
    array product = gather_qmm(x, w.codes, w.scales, w.biases, lhs, rhs, true, format.group_size,
                               format.bits, format.mode);
    array flat = flatten(w.numbers(), 0, 1);
    array expected =
        matmul(take(x, lhs, 0), swapaxes(take(flat, broadcast_to(rhs, {3, 2}), 0), -1, -2));
    CHECK(product.shape() == Shape{3, 2, 2, 40});
    CHECK(relative(product, expected) < 1e-6);
    array all = gather_qmm(take(x, array({0, 1, 2}), 0), w.codes, w.scales, w.biases, {}, {}, true,
                           format.group_size, format.bits, format.mode);
    CHECK(all.shape() == Shape{2, 3, 2, 40});
    array back = gather_qmm(product, w.codes, w.scales, w.biases, {}, rhs, false, format.group_size,
                            format.bits, format.mode);
    CHECK(relative(back, matmul(product, take(flat, broadcast_to(rhs, {3, 2}), 0))) < 1e-6);
    array single = gather_qmm(take(x, 0, 0), w.codes, w.scales, w.biases, {}, array(4), true,
                              format.group_size, format.bits, format.mode);
    CHECK(relative(single, matmul(take(x, 0, 0), transpose(take(flat, 4, 0)))) < 1e-6);
  }
}

TEST_CASE("products of rounded numbers") {
  array x = random_array({5, 64}, 1, -1, 1, float32), w = random_array({7, 64}, 2, -1, 1, float32);
  for (const char* mode : {"nvfp4", "mxfp8"}) {
    Format format{mode, mode[0] == 'n' ? 16 : 32, mode[0] == 'n' ? 4 : 8};
    Quantized qx(format, x), qw(format, w);
    array expected = matmul(qx.numbers(), transpose(qw.numbers()));
    CHECK(relative(qqmm(x, w, {}, {}, {}, mode), expected) < 1e-6);
    CHECK(relative(qqmm(x, qw.codes, qw.scales, {}, {}, mode), expected) < 1e-6);
    array lhs = array({0, 1, 0}), rhs = array({1, 0, 0});
    array xs = stack({x, -x}), ws = stack({w, w + w});
    Quantized several(format, ws);
    array gathered = gather_qqmm(xs, ws, {}, lhs, rhs, {}, {}, mode);
    CHECK(relative(take(gathered, 2, 0), expected) < 1e-6);
    CHECK(relative(take(gathered, 1, 0), -expected) < 1e-6);
    CHECK(relative(gather_qqmm(xs, several.codes, several.scales, lhs, rhs, {}, {}, mode),
                   gathered) < 1e-6);
    // Gradients take rounding for the identity.
    auto f = [&](const Arrays& a) { return Arrays{qqmm(a[0], a[1], {}, {}, {}, mode)}; };
    auto gradients = vjp(f, {x, w}, {expected}).second;
    CHECK(relative(gradients[0], matmul(expected, qw.numbers())) < 1e-6);
    CHECK(relative(gradients[1], matmul(transpose(expected), qx.numbers())) < 1e-6);
    auto g = [&](const Arrays& a) { return Arrays{qqmm(a[0], qw.codes, qw.scales, {}, {}, mode)}; };
    CHECK(relative(vjp(g, {x}, {expected}).second[0], matmul(expected, qw.numbers())) < 1e-6);
  }
  array gx = max(abs(x)), gw = max(abs(w));
  auto parts = quantize(w, {}, {}, "nvfp4", gw);
  CHECK(relative(qqmm(x, parts[0], parts[1], {}, {}, "nvfp4", gx, gw), matmul(x, transpose(w))) <
        0.2);
  CHECK(relative(qqmm(x, parts[0], parts[1], {}, {}, "nvfp4", gx, gw),
                 qqmm(x, w, {}, {}, {}, "nvfp4", gx, gw)) < 1e-5);
}

TEST_CASE("derivatives of quantized products") {
  Format format{"affine", 32, 4};
  Quantized w(format, random_array({3, 6, 64}, 1, -1, 1, float32));
  array x = random_array({3, 4, 64}, 2, -1, 1, float32),
        y = random_array({3, 4, 6}, 3, -1, 1, float32);
  auto multiply_by = [&](bool transpose) {
    return [&w, transpose](auto& a) {
      return quantized_matmul(a[0], w.codes, a[1], a[2], transpose, 32, 4);
    };
  };
  check_derivatives(multiply_by(true), {x, w.scales, *w.biases});
  check_derivatives(multiply_by(false), {y, w.scales, *w.biases});
  check_derivatives([&](auto& a) { return w.product(a[0], true); }, {x});
  check_derivatives([&](auto& a) { return dequantize(w.codes, a[0], a[1], 32, 4); },
                    {w.scales, *w.biases});
  array lhs = array({0, 2, 2, 1}), rhs = array({1, 1, 0, 2});
  for (bool transpose : {true, false})
    check_derivatives(
        [&](auto& a) { return gather_qmm(a[0], w.codes, a[1], a[2], lhs, rhs, transpose, 32, 4); },
        {transpose ? x : y, w.scales, *w.biases});
  check_derivatives(
      [&](auto& a) { return gather_qmm(a[0], w.codes, w.scales, w.biases, lhs, rhs, true, 32, 4); },
      {x});
}

TEST_CASE("vmap of quantization and quantized products") {
  array w = random_array({3, 6, 64}, 1, -1, 1, float32),
        x = random_array({3, 4, 64}, 2, -1, 1, float32);
  Quantized q({"affine", 32, 4}, w), single({"affine", 32, 4}, take(w, 0, 0));
  for (int part : {0, 1, 2})
    check_vmap([&](auto& a) { return quantize(a[0], 32, 4)[part]; }, {w}, {1});
  array globals = array({1.f, 2.f, 3.f});
  for (int part : {0, 1})
    check_vmap([&](auto& a) { return quantize(a[0], {}, {}, "nvfp4", a[1])[part]; }, {w, globals},
               {0, 0});
  check_vmap([&](auto& a) { return qqmm(a[0], a[1], {}, {}, {}, "nvfp4", a[2]); }, {x, w, globals},
             {0, 0, 0});
  check_vmap([&](auto& a) { return dequantize(a[0], a[1], a[2], 32, 4); },
             {q.codes, q.scales, take(*q.biases, 0, 0)}, {0, 0, -1});
  auto product = [](auto& a) { return quantized_matmul(a[0], a[1], a[2], a[3], true, 32, 4); };
  check_vmap(product, {x, q.codes, q.scales, *q.biases}, {0, 0, 0, 0});
  check_vmap(product, {x, single.codes, single.scales, *single.biases}, {0, -1, -1, -1});
  check_vmap(product, {take(x, 0, 0), q.codes, q.scales, *q.biases}, {-1, 0, 0, 0}, 1);
  auto gathered = [](auto& a) {
    return gather_qmm(a[0], a[1], a[2], a[3], a[4], a[5], true, 32, 4);
  };
  array xs = random_array({2, 3, 4, 64}, 3, -1, 1, float32);
  array lhs = array({0, 2, -1, 1}, {2, 2}), rhs = array({1, -2, 0, 2}, {2, 2});
  check_vmap(gathered, {xs, q.codes, q.scales, *q.biases, lhs, take(rhs, 0, 0)},
             {0, -1, -1, -1, 0, -1});
  check_vmap(gathered, {take(xs, 0, 0), q.codes, q.scales, *q.biases, take(lhs, 0, 0), rhs},
             {-1, -1, -1, -1, -1, 0});
  array codes = stack({q.codes, q.codes}), scales = stack({q.scales, q.scales + q.scales});
  check_vmap(gathered, {xs, codes, scales, *q.biases, lhs, rhs}, {0, 0, 0, -1, 0, 0});
}
