#include <cmath>

#include "hostile_data.h"

// Sizes, axes and steps that overflow or make no sense: errors that name the operation, at no cost
// out of proportion to the arguments.

using namespace hostile;

namespace {

const int rounds = 300;

array small(Random& random) {
  return hostile_array({4, 6}, all_dtypes[below(random, dtype_count)], random);
}

}  // namespace

TEST_CASE("hostile arguments: sizes whose product overflows are a ShapeError") {
  array one(1.0f);
  const Shape too_large{1 << 16, 1 << 16, 1 << 16, 1 << 16};
  CHECK_THROWS_AS(zeros(too_large), ShapeError);
  CHECK_THROWS_AS(ones(too_large), ShapeError);
  CHECK_THROWS_AS(full(too_large, one), ShapeError);
  CHECK_THROWS_AS(broadcast_to(one, too_large), ShapeError);
  CHECK_THROWS_AS(reshape(one, too_large), ShapeError);
  CHECK_THROWS_AS(tile(one, {1 << 16, 1 << 16, 1 << 16, 1 << 16}), ShapeError);
  CHECK_THROWS_AS(as_strided(one, too_large, {0, 0, 0, 0}, 0), ShapeError);
  CHECK_THROWS_AS(random::bits(too_large), ShapeError);
  CHECK_THROWS_AS(random::normal(too_large), ShapeError);
  CHECK(zeros({0, INT32_MAX, INT32_MAX, INT32_MAX}).nbytes() == 0);
  CHECK(tri(0, INT32_MAX, 0, bool_).nbytes() == 0);
  CHECK(succeeds([] { return tri(0, INT32_MAX, 0, bool_); }));
  CHECK(tri(3, INT32_MAX, INT32_MIN, bool_).shape() == Shape{3, INT32_MAX});
  CHECK_THROWS_AS(tri(INT32_MAX, INT32_MAX, -INT32_MAX, bool_), ShapeError);
  auto w = quantize(random::normal({2, 2, 64}));
  array many = broadcast_to(array(1.0f), {1 << 16, 1 << 16, 1, 64});
  CHECK_THROWS_AS(gather_qmm(many, w[0], w[1], w[2], std::nullopt, array({0})), ShapeError);
  array row = broadcast_to(one, {1 << 30});
  CHECK_THROWS_AS(repeat(row, 4, 0), ShapeError);
  CHECK_THROWS_AS(repeat(row, INT32_MAX), ShapeError);
  CHECK_THROWS_AS(tile(row, {4}), ShapeError);
  CHECK_THROWS_AS(concatenate({row, row, row}), ShapeError);
  CHECK_THROWS_AS(pad(row, INT32_MAX), ShapeError);
  CHECK_THROWS_AS(flatten(broadcast_to(one, {1 << 16, 1 << 16})), ShapeError);
  CHECK_THROWS_AS(outer(row, broadcast_to(one, {1 << 30, 1 << 3})), ShapeError);
  CHECK_THROWS_AS(kron(row, broadcast_to(one, {1 << 10})), ShapeError);
}

TEST_CASE("hostile arguments: shapes and views") {
  Random random(21);
  for (int run = 0; run < rounds; ++run) {
    array a = small(random);
    int n = hostile_size(random), m = hostile_size(random);
    auto sizes = hostile_sizes(random, 4);
    Shape shape = hostile_shape(random, 4);
    succeeds([&] { return reshape(a, shape); });
    succeeds([&] { return unflatten(a, below(random, 4) - 2, shape); });
    succeeds([&] { return flatten(a, n, m); });
    succeeds([&] { return squeeze(a, sizes); });
    succeeds([&] { return expand_dims(a, sizes); });
    succeeds([&] { return view(a, all_dtypes[below(random, dtype_count)]); });
    succeeds([&] { return transpose(a, sizes); });
    succeeds([&] { return swapaxes(a, n, m); });
    succeeds([&] { return moveaxis(a, n, m); });
    succeeds([&] { return flip(a, sizes); });
    succeeds([&] { return broadcast_to(a, shape); });
    succeeds([&] { return split(a, n, below(random, 3) - 1); });
    succeeds([&] { return split(a, shape, below(random, 3) - 1); });
    succeeds([&] { return unstack(a, n); });
    succeeds([&] { return diagonal(a, n, below(random, 3) - 1, m); });
    succeeds([&] { return diag(a, n); });
    succeeds([&] { return diag(flatten(a), n); });
    succeeds([&] { return trace(a, n, 0, 1); });
    succeeds([&] { return repeat(a, n, below(random, 4) - 2); });
    succeeds([&] { return tile(a, sizes); });
    succeeds([&] { return roll(a, n); });
    succeeds([&] { return roll(a, shape, sizes); });
    succeeds([&] { return concatenate({a, a}, n); });
    succeeds([&] { return stack({a, a}, n); });
    succeeds([&] { return tril(a, n); });
    succeeds([&] { return triu(a, n); });
    succeeds([&] { return number_of_elements(a, sizes, true); });
    succeeds([&] { return cumsum(a, n); });
  }
}

