#include <doctest/doctest.h>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;
using Sizes = std::vector<int>;

struct Parameters {
  Sizes stride, padding_lo, padding_hi, kernel_dilation, input_dilation;
  int groups = 1;
  bool flip = false;
};

struct Case {
  Shape input, weight;
  Parameters parameters;
};

array convolve(const array& input, const array& weight, const Parameters& p) {
  return conv_general(input, weight, p.stride, p.padding_lo, p.padding_hi, p.kernel_dilation,
                      p.input_dilation, p.groups, p.flip);
}

int at(const Sizes& sizes, size_t i, int fallback) {
  return sizes.empty() ? fallback : sizes.size() == 1 ? sizes[0] : sizes[i];
}

/// The definition, element by element, with all shapes made three-dimensional.
array plain_convolution(const array& input, const array& weight, const Parameters& p) {
  size_t spatial = input.ndim() - 2;
  int in[3] = {1, 1, 1}, kernel[3] = {1, 1, 1}, out[3] = {1, 1, 1};
  int stride[3] = {1, 1, 1}, lo[3] = {0, 0, 0}, kdil[3] = {1, 1, 1}, idil[3] = {1, 1, 1};
  Shape shape = {input.shape(0)};
  for (size_t i = 0; i < spatial; ++i) {
    in[i] = input.shape(int(i) + 1);
    kernel[i] = weight.shape(int(i) + 1);
    stride[i] = at(p.stride, i, 1);
    lo[i] = at(p.padding_lo, i, 0);
    kdil[i] = at(p.kernel_dilation, i, 1);
    idil[i] = at(p.input_dilation, i, 1);
    int space = (in[i] - 1) * idil[i] + 1 + lo[i] + at(p.padding_hi, i, 0);
    out[i] = (space - (kernel[i] - 1) * kdil[i] - 1) / stride[i] + 1;
    shape.push_back(out[i]);
  }
  int channels = input.shape(-1), filters = weight.shape(0);
  shape.push_back(filters);
  Numbers x = values(input), w = values(weight), y;
  int per_group = channels / p.groups;
  for (int n = 0; n < input.shape(0); ++n)
    for (int o0 = 0; o0 < out[0]; ++o0)
      for (int o1 = 0; o1 < out[1]; ++o1)
        for (int o2 = 0; o2 < out[2]; ++o2)
          for (int f = 0; f < filters; ++f) {
            double total = 0;
            int o[3] = {o0, o1, o2};
            for (int k0 = 0; k0 < kernel[0]; ++k0)
              for (int k1 = 0; k1 < kernel[1]; ++k1)
                for (int k2 = 0; k2 < kernel[2]; ++k2) {
                  int k[3] = {k0, k1, k2}, place = n;
                  bool inside = true;
                  for (int i = 0; i < 3; ++i) {
                    int from = o[i] * stride[i] + k[i] * kdil[i] - lo[i];
                    inside &= from >= 0 && from % idil[i] == 0 && from / idil[i] < in[i];
                    place = place * in[i] + from / idil[i];
                  }
                  if (!inside) continue;
                  int tap = f;
                  for (int i = 0; i < 3; ++i)
                    tap = tap * kernel[i] + (p.flip ? kernel[i] - 1 - k[i] : k[i]);
                  int group = f / (filters / p.groups);
                  for (int c = 0; c < per_group; ++c)
                    total += x[size_t(place * channels + group * per_group + c)] *
                             w[size_t(tap * per_group + c)];
                }
            y.push_back(total);
          }
  return array(y.begin(), shape, float64);
}

const Case cases[] = {
    {{2, 7, 3}, {4, 3, 3}, {}},
    {{1, 1, 1}, {1, 1, 1}, {}},
    {{2, 7, 3}, {4, 3, 3}, {{2}, {1}, {2}, {}, {}}},
    {{2, 7, 4}, {6, 3, 2}, {{1}, {2}, {0}, {2}, {}, 2}},
    {{2, 7, 4}, {6, 3, 2}, {{2}, {2}, {1}, {}, {3}, 2, true}},
    {{2, 7, 3}, {4, 2, 3}, {{1}, {-2}, {-1}, {}, {}}},
    {{2, 7, 3}, {4, 2, 3}, {{2}, {-4}, {3}, {2}, {3}, 1, true}},
    {{2, 5, 6, 3}, {4, 3, 2, 3}, {}},
    {{2, 5, 6, 3}, {4, 3, 2, 3}, {{2, 1}, {1, 0}, {0, 2}, {1, 2}, {2, 1}}},
    {{1, 6, 5, 4}, {4, 3, 3, 1}, {{1}, {1}, {1}, {}, {}, 4}},
    {{1, 6, 5, 4}, {8, 3, 3, 1}, {{2}, {1}, {1}, {}, {}, 4, true}},
    {{2, 4, 4, 5, 2}, {3, 2, 3, 2, 2}, {{1, 2, 1}, {0, 1, 1}, {1, 0, 1}, {}, {}}},
    {{1, 3, 4, 3, 4}, {4, 2, 2, 2, 2}, {{1}, {1}, {0}, {}, {2}, 2, true}},
};

}  // namespace

