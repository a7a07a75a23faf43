#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "derivative_checks.h"
#include "mlx/fft.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Axes = std::vector<int>;
using fft::FFTNorm;
using Numbers = std::vector<double>;

/// The transform along an axis as a product with the matrix of roots of unity.
array matrix_transform(const array& a, int axis, bool inverse) {
  int n = a.shape(axis);
  std::vector<complex64_t> roots;
  for (int k = 0; k < n; ++k)
    for (int j = 0; j < n; ++j) {
      double angle = (inverse ? 2 : -2) * M_PI * double(int64_t(j) * k % n) / n;
      roots.emplace_back(float(std::cos(angle)), float(std::sin(angle)));
    }
  array matrix(roots.begin(), Shape{n, n}, complex64);
  array product = matmul(moveaxis(astype(a, complex64), axis, -1), transpose(matrix));
  return moveaxis(product, -1, axis);
}

array first_half(const array& spectrum, int axis) {
  Shape start(spectrum.ndim()), stop = spectrum.shape();
  for (auto& s : start) s = 0;
  stop[axis] = stop[axis] / 2 + 1;
  return slice(spectrum, start, stop);
}

const double kTolerance = 2e-5;

}  // namespace

TEST_CASE("fft and ifft along each axis are those of the matrix") {
  array a = random_array({4, 6, 5}, 1, -1, 1, complex64);
  for (const array& x : {a, transpose(a, {2, 0, 1}), slice(a, {0, 0, 4}, {4, 6, -6}, {1, 1, -1})})
    for (int axis : {0, 1, 2, -1}) {
      int at = axis < 0 ? axis + 3 : axis;
      float n = float(x.shape(at));
      array forward = matrix_transform(x, at, false), backward = matrix_transform(x, at, true);
      CHECK(distance(fft::fft(x, axis), forward) < kTolerance);
      CHECK(distance(fft::ifft(x, axis), backward / n) < kTolerance);
      CHECK(distance(fft::fft(x, axis, FFTNorm::Forward), forward / n) < kTolerance);
      CHECK(distance(fft::ifft(x, axis, FFTNorm::Forward), backward) < kTolerance);
      CHECK(distance(fft::fft(x, axis, FFTNorm::Ortho), forward / std::sqrt(n)) < kTolerance);
      CHECK(distance(fft::ifft(x, axis, FFTNorm::Ortho), backward / std::sqrt(n)) < kTolerance);
      CHECK(distance(fft::rfft(real(x), axis), first_half(fft::fft(real(x), axis), at)) <
            kTolerance);
      CHECK(distance(fft::irfft(fft::rfft(real(x), axis), x.shape(at), axis), real(x)) <
            kTolerance);
    }
}

TEST_CASE("transforms of several axes are those of one after another") {
  array x = random_array({4, 6, 5}, 2, -1, 1, complex64), r = real(x);
  CHECK(distance(fft::fftn(x), fft::fft(fft::fft(fft::fft(x, 0), 1), 2)) < kTolerance);
  CHECK(distance(fft::fft2(x), fft::fft(fft::fft(x, 1), 2)) < kTolerance);
  CHECK(distance(fft::fft2(x, Axes{2, 0}), fft::fft(fft::fft(x, 0), 2)) < kTolerance);
  CHECK(distance(fft::ifftn(fft::fftn(x)), x) < kTolerance);
  CHECK(distance(fft::ifft2(fft::fft2(x)), x) < kTolerance);
  CHECK(distance(fft::rfftn(r), fft::fft(fft::fft(fft::rfft(r, 2), 1), 0)) < kTolerance);
  CHECK(distance(fft::rfft2(r, Axes{1, 0}), fft::fft(fft::rfft(r, 0), 1)) < kTolerance);
  CHECK(distance(fft::irfftn(fft::rfftn(r), Shape{4, 6, 5}, {0, 1, 2}), r) < kTolerance);
  CHECK(distance(fft::irfft2(fft::rfft2(r, Axes{2, 1}), Axes{2, 1}), r) < kTolerance);
  CHECK(distance(fft::fftn(x, FFTNorm::Ortho), fft::fftn(x) / float(std::sqrt(120.0))) <
        kTolerance);
  CHECK(distance(
            fft::irfftn(fft::rfftn(r, Axes{0, 1}, FFTNorm::Forward), Axes{0, 1}, FFTNorm::Forward),
            r) < kTolerance);
}

TEST_CASE("transforms of many small slices, of any strides") {
  array x = random_array({5, 4, 6, 3}, 12, -1, 1, complex64);
  for (const array& a : {x, transpose(x, {2, 1, 0, 3}), transpose(x, {3, 2, 1, 0})}) {
    array r = real(a);
    CHECK(distance(fft::fft2(a), fft::fft(fft::fft(a, 2), 3)) < kTolerance);
    CHECK(distance(fft::ifft2(a), fft::ifft(fft::ifft(a, 2), 3)) < kTolerance);
    CHECK(distance(fft::rfft2(r), fft::fft(fft::rfft(r, 3), 2)) < kTolerance);
    CHECK(distance(fft::rfft2(r, Axes{3, 2}), fft::fft(fft::rfft(r, 2), 3)) < kTolerance);
    CHECK(distance(fft::irfft2(a), fft::irfft(fft::ifft(a, 2), 3)) < kTolerance);
    CHECK(distance(fft::irfft2(a, {5, 4}, {2, 3}), fft::irfft(fft::ifft(a, 5, 2), 4, 3)) <
          kTolerance);
  }
}

