#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "derivative_checks.h"
#include "mlx/random.h"

using namespace mlx::core;
using namespace mlx::core::testing;
// The C library has a function named random.
namespace draw = mlx::core::random;

// Known answers come from Threefry-2x32 and the distributions' formulas in NumPy and SciPy.

namespace {

using Numbers = std::vector<double>;

const array key42() { return draw::key(42); }

/// Within so many units in the last place of float32.
void check_close(const array& got, const Numbers& expected, double ulps = 4) {
  Numbers numbers = values(got);
  REQUIRE(numbers.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    CHECK(std::abs(numbers[i] - expected[i]) <= ulps * std::abs(expected[i]) * 0x1p-23);
}

double mean_of(const array& a) { return mean(astype(a, float64)).item<double>(); }
double deviation_of(const array& a) { return mlx::core::std(astype(a, float64)).item<double>(); }

}  // namespace

TEST_CASE("keys hold the seed's two words") {
  CHECK(values(draw::key(0)) == Numbers{0, 0});
  CHECK(values(draw::key((uint64_t(7) << 32) | 0xfffffff0u)) == Numbers{7, 4294967280.0});
  CHECK(draw::key(1).dtype() == uint32);
}

TEST_CASE("bits are Threefry's") {
  CHECK(draw::bits({1}, draw::key(0)).item<uint32_t>() == 0x6b200159u);
  CHECK(values(draw::bits({5}, key42())) == Numbers{double(0xbad56946), double(0xde837c89),
                                                    double(0x3249c374), double(0x354ba891),
                                                    double(0x2fc69b62)});
  CHECK(values(draw::bits({5}, 1, key42())) == Numbers{45, 179, 215, 3, 244});
  CHECK(values(draw::bits({3}, 2, key42())) == Numbers{45869, 983, 33780});
  CHECK(draw::bits({2}, 1, key42()).dtype() == uint8);
  CHECK(draw::bits({2}, 2, key42()).dtype() == uint16);
  CHECK(draw::bits({0, 3}, key42()).size() == 0);
  CHECK(draw::bits({}, key42()).shape() == Shape{});
  CHECK_THROWS_AS(draw::bits({2}, 3, key42()), std::invalid_argument);
  CHECK_THROWS_AS(draw::bits({2}, array({1, 2})), std::invalid_argument);
  CHECK_THROWS_AS(draw::bits({2}, array({1u, 2u, 3u})), std::invalid_argument);
}

TEST_CASE("splitting keys") {
  CHECK(values(draw::split(key42(), 3)) ==
        Numbers{3134548294, 3733159049, 3746501087, 894150801, 801545058, 2363201431});
  auto [first, second] = draw::split(key42());
  CHECK(values(second) == Numbers{255383827, 267815257});
  CHECK(values(first) == Numbers{2465931498, 3679230171});
}

TEST_CASE("the sequence of keys: a split for each draw, restored from its state") {
  draw::KeySequence sequence(42);
  CHECK(values(sequence.next()) == Numbers{255383827, 267815257});
  array state = sequence.state();
  CHECK(values(sequence.next()) == Numbers{3923418436, 1366451097});
  sequence.set_state(state);
  CHECK(values(sequence.next()) == Numbers{3923418436, 1366451097});
  // A state that is still to be computed gives the same.
  sequence.set_state(take(draw::split(key42(), 2), 0, 0));
  CHECK(values(sequence.next()) == Numbers{3923418436, 1366451097});
  CHECK_THROWS_AS(sequence.set_state(array({1.0f, 2.0f})), std::invalid_argument);
}

TEST_CASE("each thread has a sequence of its own") {
  draw::seed(42);
  std::thread([] { draw::seed(1); }).join();
  array first = draw::uniform({4}), second = draw::uniform({4});
  draw::seed(42);
  CHECK(array_equal(draw::uniform({4}), first).item<bool>());
  CHECK(array_equal(draw::uniform({4}), second).item<bool>());
  CHECK(!array_equal(first, second).item<bool>());
}

TEST_CASE("uniform, to the bit") {
  CHECK(values(draw::uniform({4}, key42())) ==
        Numbers{0.5741444230079651, 0.8566375374794006, 0.05946118012070656, 0.06235560029745102});
  CHECK(values(draw::uniform(-2.0f, 5.0f, {4}, float32, key42())) ==
        Numbers{2.0190110206604004, 3.996462821960449, -1.5837717056274414, -1.563510775566101});
  array half = view(draw::uniform({4}, float16, key42()), uint16);
  CHECK(values(half) == Numbers{0x3898, 0x3ada, 0x2b9c, 0x2bfb});
  for (Dtype dtype : {float16, bfloat16, float32, float64}) {
    array u = draw::uniform({100000}, dtype, key42());
    CHECK(u.dtype() == dtype);
    CHECK(max(u).item<double>() < 1.0);
    CHECK(min(u).item<double>() >= 0.0);
    CHECK(mean_of(u) == doctest::Approx(0.5).epsilon(0.01));
  }
  array rows = draw::uniform(array({0.0f, 10.0f}), array({1.0f, 20.0f}), {3, 2}, float32, key42());
  CHECK(min(slice(rows, {0, 1}, {3, 2})).item<float>() >= 10.0f);
  CHECK_THROWS_AS(draw::uniform({2}, int32), DtypeError);
  CHECK_THROWS_AS(draw::uniform(array({0.0f, 1.0f}), array(1.0f), {3}), ShapeError);
}

TEST_CASE("normal") {
  check_close(draw::normal({4}, key42()),
              {0.1869356483221054, 1.0653338432312012, -1.5593124628067017, -1.5352953672409058});
  array wide = draw::normal({100000}, float32, 3.0f, 2.0f, key42());
  CHECK(mean_of(wide) == doctest::Approx(3).epsilon(0.01));
  CHECK(deviation_of(wide) == doctest::Approx(2).epsilon(0.01));
  CHECK(draw::normal({3}, bfloat16, key42()).dtype() == bfloat16);
  array z = draw::normal({100000}, complex64, key42());
  CHECK(z.dtype() == complex64);
  CHECK(deviation_of(real(z)) == doctest::Approx(std::sqrt(0.5)).epsilon(0.01));
  CHECK(deviation_of(imag(z)) == doctest::Approx(std::sqrt(0.5)).epsilon(0.01));
  array shifted = draw::normal({2}, complex64, array(complex64_t(1, 2)), array(0.0f), key42());
  CHECK(values(imag(shifted)) == Numbers{2, 2});
  CHECK(all(isfinite(draw::normal({1000000}, float16, key42()))).item<bool>());
  CHECK_THROWS_AS(draw::normal({2}, int32), DtypeError);
}

TEST_CASE("Laplace and Gumbel") {
  check_close(draw::laplace({4}, key42()),
              {-0.16050790076117077, -1.2492321800435313, 2.1292839951895353, 2.081754012575186});
  array wide = draw::laplace({100000}, float32, 1.0f, 3.0f, key42());
  CHECK(mean_of(wide) == doctest::Approx(1).epsilon(0.05));
  CHECK(deviation_of(wide) == doctest::Approx(3 * std::sqrt(2.0)).epsilon(0.02));
  // Two logarithms of numbers near 1 lose some digits.
  check_close(draw::gumbel({4}, float32, key42()),
              {0.589013666051295, 1.8660064483012544, -1.0375987879810942, -1.0206153557835498});
  CHECK(mean_of(draw::gumbel({100000}, float32, key42())) ==
        doctest::Approx(0.5772157).epsilon(0.02));
  CHECK_THROWS_AS(draw::gumbel({2}, int32), DtypeError);
  CHECK_THROWS_AS(draw::laplace({2}, complex64), DtypeError);
}

TEST_CASE("the truncated normal distribution keeps its bounds") {
  check_close(draw::truncated_normal(array(-1.0f), array(0.5f), {4}, float32, key42()),
              {-0.08894314188520598, 0.2925788070328716, -0.8766565204290019, -0.8709938123428519},
              8);
  for (Dtype dtype : {float16, bfloat16, float32, float64}) {
    array x = draw::truncated_normal(array(-2.0f), array(1.0f), {20000}, dtype, key42());
    CHECK(x.dtype() == dtype);
    CHECK(min(x).item<double>() >= -2);
    CHECK(max(x).item<double>() <= 1);
  }
  CHECK(draw::truncated_normal(zeros({3, 1}), ones({2})).shape() == Shape{3, 2});
  CHECK_THROWS_AS(draw::truncated_normal(zeros({3}), ones({3}), {2}), ShapeError);
}

TEST_CASE("the truncated normal distribution far out in its tails") {
  // Quantiles at 0.1, 0.5 and 0.9 from mpmath, at 40 digits.
  struct Tail {
    float lower, upper;
    std::vector<double> quantiles;
  };
  const float infinity = std::numeric_limits<float>::infinity();
  for (const auto& [lower, upper, quantiles] :
       {Tail{6, 7, {6.01706172327, 6.11135821551, 6.36163204438}},
        Tail{8, 9, {8.0129605715, 8.08488889902, 8.27860903701}},
        Tail{100, infinity, {100.001053494, 100.006930539, 100.0230209}}}) {
    const int count = 40000;
    array right = draw::truncated_normal(array(lower), array(upper), {count}, float32, key42());
    array left = draw::truncated_normal(array(-upper), array(-lower), {count}, float32, key42());
    CHECK(array_equal(left, negative(right)).item<bool>());
    CHECK(min(right).item<float>() >= lower);
    CHECK(max(right).item<float>() <= upper);
    CHECK(all(isfinite(right)).item<bool>());
    array ordered = sort(right);
    for (int i = 0; i < 3; ++i) {
      int place = int(count * (0.1 + 0.4 * i));
      double excess = slice(ordered, {place}, {place + 1}).item<float>() - double(lower);
      // The standard error of these quantiles is below 1.7 %.
      CHECK(excess == doctest::Approx(quantiles[size_t(i)] - double(lower)).epsilon(0.05));
    }
  }
  // Bounds in the middle and in a tail, in one array.
  array mixed = draw::truncated_normal(array({-1.0f, 8.0f}), array({1.0f, 9.0f}), {1000, 2},
                                       float32, key42());
  array middle = draw::truncated_normal(array(-1.0f), array(1.0f), {1000, 2}, float32, key42());
  CHECK(array_equal(take(mixed, 0, 1), take(middle, 0, 1)).item<bool>());
}

TEST_CASE("random integers") {
  CHECK(values(draw::randint(-3, 10, {8}, int32, key42())) == Numbers{5, 4, 0, 0, 6, 0, -3, -3});
  for (Dtype dtype : {uint8, int8, int16, uint32, int64, uint64}) {
    array x = draw::randint(0, 100, {20000}, dtype, key42());
    CHECK(x.dtype() == dtype);
    CHECK(min(x).item<int>() == 0);
    CHECK(max(x).item<int>() == 99);
  }
  CHECK(max(draw::randint(0, 256, {20000}, uint8, key42())).item<int>() == 255);
  array large = draw::randint(0, 2147483647, {20000}, int32, key42());
  CHECK(min(large).item<int>() >= 0);
  CHECK(values(draw::randint(array({0, 100}), array({1, 101}), {2}, int32, key42())) ==
        Numbers{0, 100});
  CHECK_THROWS_AS(draw::randint(0, 3, {2}, float32), DtypeError);
  CHECK(draw::randint(0, 2, {2}, bool_).dtype() == bool_);
}

TEST_CASE("coins") {
  CHECK(values(draw::bernoulli(0.3f, {8}, key42())) == Numbers{0, 0, 1, 1, 0, 1, 1, 1});
  CHECK(draw::bernoulli(0.3f, {8}, key42()).dtype() == bool_);
  CHECK(all(draw::bernoulli(1.0f, {100000}, key42())).item<bool>());
  CHECK(!any(draw::bernoulli(0.0f, {100000}, key42())).item<bool>());
  CHECK(mean_of(draw::bernoulli(array(0.7f), {100000}, key42())) ==
        doctest::Approx(0.7).epsilon(0.01));
  CHECK(values(draw::bernoulli(array({0.0f, 1.0f, 0.0f}), key42())) == Numbers{0, 1, 0});
  // A double is compared as the float32 it stands for.
  CHECK(array_equal(draw::bernoulli(0.3, {1000}, key42()), draw::bernoulli(0.3f, {1000}, key42()))
            .item<bool>());
  CHECK_THROWS_AS(draw::bernoulli(array({0.5f, 0.5f}), Shape{3}), ShapeError);
}

TEST_CASE("categories by noise: one draw for each row") {
  array logits({0.0f, 1.0f, 2.0f, 0.5f});
  array rows = broadcast_to(logits, {3, 4});
  array drawn = draw::categorical(rows, -1, key42());
  CHECK(values(drawn) == Numbers{3, 2, 2});
  CHECK(drawn.dtype() == uint32);
  CHECK(values(draw::categorical(transpose(rows), 0, key42())).size() == 3);
  CHECK(draw::categorical(zeros({2, 3, 4}), 1, key42()).shape() == Shape{2, 4});
  CHECK(draw::categorical(zeros({2, 5}), 1, {7, 2}, key42()).shape() == Shape{7, 2});
  CHECK(draw::categorical(zeros({2, 5}), 1, 6, key42()).shape() == Shape{2, 6});
  CHECK(draw::categorical(zeros({5, 2}), 0, 6, key42()).shape() == Shape{2, 6});
  CHECK(draw::categorical(logits, -1, key42()).shape() == Shape{});
  CHECK_THROWS_AS(draw::categorical(zeros({2, 5}), 1, Shape{3}, key42()), ShapeError);
  CHECK_THROWS_AS(draw::categorical(zeros({2, 5}), 2, key42()), IndexError);
  CHECK_THROWS_AS(draw::categorical(zeros({2, 0}), 1, key42()), std::invalid_argument);
}

TEST_CASE("categories by inversion: many draws from one row") {
  array logits({0.0f, 1.0f, 2.0f, 0.5f});
  CHECK(values(draw::categorical(logits, -1, {10}, key42())) ==
        Numbers{2, 2, 1, 3, 2, 1, 2, 1, 2, 2});
  CHECK(array_equal(draw::categorical(logits, -1, 10, key42()),
                    draw::categorical(logits, -1, {10}, key42()))
            .item<bool>());
  CHECK(draw::categorical(expand_dims(logits, 0), -1, 6, key42()).shape() == Shape{1, 6});

  array many = draw::categorical(logits, -1, {100000}, key42());
  array expected = softmax(logits);
  for (int i = 0; i < 4; ++i)
    CHECK(mean_of(equal(many, array(uint32_t(i)))) ==
          doctest::Approx(take(expected, i).item<float>()).epsilon(0.05));

  float infinity = std::numeric_limits<float>::infinity();
  array only({-infinity, 3.0f, -infinity});
  CHECK(all(equal(draw::categorical(only, -1, {1000}, key42()), array(1u))).item<bool>());
  array two({infinity, 0.0f, infinity});
  array drawn = draw::categorical(two, -1, {1000}, key42());
  CHECK(!any(equal(drawn, array(1u))).item<bool>());
  CHECK(mean_of(drawn) == doctest::Approx(1).epsilon(0.2));
}

TEST_CASE("permutations") {
  CHECK(values(draw::permutation(8, key42())) == Numbers{7, 6, 3, 2, 5, 1, 0, 4});
  array x = reshape(arange(24), {8, 3});
  CHECK(array_equal(draw::permutation(x, 0, key42()), take(x, draw::permutation(8, key42()), 0))
            .item<bool>());
  CHECK(
      array_equal(sort(draw::permutation(transpose(x), 1, key42()), 1), transpose(x)).item<bool>());
  CHECK(draw::permutation(0).size() == 0);
  CHECK_THROWS_AS(draw::permutation(array(3)), IndexError);
  CHECK_THROWS_AS(draw::permutation(-2), ShapeError);
}

TEST_CASE("vmap over keys draws under each of them") {
  array keys = draw::split(key42(), 3);
  check_vmap([](auto& x) { return draw::uniform({2, 5}, x[0]); }, {keys}, {0}, 1);
  check_vmap([](auto& x) { return draw::bits({5}, 1, x[0]); }, {transpose(keys)}, {1});
  array logits = random_array({3, 6}, 1, -1, 1, float32);
  auto sample = [](auto& x) { return draw::categorical(x[0], -1, {4, 2}, x[1]); };
  check_vmap(sample, {logits, keys}, {0, 0});
  check_vmap(sample, {take(logits, 0, 0), keys}, {-1, 0});
  check_vmap(sample, {logits, key42()}, {0, -1});
}

TEST_CASE("gradients pass the parameters of a distribution") {
  auto f = [](const std::vector<array>& x) {
    return draw::normal({5}, float64, x[0], x[1], key42()) +
           draw::uniform(x[0], x[1], {5}, float64, key42());
  };
  check_derivatives(f, {random_array({5}, 1), random_array({5}, 2)});
}

TEST_CASE("vectors of the normal distribution have the mean and the covariance") {
  array mean({1.0f, -2.0f, 0.5f}), root = random_array({3, 3}, 5, -1, 1, float32);
  array cov = matmul(root, transpose(root));
  for (Dtype dtype : {float32, float64}) {
    array x = astype(draw::multivariate_normal(mean, cov, {40000}, dtype, key42()), float64);
    CHECK(x.shape() == Shape{40000, 3});
    array center = mlx::core::mean(x, 0);
    CHECK(distance(center, astype(mean, float64)) < 0.03);
    array rest = subtract(x, center);
    array observed = divide(matmul(transpose(rest), rest), array(40000.0));
    CHECK(distance(observed, astype(cov, float64)) < 0.05);
  }
  // Draws times the covariance's symmetric root, which is the identity here.
  array plain = draw::multivariate_normal(zeros({2}), eye(2), {3}, float32, key42());
  CHECK(distance(plain, draw::normal({3, 2}, float32, key42())) < 1e-6);
  CHECK_THROWS_AS(draw::multivariate_normal(mean, cov, {}, float16), DtypeError);
  CHECK_THROWS_AS(draw::multivariate_normal(mean, cov, {}, bfloat16), DtypeError);
  CHECK(draw::multivariate_normal(mean, cov, {}, float32).shape() == Shape{3});
  CHECK(draw::multivariate_normal(zeros({4, 1, 2}), zeros({5, 2, 2}), {}, float32).shape() ==
        Shape{4, 5, 2});
  CHECK(draw::multivariate_normal(mean, cov, {0}, float32).shape() == Shape{0, 3});
  CHECK_THROWS_AS(draw::multivariate_normal(mean, eye(2), {}, float32), ShapeError);
  CHECK_THROWS_AS(draw::multivariate_normal(array(1.0f), cov, {}, float32), ShapeError);
  CHECK_THROWS_AS(draw::multivariate_normal(zeros({4, 3}), cov, {3}, float32), ShapeError);
  CHECK_THROWS_AS(draw::multivariate_normal(mean, cov, {}, int32), DtypeError);
  array bad = full({3, 3}, std::nanf(""));
  CHECK_THROWS_AS(eval(draw::multivariate_normal(mean, bad, {}, float32)), EngineError);
}
