#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "cpu/matmul/gemm.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

using namespace mlx::core;
using namespace strided_test;
using cpu::GemmArgs;
using cpu::GemmOperand;

namespace {

enum class Layout { row_major, column_major, gaps, reversed, broadcast, any };

/// A batch of matrices in memory, in one of the layouts that views have.
template <typename T>
class Matrices {
 public:
  Matrices(Random& random, const Index& batch, int64_t rows, int64_t columns,
           Layout layout = Layout::any)
      : batch_(batch), batch_strides_(batch.size()) {
    if (layout == Layout::any) layout = Layout(pick(random, 0, 4));
    int64_t step = layout == Layout::gaps ? pick(random, 2, 3) : 1;
    bool by_columns = layout == Layout::column_major || (step > 1 && pick(random, 0, 1));
    int64_t gap = layout == Layout::row_major ? 0 : pick(random, 0, 3);
    int64_t length = (by_columns ? rows : columns) * step + gap;
    row_stride_ = by_columns ? step : length;
    column_stride_ = by_columns ? length : step;
    int64_t size = std::max<int64_t>(1, (by_columns ? columns : rows) * length);
    if (layout == Layout::broadcast) (pick(random, 0, 1) ? row_stride_ : column_stride_) = 0;
    for (size_t i = batch.size(); i-- > 0;) {
      bool repeated = pick(random, 0, 2) == 0;
      batch_strides_[i] = repeated ? 0 : size;
      if (!repeated) size *= batch[i];
    }
    for (int64_t i = 0; i < size; ++i) memory_.push_back(random_value<T>(random, false));
    if (layout == Layout::reversed) {
      if (rows > 0) offset_ += (rows - 1) * row_stride_;
      row_stride_ = -row_stride_;
      if (columns > 0 && pick(random, 0, 1)) {
        offset_ += (columns - 1) * column_stride_;
        column_stride_ = -column_stride_;
      }
    }
  }

  T& operator()(int64_t batch, int64_t row, int64_t column) {
    int64_t at = offset_ + row * row_stride_ + column * column_stride_;
    for (size_t i = batch_.size(); i-- > 0; batch /= batch_[i])
      at += batch % batch_[i] * batch_strides_[i];
    return memory_[size_t(at)];
  }
  GemmOperand operand() const {
    return {memory_.data() + offset_, row_stride_, column_stride_, batch_strides_};
  }

 private:
  // bool has no vector of its own kind.
  struct Element {
    T value;
    Element(T v) : value(v) {}
    operator T&() { return value; }
  };
  struct Memory {
    std::vector<Element> elements;
    void push_back(T v) { elements.push_back(v); }
    const T* data() const { return reinterpret_cast<const T*>(elements.data()); }
    T& operator[](size_t i) { return elements[i]; }
  };

  Index batch_;
  std::vector<int64_t> batch_strides_;
  int64_t row_stride_, column_stride_, offset_ = 0;
  Memory memory_;
};

struct Sizes {
  int64_t m, n, k;
};

template <typename T>
struct Case {
  Index batch;
  Sizes sizes;
  Matrices<T> a, b, c;
  bool has_c;
  double alpha = 1, beta = 1;
  int64_t d_row_stride;

  Case(Random& random, Sizes s, Index batch_shape = {}, Layout layout = Layout::any)
      : batch(batch_shape),
        sizes(s),
        a(random, batch, s.m, s.k, layout),
        b(random, batch, s.k, s.n, layout),
        c(random, batch, s.m, s.n),
        has_c(pick(random, 0, 2) == 0),
        d_row_stride(s.n + (pick(random, 0, 3) == 0 ? pick(random, 1, 9) : 0)) {
    if (pick(random, 0, 3) == 0) alpha = double(pick(random, -2, 3));
    if (pick(random, 0, 2) == 0) beta = double(pick(random, -1, 2));
  }

