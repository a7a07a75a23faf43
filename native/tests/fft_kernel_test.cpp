#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <random>
#include <vector>

#include "cpu/fft/fft.h"
#include "cpu/fft/plan_cache.h"
#include "cpu/fft/roots_of_unity.h"
#include "mlx/memory.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;

namespace {

using Complex = std::complex<double>;
using Line = std::vector<Complex>;

std::vector<complex64_t> random_numbers(size_t count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> draw(-1, 1);
  std::vector<complex64_t> numbers(count);
  for (auto& x : numbers) {
    float re = draw(generator);
    x = complex64_t(re, draw(generator));
  }
  return numbers;
}

Complex wide(complex64_t x) { return {x.real(), x.imag()}; }

Line direct_transform(const Line& in, bool inverse) {
  size_t n = in.size();
  Line roots(n), out(n);
  for (size_t j = 0; j < n; ++j) roots[j] = cpu::root_of_unity(inverse ? n - j : j, n);
  for (size_t k = 0; k < n; ++k)
    for (size_t j = 0; j < n; ++j) out[k] += in[j] * roots[j * k % n];
  return out;
}

/// Root of the mean square difference over that of the expected numbers.
template <typename Get>
double relative_error(const Line& expected, size_t count, Get&& get) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < count; ++i) {
    difference += std::norm(get(i) - expected[i]);
    size += std::norm(expected[i]);
  }
  return std::sqrt(difference / size);
}

double allowed_error(size_t n) { return 6e-8 * (2 + std::log2(double(n))); }

/// Lines of a length along the given axis of a row-contiguous array of three.
struct Cube {
  int32_t shape[3];
  int64_t strides[3];
  int axis;

  Cube(int before, int length, int after, int axis) : axis(axis) {
    int others[] = {before, after};
    for (int i = 0, other = 0; i < 3; ++i) shape[i] = i == axis ? length : others[other++];
    strides[2] = 1;
    strides[1] = shape[2];
    strides[0] = int64_t(shape[1]) * shape[2];
  }
  size_t size() const { return size_t(shape[0]) * size_t(shape[1]) * size_t(shape[2]); }
  cpu::StridedInput view(const void* data, Dtype dtype) const {
    return {data, dtype, shape, strides};
  }
  /// The offset of an element of a line; `length` replaces the axis's.
  size_t offset(size_t line, size_t i, size_t length) const {
    size_t sizes[3];
    for (int k = 0; k < 3; ++k) sizes[k] = k == axis ? length : size_t(shape[k]);
    size_t index[3];
    for (int k = 2; k >= 0; --k) {
      if (k == axis) {
        index[k] = i;
        continue;
      }
      index[k] = line % sizes[k];
      line /= sizes[k];
    }
    return (index[0] * sizes[1] + index[1]) * sizes[2] + index[2];
  }
};

/// The direct transform takes long for long lines.
std::vector<size_t> checked_lines(size_t n, size_t lines) {
  if (n > 200) return {lines / 2};
  return {0, lines / 2, lines - 1};
}

void check_lengths(const Cube& cube) {
  size_t n = size_t(cube.shape[cube.axis]), lines = cube.size() / n, half = n / 2 + 1;
  CAPTURE(n);
  CAPTURE(lines);
  CAPTURE(cube.axis);
  auto in = random_numbers(cube.size(), uint32_t(n));
  std::vector<float> real(cube.size()), restored(cube.size());
  for (size_t i = 0; i < real.size(); ++i) real[i] = in[i].real();
  std::vector<complex64_t> forward(cube.size()), inverse(cube.size()), spectra(lines * half);
  cpu::fft(cube.view(in.data(), complex64), cube.axis, false, 1, forward.data());
  cpu::fft(cube.view(in.data(), complex64), cube.axis, true, 1 / float(n), inverse.data());
  cpu::real_fft(cube.view(real.data(), float32), cube.axis, 1, spectra.data());
  Cube half_cube = cube;
  half_cube.shape[cube.axis] = int32_t(half);
  half_cube.strides[1] = half_cube.shape[2];
  half_cube.strides[0] = int64_t(half_cube.shape[1]) * half_cube.shape[2];
  cpu::inverse_real_fft(half_cube.view(spectra.data(), complex64), cube.axis, int64_t(n),
                        1 / float(n), restored.data());
  double worst = 0;
  for (size_t line : checked_lines(n, lines)) {
    Line whole(n), parts(n);
    for (size_t i = 0; i < n; ++i) {
      whole[i] = wide(in[cube.offset(line, i, n)]);
      parts[i] = real[cube.offset(line, i, n)];
    }
    Line expected = direct_transform(whole, false), backward = direct_transform(whole, true);
    for (auto& x : backward) x /= double(n);
    Line spectrum = direct_transform(parts, false);
    auto error = [&](const Line& wanted, const auto& got, size_t length) {
      return relative_error(wanted, length, [&](size_t i) {
        if constexpr (std::is_same_v<decltype(got[0]), const float&>)
          return Complex(got[cube.offset(line, i, length)]);
        else
          return wide(got[cube.offset(line, i, length)]);
      });
    };
    worst = std::max({worst, error(expected, forward, n), error(backward, inverse, n),
                      error(spectrum, spectra, half), error(parts, restored, n)});
  }
  CHECK(worst < allowed_error(n));
}

}  // namespace