TEST_CASE("convolutions are those of the definition") {
  for (auto& test : cases) {
    CAPTURE(test.input);
    CAPTURE(test.weight);
    array input = random_array(test.input, 1), weight = random_array(test.weight, 2);
    array expected = plain_convolution(input, weight, test.parameters);
    CHECK(distance(convolve(input, weight, test.parameters), expected) < 1e-13);
    for (Dtype dtype : {float16, bfloat16, float32}) {
      array result = convolve(astype(input, dtype), astype(weight, dtype), test.parameters);
      CHECK(result.dtype() == dtype);
      double tolerance = dtype == float32 ? 1e-5 : dtype == float16 ? 1e-2 : 8e-2;
      CHECK(distance(astype(result, float64), expected) < tolerance);
    }
    // Views as operands.
    array input_view = swapaxes(contiguous(swapaxes(input, 0, -1)), 0, -1);
    array weight_view = swapaxes(contiguous(swapaxes(weight, 0, 1)), 0, 1);
    CHECK(distance(convolve(input_view, weight_view, test.parameters), expected) < 1e-13);
  }
}

TEST_CASE("convolutions of one to three dimensions with parameters for each") {
  array x1 = random_array({2, 8, 3}, 1), w1 = random_array({4, 3, 3}, 2);
  CHECK(distance(conv1d(x1, w1, 2, 1, 2), plain_convolution(x1, w1, {{2}, {1}, {1}, {2}, {}})) <
        1e-13);
  array x2 = random_array({1, 6, 7, 4}, 1), w2 = random_array({4, 2, 3, 2}, 2);
  CHECK(distance(conv2d(x2, w2, {2, 1}, {0, 1}, {1, 2}, 2),
                 plain_convolution(x2, w2, {{2, 1}, {0, 1}, {0, 1}, {1, 2}, {}, 2})) < 1e-13);
  array x3 = random_array({1, 4, 5, 4, 2}, 1), w3 = random_array({3, 2, 2, 3, 2}, 2);
  CHECK(distance(conv3d(x3, w3, {1, 2, 1}, {1, 0, 1}),
                 plain_convolution(x3, w3, {{1, 2, 1}, {1, 0, 1}, {1, 0, 1}, {}, {}})) < 1e-13);
  CHECK(values(conv1d(array({1.0f, 2.0f, 3.0f}, {1, 3, 1}), array({1.0f, 10.0f}, {1, 2, 1}))) ==
        Numbers{21, 32});
}

TEST_CASE("transposed convolutions are gradients of convolutions") {
  // weight is (c_out, kernel, c_in): the convolution it turns around has the axes swapped.
  array x = random_array({2, 5, 3}, 1), w = random_array({4, 3, 3}, 2);
  auto forward = [&](const array& y) { return conv1d(y, swapaxes(w, 0, 2), 2, 1, 2); };
  array result = conv_transpose1d(x, w, 2, 1, 2);
  array y = random_array(result.shape(), 3);
  CHECK(distance(vjp(ScalarFunction(forward), y, x).second, result) < 1e-13);
  // Output padding repeats what is there and adds places at the end.
  array longer = conv_transpose1d(x, w, 2, 1, 2, 1);
  CHECK(longer.shape(1) == result.shape(1) + 1);
  CHECK(distance(slice(longer, {0, 0, 0}, result.shape()), result) < 1e-13);

  array x2 = random_array({1, 4, 5, 4}, 1), w2 = random_array({6, 3, 2, 2}, 2);
  array result2 = conv_transpose2d(x2, w2, {2, 3}, {1, 0}, {1, 2}, {0, 0}, 2);
  CHECK(result2.shape() == Shape{1, 7, 15, 6});
  array x3 = random_array({1, 3, 3, 3, 2}, 1), w3 = random_array({2, 2, 2, 2, 2}, 2);
  CHECK(conv_transpose3d(x3, w3, {2, 2, 2}, {0, 0, 0}, {1, 1, 1}, {1, 0, 1}).shape() ==
        Shape{1, 7, 6, 7, 2});
}