  size_t output_size() const { return size_t(volume(batch) * sizes.m * d_row_stride); }

  void run(T* d) const {
    GemmArgs args{exact_dtype<T>(), sizes.m, sizes.n, sizes.k, batch, a.operand(), b.operand()};
    if (has_c) args.c = c.operand();
    args.d = d;
    args.d_row_stride = d_row_stride;
    args.alpha = alpha;
    args.beta = beta;
    cpu::gemm(args);
  }

  std::unique_ptr<T[]> run() const {
    std::unique_ptr<T[]> d(new T[output_size() + 1]);
    std::fill_n(d.get(), output_size() + 1, T(7));
    run(d.get());
    return d;
  }
};

/// What a sum should be, and the sum of its terms' magnitudes.
struct Exact {
  long double value = 0, magnitude = 0;

  void add(long double term) {
    value += term;
    magnitude += std::abs(term);
  }
};

/// The error bound of a sum of `terms` products in W, in any order, rounded once to T.
template <typename T>
bool is_close(double actual, const Exact& exact, int64_t terms) {
  if (std::isnan(exact.value)) return std::isnan(actual);
  double rounded = double(T(double(exact.value)));
  if (std::isinf(rounded)) return actual == rounded;
  constexpr double sum_unit = std::is_same_v<T, double> ? 0x1p-53 : 0x1p-24;
  double unit = double(std::numeric_limits<T>::epsilon()) / 2;
  double smallest = std::is_same_v<T, float16_t> ? 0x1p-24 : 1e-40;
  double bound = double(terms + 2) * sum_unit * double(exact.magnitude) +
                 (is_half_v<T> ? unit * std::abs(double(exact.value)) : 0) + smallest;
  return std::abs(actual - double(exact.value)) <= bound;
}

template <typename T>
bool matches(T actual, Case<T>& c, int64_t batch, int64_t i, int64_t j) {
  if constexpr (is_complex_v<T>) {
    Exact real, imag;
    const double alpha = c.alpha;
    for (int64_t l = 0; l < c.sizes.k; ++l) {
      std::complex<double> x(c.a(batch, i, l)), y(c.b(batch, l, j));
      real.add((long double)(alpha * x.real()) * y.real());
      real.add(-(long double)(alpha * x.imag()) * y.imag());
      imag.add((long double)(alpha * x.real()) * y.imag());
      imag.add((long double)(alpha * x.imag()) * y.real());
    }
    if (c.has_c && c.beta != 0) {
      real.add(c.beta * double(c.c(batch, i, j).real()));
      imag.add(c.beta * double(c.c(batch, i, j).imag()));
    }
    // The BLAS multiplies by a complex one, which makes NaN of the parts of an infinity.
    if (!std::isfinite(real.value) || !std::isfinite(imag.value))
      return !std::isfinite(actual.real()) || !std::isfinite(actual.imag());
    return is_close<float>(actual.real(), real, 2 * c.sizes.k) &&
           is_close<float>(actual.imag(), imag, 2 * c.sizes.k);
  } else if constexpr (is_floating_v<T>) {
    Exact sum;
    for (int64_t l = 0; l < c.sizes.k; ++l)
      sum.add((long double)(double(c.a(batch, i, l))) * double(c.b(batch, l, j)));
    sum.value *= c.alpha;
    sum.magnitude *= std::abs(c.alpha);
    if (c.has_c && c.beta != 0) sum.add((long double)(c.beta) * double(c.c(batch, i, j)));
    return is_close<T>(double(actual), sum, c.sizes.k);
  } else if constexpr (std::is_same_v<T, bool>) {
    bool sum = false;
    for (int64_t l = 0; l < c.sizes.k; ++l) sum |= c.a(batch, i, l) && c.b(batch, l, j);
    return actual == ((c.alpha != 0 && sum) || (c.has_c && c.beta != 0 && bool(c.c(batch, i, j))));
  } else {
    // As alpha and beta are converted to T: negative ones saturate in an unsigned T.
    auto factor = [](double x) {
      return uint64_t(int64_t(std::is_signed_v<T> ? x : std::max(x, 0.0)));
    };
    uint64_t sum = 0;
    for (int64_t l = 0; l < c.sizes.k; ++l)
      sum += uint64_t(c.a(batch, i, l)) * uint64_t(c.b(batch, l, j));
    sum *= factor(c.alpha);
    if (c.has_c) sum += factor(c.beta) * uint64_t(c.c(batch, i, j));
    return actual == T(sum);
  }
}

template <typename T>
void check(Case<T>& c) {
  auto d = c.run();
  CAPTURE(c.sizes.m);
  CAPTURE(c.sizes.n);
  CAPTURE(c.sizes.k);
  int64_t row = 0;
  for (int64_t batch = 0; batch < volume(c.batch); ++batch)
    for (int64_t i = 0; i < c.sizes.m; ++i, ++row) {
      T* out = d.get() + row * c.d_row_stride;
      for (int64_t j = 0; j < c.sizes.n; ++j) {
        CAPTURE(i);
        CAPTURE(j);
        REQUIRE(matches(out[j], c, batch, i, j));
      }
      for (int64_t j = c.sizes.n; j < c.d_row_stride; ++j) REQUIRE(out[j] == T(7));
    }
  REQUIRE(d[c.output_size()] == T(7));
}

int64_t random_size(Random& random) {
  static const int64_t sizes[] = {1,  2,  3,  4,  5,  6,  7,  8,  9, 12,
                                  15, 16, 17, 24, 31, 33, 47, 64, 65};
  return sizes[pick(random, 0, 18)];
}

/// Each takes another way through the kernels for floating types.
const Sizes big_sizes[] = {
    {1, 700, 900},  {900, 1, 700},  {3, 300, 500},   {450, 4, 333},
    {2, 10, 70000}, {5, 9, 2500},   {130, 150, 140}, {2200, 20, 50},
    {20, 2100, 60}, {64, 40, 4200}, {5, 30, 30000},  {97, 101, 1030},
};

template <typename T>
void set_one(Random& random, Matrices<T>& matrices, int64_t rows, int64_t columns, T value) {
  matrices(0, pick(random, 0, rows - 1), pick(random, 0, columns - 1)) = value;
}

}  // namespace