TEST_CASE("fft: every length up to 130 along every axis, for one line and for many") {
  for (int n = 1; n <= 130; ++n) {
    check_lengths(Cube(1, n, 1, 2));
    check_lengths(Cube(3, n, 7, 2));
    check_lengths(Cube(3, n, 7, 1));
    check_lengths(Cube(2, n, 1, 0));
  }
}

TEST_CASE("fft: primes, powers and products") {
  for (int n : {131, 199, 251, 257, 509,  1009, 143, 187, 1001, 793, 134,  2 * 509, 3 * 257, 256,
                320, 343, 361, 512, 1024, 2048, 243, 729, 625,  343, 1000, 1200,    1536}) {
    check_lengths(Cube(1, n, 1, 2));
    check_lengths(Cube(3, n, 7, 1));
    check_lengths(Cube(3, n, 7, 2));
  }
}

TEST_CASE("fft: long lines have the spectra of a few waves, and come back") {
  for (int n :
       {10007, 1 << 14, 100000, 65537, 1 << 17, 3 * 5 * 7 * 11 * 13 * 17, 1000000, 1 << 20}) {
    CAPTURE(n);
    size_t size = size_t(n);
    std::mt19937 generator(5);
    std::vector<size_t> frequencies = {0, 1, size / 3, size / 2, size - 1};
    std::vector<complex64_t> in(size), out(size), back(size);
    Line expected(size);
    Line sums(size);
    for (size_t f : frequencies) {
      Complex amplitude(double(generator() % 100) / 50 - 1, double(generator() % 100) / 50 - 1);
      expected[f] += amplitude * double(n);
      for (size_t j = 0; j < size; ++j)
        sums[j] += amplitude * std::conj(cpu::root_of_unity(uint64_t(f) * j % size, size));
    }
    for (size_t j = 0; j < size; ++j)
      in[j] = complex64_t(float(sums[j].real()), float(sums[j].imag()));
    Cube cube(1, n, 1, 2);
    cpu::fft(cube.view(in.data(), complex64), 2, false, 1, out.data());
    CHECK(relative_error(expected, size, [&](size_t i) { return wide(out[i]); }) <
          allowed_error(size));
    cpu::fft(cube.view(out.data(), complex64), 2, true, float(1.0 / n), back.data());
    CHECK(relative_error(sums, size, [&](size_t i) { return wide(back[i]); }) <
          2 * allowed_error(size));
    std::vector<float> real(size), restored(size);
    for (size_t j = 0; j < size; ++j) real[j] = in[j].real();
    std::vector<complex64_t> spectrum(size / 2 + 1), whole(size);
    for (size_t j = 0; j < size; ++j) whole[j] = complex64_t(real[j], 0);
    cpu::fft(cube.view(whole.data(), complex64), 2, false, 1, whole.data());
    cpu::real_fft(cube.view(real.data(), float32), 2, 1, spectrum.data());
    Line wanted(size);
    for (size_t j = 0; j < size; ++j) wanted[j] = wide(whole[j]);
    CHECK(relative_error(wanted, size / 2 + 1, [&](size_t i) { return wide(spectrum[i]); }) <
          2 * allowed_error(size));
    Cube half(1, n / 2 + 1, 1, 2);
    cpu::inverse_real_fft(half.view(spectrum.data(), complex64), 2, n, float(1.0 / n),
                          restored.data());
    for (size_t j = 0; j < size; ++j) wanted[j] = real[j];
    CHECK(relative_error(wanted, size, [&](size_t i) { return Complex(restored[i]); }) <
          2 * allowed_error(size));
  }
}

TEST_CASE("fft: strides, negative and zero ones too") {
  auto numbers = random_numbers(4000, 3);
  for (int n : {12, 30, 67, 128, 300})
    for (std::vector<int64_t> strides :
         {std::vector<int64_t>{1, 5}, {-1, 3}, {2, 0}, {-3, -2}, {0, 1}}) {
      int32_t shape[] = {n, 9};
      const complex64_t* first = numbers.data() + 2000;
      std::vector<complex64_t> dense(size_t(n) * 9), out(size_t(n) * 9), expected(size_t(n) * 9);
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < 9; ++j)
          dense[size_t(i * 9 + j)] = first[i * strides[0] + j * strides[1]];
      int64_t dense_strides[] = {9, 1};
      for (int axis : {0, 1}) {
        cpu::fft({first, complex64, shape, strides}, axis, false, 1, out.data());
        cpu::fft({dense.data(), complex64, shape, dense_strides}, axis, false, 1, expected.data());
        double worst = 0;
        for (size_t i = 0; i < out.size(); ++i)
          worst = std::max(worst, std::abs(wide(out[i]) - wide(expected[i])));
        CHECK(worst == 0);
      }
    }
}