TEST_CASE("hostile arguments: strides never reach outside") {
  Random random(22);
  const std::vector<int64_t> pool{0, 1, -1, 6, INT64_MAX, INT64_MIN, int64_t(1) << 40, -6, 3};
  for (int run = 0; run < 2 * rounds; ++run) {
    array a = small(random);
    Shape shape;
    Strides strides;
    for (int axis = below(random, 4); axis > 0; --axis) {
      shape.push_back(below(random, 3) == 0 ? hostile_size(random) : below(random, 5));
      strides.push_back(pick(random, pool));
    }
    size_t offset = below(random, 2) ? size_t(pick(random, pool)) : size_t(below(random, 30));
    succeeds([&] { return as_strided(a, shape, strides, offset); });
  }
}

TEST_CASE("hostile arguments: padding") {
  Random random(23);
  for (int run = 0; run < rounds; ++run) {
    array a = small(random);
    for (const char* mode : {"constant", "edge", "reflect", "symmetric", "wrap", "no such mode"}) {
      std::vector<int> axes{below(random, 2)};
      Shape low{hostile_size(random)}, high{hostile_size(random)};
      succeeds([&] { return pad(a, axes, low, high, array(NAN), mode); });
      succeeds([&] { return pad(a, hostile_sizes(random, 3), low, high, array({1, 2}), mode); });
    }
  }
}

TEST_CASE("hostile arguments: ranges and creation") {
  Random random(24);
  for (int run = 0; run < rounds; ++run) {
    double start = hostile_number(random), stop = hostile_number(random);
    double step = hostile_number(random);
    Dtype dtype = all_dtypes[below(random, dtype_count)];
    int n = hostile_size(random);
    succeeds([&] { return arange(start, stop, step, dtype); });
    succeeds([&] { return arange(hostile_integer<int>(random), hostile_integer<int>(random), n); });
    succeeds([&] { return linspace(start, stop, n, dtype); });
    succeeds([&] { return linspace(start, stop, below(random, 9), dtype); });
    succeeds([&] { return eye(n, hostile_size(random), hostile_size(random), dtype); });
    succeeds([&] { return eye(5, 7, n, dtype); });
    succeeds([&] { return tri(n, hostile_size(random), hostile_size(random), dtype); });
    succeeds([&] { return tri(5, 7, n, dtype); });
    succeeds([&] { return full(hostile_shape(random, 4), array(start), dtype); });
    succeeds([&] { return zeros(hostile_shape(random, 4), dtype); });
    // Windows are made at once.
    int short_length = std::min(n, 65536);
    succeeds([&] { return hanning(short_length); });
    succeeds([&] { return hamming(short_length); });
    succeeds([&] { return blackman(short_length); });
    succeeds([&] { return bartlett(short_length); });
    succeeds([&] { return fft::fftfreq(n, start); });
    succeeds([&] { return fft::rfftfreq(n, start); });
  }
}

TEST_CASE("hostile arguments: convolutions") {
  Random random(25);
  array signal = random::normal({2, 9, 4}), image = random::normal({1, 5, 6, 2});
  for (int run = 0; run < 2 * rounds; ++run) {
    auto some = [&] { return below(random, 2) ? 1 + below(random, 3) : hostile_size(random); };
    array kernel = hostile_array({4, below(random, 12), 1 + below(random, 4)}, float32, random);
    int stride = some(), padding = some(), dilation = some(), groups = some(), more = some();
    succeeds([&] { return conv1d(signal, kernel, stride, padding, dilation, groups); });
    succeeds(
        [&] { return conv_transpose1d(signal, kernel, stride, padding, dilation, more, groups); });
    succeeds([&] {
      return conv_general(signal, kernel, {stride}, {padding}, {more}, {dilation}, {some()}, groups,
                          true);
    });
    succeeds([&] {
      return conv_general(signal, kernel, hostile_sizes(random, 2), hostile_sizes(random, 2),
                          hostile_sizes(random, 2), hostile_sizes(random, 2));
    });
    array square = random::normal({2, 3, 3, 2});
    succeeds([&] {
      return conv2d(image, square, {some(), some()}, {some(), some()}, {some(), some()}, some());
    });
    succeeds([&] {
      return conv_transpose2d(image, square, {some(), 1}, {some(), 1}, {1, some()}, {some(), 0});
    });
    succeeds([&] {
      return grad([&](const array& x) {
        array y = conv1d(x, kernel, stride, padding, dilation, groups);
        return y.size() > 4096 ? sum(x) : sum(y);
      })(signal);
    });
  }
}