TEST_CASE("wrong shapes, parameters and dtypes are refused") {
  array x = zeros({1, 5, 5, 4}), w = zeros({6, 3, 3, 4});
  CHECK_THROWS_AS(conv2d(x, zeros({6, 3, 3, 3})), ShapeError);
  CHECK_THROWS_AS(conv2d(x, w, {1, 1}, {0, 0}, {1, 1}, 2), ShapeError);
  CHECK_THROWS_AS(conv2d(x, zeros({5, 3, 3, 2}), {1, 1}, {0, 0}, {1, 1}, 2), ShapeError);
  CHECK_THROWS_AS(conv1d(x, w), ShapeError);
  CHECK_THROWS_AS(conv2d(zeros({5, 5, 4}), w), ShapeError);
  CHECK_THROWS_AS(conv2d(x, zeros({6, 6, 3, 4})), ShapeError);
  CHECK_THROWS_AS(conv2d(x, zeros({6, 0, 3, 4})), ShapeError);
  CHECK_THROWS_AS(conv2d(x, w, {0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(conv2d(x, w, {1, 1}, {0, 0}, {0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(conv2d(x, w, {1, 1}, {0, 0}, {1, 1}, 0), std::invalid_argument);
  CHECK_THROWS_AS(conv_general(x, w, {1, 1, 1}), std::invalid_argument);
  CHECK_THROWS_AS(conv_general(x, w, {1}, {1, 2, 3}), std::invalid_argument);
  CHECK_THROWS_AS(conv_transpose2d(x, w, {1, 1}, {0, 0}, {1, 1}, {-1, 0}), std::invalid_argument);
  CHECK_THROWS_AS(conv2d(zeros({1, 5, 5, 4}, int32), zeros({6, 3, 3, 4}, int32)), DtypeError);
  CHECK_THROWS_AS(conv_general(zeros({1, 2, 1}), zeros({1, 2, 1}), {1}, {2147483647}), ShapeError);
  CHECK(conv2d(zeros({0, 5, 5, 4}), w).shape() == Shape{0, 3, 3, 6});
  CHECK(values(conv1d(zeros({1, 3, 0}), zeros({2, 2, 0}))) == Numbers(4, 0.0));
  CHECK(conv2d(x, astype(w, float16)).dtype() == float32);
}

TEST_CASE("derivatives of convolutions") {
  for (auto& test : cases) {
    CAPTURE(test.input);
    CAPTURE(test.weight);
    array input = random_array(test.input, 1), weight = random_array(test.weight, 2);
    check_derivatives([&](auto& x) { return convolve(x[0], x[1], test.parameters); },
                      {input, weight});
    // And of their gradients.
    auto loss = [&](const std::vector<array>& x) {
      return sum(sin(convolve(x[0], x[1], test.parameters)));
    };
    for (int argnum : {0, 1})
      check_derivatives([&](auto& x) { return grad(loss, argnum)(x)[0]; }, {input, weight}, 1e-5);
  }
  check_derivatives([](auto& x) { return conv_transpose1d(x[0], x[1], 2, 1, 1, 1, 2); },
                    {random_array({2, 5, 4}, 1), random_array({6, 3, 2}, 2)});
}

TEST_CASE("convolutions of complex numbers") {
  array x = random_array({1, 6, 2}, 1, -1, 1, complex64);
  array w = random_array({3, 2, 2}, 2, -1, 1, complex64);
  array expected = conv1d(real(x), real(w)) - conv1d(imag(x), imag(w));
  CHECK(distance(real(conv1d(x, w)), expected) < 1e-5);
  check_derivatives([](auto& a) { return conv1d(a[0], a[1], 2, 1); }, {x, w});
}

TEST_CASE("vmap of convolutions and of their gradients") {
  for (auto& test : cases) {
    CAPTURE(test.input);
    CAPTURE(test.weight);
    Shape input = test.input, weight = test.weight;
    input.insert(input.begin(), 3);
    weight.insert(weight.begin(), 3);
    array x = random_array(input, 1), w = random_array(weight, 2);
    // Other groupings may add in another order.
    auto f = [&](const std::vector<array>& a) {
      return astype(round(convolve(a[0], a[1], test.parameters) * 1e9), int64);
    };
    check_vmap(f, {x, take(w, 0, 0)}, {0, -1}, 1);
    check_vmap(f, {take(x, 0, 0), w}, {-1, 0});
    check_vmap(f, {moveaxis(x, 0, 2), moveaxis(w, 0, -1)}, {2, int(w.ndim()) - 1});
    auto gradient = [&](const std::vector<array>& a) {
      auto loss = [&](const std::vector<array>& b) {
        return sum(square(convolve(b[0], b[1], test.parameters)));
      };
      return astype(round(grad(loss, 1)(a)[0] * 1e9), int64);
    };
    check_vmap(gradient, {x, take(w, 0, 0)}, {0, -1});
    check_vmap(gradient, {x, w}, {0, 0});
  }
}