TEST_CASE("fft: lengths cut and pad") {
  array x = random_array({3, 8}, 3, -1, 1, complex64), r = real(x);
  array cut = slice(x, {0, 0}, {3, 5}), padded = pad(x, {{0, 0}, {0, 4}});
  CHECK(distance(fft::fft(x, 5, 1), fft::fft(cut, 1)) < kTolerance);
  CHECK(distance(fft::fft(x, 12, 1), fft::fft(padded, 1)) < kTolerance);
  CHECK(distance(fft::fft2(x, {5, 5}, {0, 1}), fft::fft2(pad(cut, {{0, 2}, {0, 0}}))) < kTolerance);
  CHECK(distance(fft::rfft(r, 12, 1), fft::rfft(real(padded), 1)) < kTolerance);
  CHECK(distance(fft::rfft(r, 5, 1), fft::rfft(real(cut), 1)) < kTolerance);
  CHECK(fft::irfft(x, 1).shape() == Shape{3, 14});
  CHECK(fft::irfft(x, 15, 1).shape() == Shape{3, 15});
  CHECK(distance(fft::irfft(x, 9, 1), fft::irfft(cut, 9, 1)) < kTolerance);
  CHECK(distance(fft::irfft(x, 1, 1), real(slice(x, {0, 0}, {3, 1}))) < kTolerance);
  CHECK(distance(fft::irfft(x, 18, 1), fft::irfft(pad(x, {{0, 0}, {0, 2}}), 18, 1)) < kTolerance);
}

TEST_CASE("fft: dtypes") {
  for (Dtype dtype : {bool_, uint8, int16, int64, uint64, float16, bfloat16, float32, float64}) {
    array x = astype(array({1, 0, 1, 1}), dtype);
    CHECK(fft::fft(x).dtype() == complex64);
    CHECK(fft::rfft(x).dtype() == complex64);
    CHECK(fft::irfft(x).dtype() == float32);
    CHECK(values(real(fft::fft(x))) == Numbers{3, 0, 1, 0});
    CHECK(values(imag(fft::rfft(x))) == Numbers{0, 1, 0});
    CHECK(values(fft::irfft(ones({3}, dtype))) == Numbers{1, 0, 0, 0});
  }
  CHECK_THROWS_AS(fft::rfft(zeros({4}, complex64)), DtypeError);
}