TEST_CASE("hostile arguments: huge steps and paddings that leave small results") {
  array signal = ones({1, 5, 1}), kernel = ones({1, 3, 1});
  const int huge = 1 << 30;
  // The windows lie in the padding but for the one in the middle.
  array y = conv1d(signal, kernel, huge, huge);
  CHECK(y.shape() == Shape{1, 3, 1});
  CHECK(succeeds([&] { return y; }));
  CHECK(succeeds([&] { return conv_general(signal, kernel, {1}, {0}, {1}, {huge}); }) == false);
  CHECK(
      sum(conv_general(signal, kernel, {1 << 28}, {1 << 29}, {1 << 29}, {1 << 28})).item<float>() >=
      0);
}

TEST_CASE("hostile arguments: Fourier transforms") {
  Random random(26);
  for (Dtype dtype : all_dtypes) {
    array a = hostile_array({3, 7}, dtype, random);
    // The last is a prime, the one before has two large ones.
    for (int n : {0, 1, -1, 2, 13, INT32_MIN, INT32_MAX, 10007 * 3, 65537}) {
      succeeds([&] { return fft::fft(a, n, -1); });
      succeeds([&] { return fft::ifft(a, n, 0); });
      succeeds([&] { return fft::rfft(a, n, -1); });
      succeeds([&] { return fft::irfft(a, n, -1); });
    }
    for (int run = 0; run < 20; ++run) {
      succeeds([&] { return fft::fftn(a, hostile_shape(random, 2), hostile_sizes(random, 2)); });
      succeeds([&] { return fft::irfftn(a, Shape{below(random, 9), below(random, 9)}, {0, 1}); });
      succeeds([&] { return fft::fftshift(a, hostile_sizes(random, 2)); });
    }
    succeeds([&] { return hadamard_transform(a, NAN); });
  }
  CHECK(succeeds([] { return fft::fft(zeros({0, 4})); }));
  CHECK(!succeeds([] { return fft::fft(zeros({4, 0})); }));
}

TEST_CASE("hostile arguments: linear algebra") {
  Random random(27);
  for (Dtype dtype : {float32, float64, complex64, float16, int32, bool_}) {
    for (const Shape& shape : {Shape{0, 0}, Shape{1, 1}, Shape{3, 3}, Shape{2, 3}, Shape{2, 0, 0},
                               Shape{0, 3, 3}, Shape{3}, Shape{}, Shape{3, 0}}) {
      std::vector<array> matrices{zeros(shape, dtype), ones(shape, dtype),
                                  hostile_array(shape, dtype, random),
                                  full(shape, array(NAN), dtype)};
      for (auto& a : matrices) {
        succeeds([&] { return linalg::inv(a); });
        succeeds([&] { return linalg::tri_inv(a); });
        succeeds([&] { return linalg::cholesky_inv(a); });
        succeeds([&] { return linalg::pinv(a); });
        succeeds([&] { return linalg::det(a); });
        succeeds([&] { return linalg::slogdet(a).second; });
        succeeds([&] { return linalg::cholesky(a); });
        succeeds([&] { return linalg::lu(a); });
        succeeds([&] { return linalg::lu_factor(a).second; });
        succeeds([&] { return linalg::qr(a).first; });
        succeeds([&] { return linalg::svd(a); });
        succeeds([&] { return linalg::eig(a).second; });
        succeeds([&] { return linalg::eigh(a, "nonsense").second; });
        succeeds([&] { return linalg::eigvalsh(a); });
        succeeds([&] { return linalg::cross(a, a); });
        for (auto& b : matrices) {
          succeeds([&] { return linalg::solve(a, b); });
          succeeds([&] { return linalg::solve_triangular(a, b, true); });
        }
        for (double order : {0.0, 1.0, -2.0, 2.0, (double)INFINITY, (double)NAN, 1e300})
          succeeds([&] { return linalg::norm(a, order, hostile_sizes(random, 3)); });
        for (const char* order : {"fro", "nuc", "f", ""})
          succeeds([&] { return linalg::norm(a, std::string(order)); });
      }
    }
  }
}

TEST_CASE("hostile arguments: subscripts of einsum") {
  Random random(28);
  const std::string letters = "ijk,,->..  Z1.";
  array a = random::normal({2, 3}), b = random::normal({3, 4});
  for (int run = 0; run < 3000; ++run) {
    std::string subscripts = below(random, 2) ? "ij,jk->ik" : "";
    for (int changes = below(random, 8); changes > 0; --changes)
      subscripts.insert(size_t(below(random, int(subscripts.size()) + 1)), 1,
                        letters[random() % letters.size()]);
    succeeds([&] { return einsum(subscripts, {a, b}); });
    succeeds([&] { return einsum(subscripts, {a}); });
    succeeds([&] { return einsum(subscripts, {}); });
  }
  succeeds([&] { return tensordot(a, b, INT32_MAX); });
  succeeds([&] { return tensordot(a, b, hostile_sizes(random, 2), hostile_sizes(random, 2)); });
}