TEST_CASE_TEMPLATE("gemm: small products of every layout, batched", T, ALL_DTYPES) {
  Random random(11);
  for (int round = 0; round < 150; ++round) {
    Index batch;
    while (batch.size() < 2 && pick(random, 0, 2) == 0)
      batch.push_back(int32_t(pick(random, 1, 5)));
    Case<T> c(random, {random_size(random), random_size(random), random_size(random)}, batch);
    check(c);
  }
}

TEST_CASE_TEMPLATE("gemm: large and thin products", T, float16_t, bfloat16_t, float, double,
                   complex64_t, int32_t, bool) {
  Random random(12);
  for (Sizes sizes : big_sizes) {
    Case<T> c(random, sizes);
    check(c);
  }
}

TEST_CASE_TEMPLATE("gemm: every layout of both operands", T, float16_t, float, double,
                   complex64_t) {
  Random random(13);
  for (Sizes sizes :
       {Sizes{1, 80, 300}, Sizes{90, 2, 70}, Sizes{40, 50, 100}, Sizes{140, 130, 150}})
    for (Layout layout : {Layout::row_major, Layout::column_major, Layout::gaps, Layout::reversed,
                          Layout::broadcast}) {
      Case<T> c(random, sizes, {}, layout);
      check(c);
    }
}

TEST_CASE_TEMPLATE("gemm: many matrices", T, ALL_DTYPES) {
  Random random(14);
  Case<T> c(random, {7, 9, 11}, {4, 20});
  check(c);
  Case<T> thin(random, {1, 20, 30}, {33});
  check(thin);
}