TEST_CASE("fft: sizes of zero and bad arguments") {
  CHECK(fft::fft(zeros({0, 4})).shape() == Shape{0, 4});
  CHECK(fft::rfft(zeros({0, 4})).shape() == Shape{0, 3});
  CHECK(fft::irfft(zeros({0, 4})).shape() == Shape{0, 6});
  CHECK(fft::fftn(zeros({3, 0, 4}), Axes{0, 2}).shape() == Shape{3, 0, 4});
  CHECK(values(real(fft::fft(zeros({2, 0}), 3, 1))) == Numbers(6, 0.0));
  CHECK(values(fft::irfft(zeros({0}), 3, 0)) == Numbers(3, 0.0));
  CHECK_THROWS_AS(fft::fft(zeros({4, 0})), std::invalid_argument);
  CHECK_THROWS_AS(fft::irfft(zeros({1})), std::invalid_argument);
  CHECK_THROWS_AS(fft::fft(zeros({4}), 0, 0), std::invalid_argument);
  CHECK_THROWS_AS(fft::fft(zeros({4}), -1, 0), std::invalid_argument);
  CHECK_THROWS_AS(fft::fft(zeros({4}), 1), IndexError);
  CHECK_THROWS_AS(fft::fft2(zeros({4})), IndexError);
  CHECK_THROWS_AS(fft::fft(array(1.0f)), IndexError);
  CHECK_THROWS_AS(fft::fftn(array(1.0f)), std::invalid_argument);
  CHECK_THROWS_AS(fft::fftn(zeros({4, 4}), Shape{4}, {0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(fft::fftn(zeros({4, 4}), Axes{0, -2}), std::invalid_argument);
  CHECK_THROWS_WITH_AS(fft::fft(zeros({4, 2}), 0, 1),
                       "[fftn] Expected lengths of at least 1, but got 0 for an array of shape "
                       "(4,2).",
                       std::invalid_argument);
}

TEST_CASE("fft: parts that real lines' spectra don't have are ignored") {
  for (int n : {4, 5, 64, 65}) {
    array spectrum = random_array({n / 2 + 1}, 5, -1, 1, complex64);
    spectrum.eval();
    array cleared = contiguous(spectrum);
    cleared.eval();
    auto* x = cleared.data<complex64_t>();
    x[0] = complex64_t(x[0].real(), 0);
    if (n % 2 == 0) x[n / 2] = complex64_t(x[n / 2].real(), 0);
    CHECK(distance(fft::irfft(spectrum, n, 0), fft::irfft(cleared, n, 0)) < 1e-7);
  }
}

TEST_CASE("fft: infinities and NaN spread as sums do") {
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(values(real(fft::fft(array({1.0f, infinity})))) == Numbers{infinity, -infinity});
  array spectrum = fft::fft(array({1.0f, std::nanf(""), 2.0f}));
  CHECK(all(isnan(real(spectrum))).item<bool>());
  array rows = fft::fft(array({1.0f, std::nanf(""), 2.0f, 3.0f}, {2, 2}));
  CHECK(values(isnan(real(rows))) == Numbers{1, 1, 0, 0});
}

TEST_CASE("derivatives of transforms") {
  array x = random_array({3, 4, 5}, 6, -1, 1, complex64),
        r = random_array({3, 4, 5}, 7, -1, 1, float32);
  for (FFTNorm norm : {FFTNorm::Backward, FFTNorm::Ortho, FFTNorm::Forward})
    for (const Axes& axes : {Axes{2}, Axes{0}, Axes{1, 2}, Axes{2, 1}, Axes{0, 1, 2}}) {
      check_derivatives([&](auto& a) { return fft::fftn(a[0], axes, norm); }, {x});
      check_derivatives([&](auto& a) { return fft::ifftn(a[0], axes, norm); }, {x});
      check_derivatives([&](auto& a) { return fft::rfftn(a[0], axes, norm); }, {r});
      check_derivatives([&](auto& a) { return fft::irfftn(a[0], axes, norm); }, {x});
      Shape lengths;
      for (int axis : axes) lengths.push_back(axis + 5);
      check_derivatives([&](auto& a) { return fft::rfftn(a[0], lengths, axes, norm); }, {r});
      check_derivatives([&](auto& a) { return fft::irfftn(a[0], lengths, axes, norm); }, {x});
    }
  check_derivatives([](auto& a) { return fft::fftshift(a[0]); }, {r});
  // Twice: the energy's gradient is linear.
  ScalarFunction energy = [](const array& a) { return sum(square(abs(fft::rfft(a)))); };
  check_derivatives([&](auto& a) { return grad(energy)(a[0]); },
                    {random_array({6}, 8, -1, 1, float32)});
}

TEST_CASE("vmap of transforms") {
  array x = random_array({3, 4, 5}, 9, -1, 1, complex64);
  for (int mapped : {0, 1, 2})
    for (const Axes& axes : {Axes{0}, Axes{1}, Axes{0, 1}, Axes{-1, 0}}) {
      auto close = [&](const auto& f, const array& input) {
        auto vector_f = [&](const std::vector<array>& a) { return std::vector<array>{f(a[0])}; };
        array got = vmap(VectorFunction(vector_f), {mapped}, {1})({input})[0];
        std::vector<array> rows;
        for (int k = 0; k < input.shape(mapped); ++k) rows.push_back(f(take(input, k, mapped)));
        CHECK(distance(got, stack(rows, 1)) < kTolerance);
      };
      close([&](const array& a) { return fft::fftn(a, axes); }, x);
      close([&](const array& a) { return fft::ifftn(a, axes); }, x);
      close([&](const array& a) { return fft::rfftn(a, axes); }, real(x));
      close([&](const array& a) { return fft::irfftn(a, axes); }, x);
    }
}

TEST_CASE("fftshift, ifftshift and frequencies") {
  CHECK(values(fft::fftfreq(4)) == Numbers{0, 0.25, -0.5, -0.25});
  CHECK(values(fft::fftfreq(5, 0.2)) == Numbers{0, 1, 2, -2, -1});
  CHECK(values(fft::fftfreq(1)) == Numbers{0});
  CHECK(values(fft::rfftfreq(5, 0.2)) == Numbers{0, 1, 2});
  CHECK(values(fft::rfftfreq(4)) == Numbers{0, 0.25, 0.5});
  CHECK(values(fft::fftshift(fft::fftfreq(5, 0.2))) == Numbers{-2, -1, 0, 1, 2});
  array x = random_array({3, 4, 5}, 10);
  CHECK(distance(fft::ifftshift(fft::fftshift(x)), x) == 0);
  CHECK(distance(fft::ifftshift(fft::fftshift(x, {1}), {-2}), x) == 0);
  CHECK(distance(fft::fftshift(x, {0, 2}), roll(x, Shape{1, 2}, Axes{0, 2})) == 0);
  CHECK(fft::fftshift(zeros({0, 3})).shape() == Shape{0, 3});
  CHECK(fft::fftshift(array(3.0f)).item<float>() == 3);
  CHECK_THROWS_AS(fft::fftfreq(0), std::invalid_argument);
  CHECK_THROWS_AS(fft::rfftfreq(3, 0), std::invalid_argument);
  CHECK_THROWS_AS(fft::fftshift(x, {3}), IndexError);
}
