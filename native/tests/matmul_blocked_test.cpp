#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "cpu/matmul/gemm_ways.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

using namespace mlx::core;
using namespace strided_test;
using cpu::MatrixView;
using cpu::Product;

namespace {

enum class Layout { rows, columns, gaps, reversed };

/// Small whole numbers, of which every sum is exact in the types of sums.
template <typename T>
struct Matrix {
  std::vector<T> memory;
  MatrixView<T> view;

  Matrix(Random& random, int64_t rows, int64_t columns, Layout layout) {
    const int64_t step = layout == Layout::gaps ? 2 : 1;
    for (int64_t i = 0; i < rows * columns * step; ++i)
      memory.push_back(T(float(pick(random, -2, 2))));
    view = {memory.data(), columns * step, step};
    if (layout == Layout::columns) view = {memory.data(), 1, rows};
    if (layout == Layout::reversed) view = {memory.data() + memory.size() - 1, -columns, -1};
  }
};

struct Sizes {
  int64_t m, n, k;
};

template <typename T>
struct Case {
  static constexpr int64_t kGap = 3;
  Sizes s;
  Matrix<T> a, b, bias;
  Product<T> product;

  Case(Random& random, Sizes sizes, Layout left, Layout right)
      : s(sizes),
        a(random, s.m, s.k, left),
        b(random, s.k, s.n, right),
        bias(random, 1, s.n, Layout::rows),
        product{s.m, s.n, s.k, a.view, b.view, {nullptr, 0, 0}, nullptr, s.n + kGap, 1, 1} {}

  void add_bias(double alpha, double beta) {
    product.c = {bias.view.data, 0, 1};
    product.alpha = alpha;
    product.beta = beta;
  }

  std::vector<T> run(int threads) {
    std::vector<T> d(size_t(s.m * product.d_row_stride), T(7.0f));
    product.d = d.data();
    const int before = num_threads();
    set_num_threads(threads);
    cpu::multiply_blocked(product);
    set_num_threads(before);
    return d;
  }

  std::vector<T> expected() const {
    std::vector<T> d(size_t(s.m * product.d_row_stride), T(7.0f));
    std::vector<double> sums(size_t(s.n));
    for (int64_t i = 0; i < s.m; ++i) {
      std::fill(sums.begin(), sums.end(), 0.0);
      for (int64_t l = 0; l < s.k; ++l)
        for (int64_t j = 0; j < s.n; ++j)
          sums[size_t(j)] += double(*a.view.at(i, l)) * double(*b.view.at(l, j));
      for (int64_t j = 0; j < s.n; ++j) {
        double value = product.alpha * sums[size_t(j)];
        if (product.c.data) value += product.beta * double(*product.c.at(i, j));
        d[size_t(i * product.d_row_stride + j)] = T(float(value));
      }
    }
    return d;
  }
};

template <typename T>
bool equal(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

TEST_CASE_TEMPLATE("matmul, blocked: every layout of both operands", T, float16_t, bfloat16_t,
                   float, double) {
  Random random(21);
  for (Layout left : {Layout::rows, Layout::columns, Layout::gaps, Layout::reversed})
    for (Layout right : {Layout::rows, Layout::columns, Layout::gaps, Layout::reversed})
      for (Sizes sizes : {Sizes{70, 83, 91}, Sizes{48, 64, 32}, Sizes{1, 1, 1}, Sizes{7, 9, 3}}) {
        Case<T> c(random, sizes, left, right);
        CAPTURE(int(left));
        CAPTURE(int(right));
        CAPTURE(sizes.m);
        CHECK(equal(c.run(2), c.expected()));
      }
}

TEST_CASE_TEMPLATE("matmul, blocked: shapes beyond the borders of blocks", T, float16_t, float,
                   double) {
  Random random(22);
  // More rows, columns or terms than a block has, and rows a multiple of a page apart.
  for (Sizes sizes : {Sizes{4101, 30, 9}, Sizes{25, 4105, 11}, Sizes{50, 61, 1203},
                      Sizes{97, 130, 1024}, Sizes{60, 20, 2048}, Sizes{193, 200, 770}})
    for (Layout layout : {Layout::rows, Layout::columns}) {
      Case<T> c(random, sizes, layout, layout);
      CAPTURE(sizes.m);
      CAPTURE(int(layout));
      CHECK(equal(c.run(2), c.expected()));
    }
}

TEST_CASE_TEMPLATE("matmul, blocked: alpha, beta and a bias", T, float16_t, bfloat16_t, float,
                   double) {
  Random random(23);
  for (Sizes sizes : {Sizes{70, 83, 91}, Sizes{60, 40, 900}}) {
    Case<T> c(random, sizes, Layout::rows, Layout::columns);
    c.add_bias(1, 1);
    CHECK(equal(c.run(2), c.expected()));
    c.add_bias(0.5, -2);
    CHECK(equal(c.run(2), c.expected()));
  }
}

TEST_CASE_TEMPLATE("matmul, blocked: the same bits for any number of threads", T, float16_t, float,
                   double) {
  Random random(24);
  for (Sizes sizes : {Sizes{130, 150, 140}, Sizes{64, 96, 1500}, Sizes{300, 40, 64}}) {
    Case<T> c(random, sizes, Layout::rows, Layout::columns);
    // Thirds, whose sums are rounded.
    for (T& value : c.a.memory) value = T(float(value) / 3);
    c.add_bias(1.0 / 3, 1);
    const auto one = c.run(1);
    for (int threads : {2, 7}) CHECK(equal(c.run(threads), one));
  }
}
