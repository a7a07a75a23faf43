#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "cpu/copy/copy.h"
#include "cpu/copy/fill.h"
#include "mlx/errors.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

using namespace mlx::core;
using namespace strided_test;

namespace {

template <typename T>
void check_copy(Random& random, const Index& shape) {
  Strided<T> src(random, shape), dst(random, shape, true, false);
  std::vector<T> before(dst.memory(), dst.memory() + dst.memory_size());
  auto from = src.input();
  auto to = dst.output();
  cpu::copy_strided(sizeof(T), shape, from.data, from.strides, to.data, to.strides);
  size_t wrong = 0;
  for_each_index(shape, [&](const Index& index) { wrong += dst[index] != src[index]; });
  CHECK(wrong == 0);
  // Putting the old values back must restore everything: nothing between was touched.
  Strided<T> old = std::move(dst);
  std::vector<T> row(size_t(volume(shape)) + 1, T(77));
  cpu::copy_contiguous(sizeof(T), shape, from.data, from.strides, row.data());
  size_t at = 0;
  for_each_index(shape, [&](const Index& index) { wrong += row[at++] != src[index]; });
  CHECK(wrong == 0);
  CHECK(row.back() == T(77));
  std::vector<char> written(size_t(old.memory_size()), 0);
  for_each_index(shape,
                 [&](const Index& index) { written[size_t(&old[index] - old.memory())] = 1; });
  for (size_t i = 0; i < written.size(); ++i) wrong += !written[i] && old.memory()[i] != before[i];
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE_TEMPLATE("copy: any layout to any layout", T, uint8_t, uint16_t, uint32_t, uint64_t) {
  Random random(51);
  for (int round = 0; round < 250; ++round) check_copy<T>(random, random_shape(random, 5));
}

TEST_CASE_TEMPLATE("copy: large permutations for any number of threads", T, uint8_t, uint16_t,
                   uint32_t, uint64_t) {
  Random random(52);
  for (int threads : {1, 2, 7}) {
    set_num_threads(threads);
    check_copy<T>(random, {517, 391});
    check_copy<T>(random, {33, 65, 67});
    check_copy<T>(random, {70001, 3});
    check_copy<T>(random, {3, 70001});
    check_copy<T>(random, {200000});
  }
  set_num_threads(2);
}

TEST_CASE("fill") {
  for (size_t count : {0, 1, 5, 200000}) {
    std::vector<uint16_t> out(count + 1, 3);
    uint16_t value = 0xbeef;
    cpu::fill(2, &value, count, out.data());
    for (size_t i = 0; i < count; ++i) REQUIRE(out[i] == value);
    CHECK(out[count] == 3);
  }
}

TEST_CASE_TEMPLATE("arange", T, uint8_t, int8_t, uint32_t, int32_t, int64_t, uint64_t, float16_t,
                   bfloat16_t, float, double, complex64_t) {
  std::vector<T> out(100);
  cpu::arange(exact_dtype<T>(), 5, 2, 50, out.data());
  for (int i = 0; i < 50; ++i) REQUIRE(out[size_t(i)] == T(5 + 2 * i));
  cpu::arange(exact_dtype<T>(), 100, -3, 30, out.data());
  for (int i = 0; i < 30; ++i) REQUIRE(out[size_t(i)] == T(100 - 3 * i));
}

TEST_CASE("arange: extremes") {
  int32_t ints[3];
  cpu::arange(int32, 1e20, 1, 3, ints);
  CHECK(ints[0] == std::numeric_limits<int32_t>::max());
  CHECK(ints[1] == std::numeric_limits<int32_t>::min());
  cpu::arange(int32, std::nan(""), -1e30, 2, ints);
  CHECK(ints[0] == 0);
  uint64_t longs[2];
  cpu::arange(uint64, 0x1p63, 0x1p62, 2, longs);
  CHECK(longs[1] == 0xc000000000000000u);
  double doubles[4];
  cpu::arange(float64, 0.1, 0.1, 4, doubles);
  CHECK(doubles[3] == 0.1 + 3 * 0.1);
  bool flags[2];
  CHECK_THROWS_AS(cpu::arange(bool_, 0, 1, 2, flags), DtypeError);
}

TEST_CASE_TEMPLATE("eye", T, ALL_DTYPES) {
  for (int32_t diagonal : {-9, -2, 0, 1, 4, 9, std::numeric_limits<int32_t>::min(),
                           std::numeric_limits<int32_t>::max()})
    for (auto [rows, columns] : {std::pair{4, 4}, {3, 7}, {7, 3}, {0, 3}, {3, 0}}) {
      std::unique_ptr<T[]> out(new T[size_t(rows * columns + 1)]);
      cpu::eye(exact_dtype<T>(), rows, columns, diagonal, out.get());
      for (int r = 0; r < rows; ++r)
        for (int c = 0; c < columns; ++c)
          REQUIRE(out[size_t(r * columns + c)] == T(int64_t(c) - r == diagonal));
    }
}