TEST_CASE("hostile arguments: distributions with bounds and parameters out of range") {
  Random random(29);
  array key = random::key(1);
  for (int run = 0; run < rounds; ++run) {
    Dtype dtype = all_dtypes[below(random, dtype_count)];
    Dtype other = all_dtypes[below(random, dtype_count)];
    array low = hostile_array({9}, dtype, random), high = hostile_array({9}, other, random);
    succeeds([&] { return random::uniform(low, high, {9}, dtype, key); });
    succeeds([&] { return random::randint(low, high, {9}, dtype, key); });
    succeeds([&] { return random::normal({9}, dtype, low, high, key); });
    succeeds([&] { return random::bernoulli(low, {9}, key); });
    succeeds([&] { return random::truncated_normal(low, high, {9}, dtype, key); });
    succeeds([&] { return random::gumbel({9}, dtype, key); });
    succeeds([&] { return random::laplace({9}, dtype, NAN, INFINITY, key); });
    succeeds([&] { return random::categorical(low, -1, 5, key); });
    succeeds([&] { return random::categorical(low, 0, hostile_size(random), key); });
    succeeds([&] { return random::categorical(zeros({3, 0}), -1, 2, key); });
    succeeds([&] { return random::permutation(low, hostile_size(random), key); });
    int n = hostile_size(random);
    succeeds([&] { return random::permutation(n <= 65536 ? n : -n, key); });
    succeeds([&] { return random::bits(hostile_shape(random, 3), hostile_size(random), key); });
    succeeds([&] { return random::bits({3}, 4, low); });
    succeeds([&] { return random::split(key, hostile_size(random)); });
    succeeds([&] {
      return random::multivariate_normal(low, full({9, 9}, array(NAN)), {2}, float32, key);
    });
  }
}

TEST_CASE("hostile arguments: quantized codes, scales and formats of garbage") {
  Random random(30);
  for (const char* mode : {"affine", "mxfp4", "mxfp8", "nvfp4"}) {
    for (int run = 0; run < 40; ++run) {
      auto some = [&] {
        std::optional<int> size;
        if (below(random, 3))
          size = below(random, 2) ? 1 << below(random, 8) : hostile_size(random);
        return size;
      };
      array w = hostile_array({8, 64}, pick(random, floating_dtypes), random);
      auto group = some(), bits = some();
      std::vector<array> parts;
      succeeds([&] { return parts = quantize(w, group, bits, mode); });
      array codes = hostile_array({8, 8}, uint32, random);
      array x = hostile_array({3, 64}, float32, random);
      for (Dtype dtype : all_dtypes) {
        array scales = hostile_array({8, 1 << below(random, 4)}, dtype, random);
        std::optional<array> biases;
        if (below(random, 3)) biases = hostile_array(scales.shape(), dtype, random);
        succeeds([&] { return dequantize(codes, scales, biases, group, bits, mode); });
        bool transposed = below(random, 2) == 0;
        succeeds([&] {
          return quantized_matmul(x, codes, scales, biases, transposed, group, bits, mode);
        });
        succeeds([&] { return qqmm(x, codes, scales, group, bits, mode); });
        succeeds([&] { return from_fp8(hostile_array({300}, uint8, random), dtype); });
        succeeds([&] { return to_fp8(hostile_array({300}, dtype, random)); });
        succeeds([&] { return from_fp8(hostile_array({30}, dtype, random), float32); });
      }
    }
  }
}

TEST_CASE("hostile arguments: layers of transformers") {
  Random random(31);
  for (int run = 0; run < rounds; ++run) {
    Dtype dtype = all_dtypes[below(random, dtype_count)];
    auto extent = [&] { return below(random, 4); };
    array q = hostile_array({1, 2, extent(), 4}, dtype, random);
    array k = hostile_array({1, 1 + below(random, 2), extent(), 4}, dtype, random);
    array mask = hostile_array({extent(), extent()}, pick(random, floating_dtypes), random);
    succeeds([&] { return fast::scaled_dot_product_attention(q, k, k, NAN, "causal"); });
    succeeds([&] { return fast::scaled_dot_product_attention(q, k, k, 1e30f, "", mask); });
    succeeds([&] { return fast::scaled_dot_product_attention(q, k, k, 1.0f, "array", mask); });
    array weight = hostile_array({extent()}, dtype, random);
    succeeds([&] { return fast::rms_norm(q, weight, -1.0f); });
    succeeds([&] { return fast::layer_norm(q, weight, weight, NAN); });
  }
}