TEST_CASE("fft: real lines whose elements are all one") {
  const float one = 3;
  // Few lines, many, and one that is too long for a block; of even and odd length.
  for (auto [lines, n] : {std::pair{1, 12}, {9, 12}, {9, 15}, {1, 40000}, {1, 30001}}) {
    int32_t shape[] = {lines, n};
    int64_t strides[] = {0, 0};
    std::vector<complex64_t> out(size_t(lines) * size_t(n / 2 + 1));
    cpu::real_fft({&one, float32, shape, strides}, 1, 1, out.data());
    for (size_t i = 0; i < out.size(); ++i) {
      Complex expected = i % size_t(n / 2 + 1) == 0 ? 3.0 * n : 0.0;
      CHECK(std::abs(wide(out[i]) - expected) <= 1e-6 * n);
    }
  }
}

TEST_CASE("fft: the same bits for any number of threads, in place or not") {
  for (auto [lines, n] :
       {std::pair{1, 1 << 17}, {1, 1 << 19}, {3, 40000}, {1, 65537}, {1000, 64}, {50, 1009}}) {
    Cube cube(lines, n, 1, 1);
    auto in = random_numbers(cube.size(), 9);
    std::vector<complex64_t> first(cube.size());
    for (int threads : {1, 2, 5}) {
      set_num_threads(threads);
      std::vector<complex64_t> out = in;
      cpu::fft(cube.view(out.data(), complex64), 1, false, 1, out.data());
      if (threads == 1) cpu::fft(cube.view(in.data(), complex64), 1, false, 1, first.data());
      CHECK(std::equal(out.begin(), out.end(), first.begin(), [](auto a, auto b) {
        return a.real() == b.real() && a.imag() == b.imag();
      }));
    }
    set_num_threads(2);
  }
}

TEST_CASE("fft: a line with NaN leaves the others alone") {
  for (int n : {16, 15, 67}) {
    Cube cube(9, n, 1, 1);
    std::vector<float> in(cube.size(), 1.0f);
    in[size_t(4 * n + 3)] = std::nanf("");
    std::vector<complex64_t> out(size_t(9 * (n / 2 + 1)));
    cpu::real_fft(cube.view(in.data(), float32), 1, 1, out.data());
    for (size_t line = 0; line < 9; ++line)
      for (size_t k = 0; k < size_t(n / 2 + 1); ++k)
        CHECK(std::isnan(out[line * size_t(n / 2 + 1) + k].real()) == (line == 4));
  }
}

TEST_CASE("roots of unity are exact at eighths and symmetric") {
  CHECK(cpu::root_of_unity(0, 7) == Complex(1, 0));
  CHECK(cpu::root_of_unity(1, 4) == Complex(0, -1));
  CHECK(cpu::root_of_unity(2, 4) == Complex(-1, 0));
  CHECK(cpu::root_of_unity(3, 4) == Complex(0, 1));
  CHECK(cpu::root_of_unity(8, 4) == Complex(1, 0));
  for (uint64_t n : {3, 5, 12, 1000, 65537})
    for (uint64_t k = 0; k < n; k += 1 + n / 50) {
      Complex root = cpu::root_of_unity(k, n);
      double angle = -2 * 3.14159265358979323846 * double(k) / double(n);
      CHECK(std::abs(root - std::polar(1.0, angle)) < 3e-15);
    }
}

TEST_CASE("plans are shared, and old ones make room") {
  auto plan = cpu::line_plan(48);
  CHECK(cpu::line_plan(48) == plan);
  std::weak_ptr<const cpu::LinePlan> old = plan;
  plan.reset();
  CHECK(!old.expired());
  for (size_t n = 100; n < 150; ++n) cpu::line_plan(n);
  CHECK(old.expired());
  old = cpu::line_plan(60);
  for (size_t power = 21; power < 24; ++power) cpu::line_plan(size_t(1) << power);
  CHECK(!old.expired());
}

TEST_CASE("large tables are memory that counts, and go with their use") {
  // A prime, whose chirp has more numbers than the cache keeps.
  constexpr size_t length = 4194301;
  size_t before = get_active_memory();
  auto plan = cpu::line_plan(length);
  CHECK(get_active_memory() >= before + (size_t(64) << 20));
  CHECK(cpu::line_plan(length) != plan);
  plan.reset();
  CHECK(get_active_memory() == before);
}