TEST_CASE_TEMPLATE("gemm: empty sizes", T, ALL_DTYPES) {
  Random random(15);
  for (Sizes sizes :
       {Sizes{0, 3, 4}, Sizes{3, 0, 4}, Sizes{3, 4, 0}, Sizes{1, 5, 0}, Sizes{0, 0, 0}})
    for (int round = 0; round < 6; ++round) {
      Case<T> c(random, sizes);
      check(c);
    }
  Case<T> no_batch(random, {3, 4, 5}, {2, 0});
  check(no_batch);
}

TEST_CASE_TEMPLATE("gemm: NaN and infinity reach the sums they belong to", T, float16_t, bfloat16_t,
                   float, double, complex64_t) {
  Random random(16);
  const T nan(std::numeric_limits<float>::quiet_NaN()), inf(std::numeric_limits<float>::infinity());
  std::vector<Sizes> sizes(std::begin(big_sizes), std::end(big_sizes));
  for (int round = 0; round < 40; ++round)
    sizes.push_back({random_size(random), random_size(random), random_size(random)});
  for (Sizes s : sizes) {
    Case<T> c(random, s, {}, pick(random, 0, 1) ? Layout::row_major : Layout::column_major);
    if (s.m * s.n * s.k > 100000) c.has_c = false;
    for (T value : {nan, inf, T(-inf)}) {
      if (pick(random, 0, 1)) set_one(random, c.a, s.m, s.k, value);
      if (pick(random, 0, 2) == 0) set_one(random, c.b, s.k, s.n, value);
    }
    check(c);
  }
}

TEST_CASE_TEMPLATE("gemm: alpha 0 keeps NaN, beta 0 ignores C", T, float16_t, bfloat16_t, float,
                   double, complex64_t) {
  Random random(17);
  const T nan(std::numeric_limits<float>::quiet_NaN());
  for (Sizes s : {Sizes{1, 20, 30}, Sizes{20, 20, 20}, Sizes{140, 130, 150}}) {
    Case<T> c(random, s, {}, Layout::row_major);
    c.has_c = true;
    c.alpha = 0;
    c.a(0, 0, 3) = nan;
    check(c);
    c.alpha = 2;
    c.beta = 0;
    c.c(0, 0, 0) = nan;
    check(c);
  }
}

TEST_CASE_TEMPLATE("gemm: the output's old contents don't matter", T, float16_t, float, double,
                   complex64_t) {
  Random random(18);
  for (Sizes s : {Sizes{1, 20, 30}, Sizes{20, 20, 20}, Sizes{140, 130, 150}, Sizes{64, 40, 4200}}) {
    Case<T> c(random, s);
    auto first = c.run();
    std::unique_ptr<T[]> second(new T[c.output_size() + 1]);
    std::fill_n(second.get(), c.output_size(), T(std::numeric_limits<float>::quiet_NaN()));
    c.d_row_stride = s.n;
    first = c.run();
    c.run(second.get());
    REQUIRE(same_bits(first.get(), second.get(), c.output_size()));
  }
}

TEST_CASE_TEMPLATE("gemm: the same bits for any number of threads", T, float16_t, bfloat16_t, float,
                   double, complex64_t, int16_t) {
  Random random(19);
  const int threads = num_threads();
  std::vector<Sizes> sizes(std::begin(big_sizes), std::end(big_sizes));
  sizes.push_back({300, 300, 300});
  sizes.push_back({64, 64, 8192});
  for (Sizes s : sizes) {
    Case<T> c(random, s);
    set_num_threads(1);
    auto one = c.run();
    for (int count : {2, 7}) {
      set_num_threads(count);
      auto more = c.run();
      REQUIRE(same_bits(one.get(), more.get(), c.output_size()));
    }
    set_num_threads(threads);
  }
}
