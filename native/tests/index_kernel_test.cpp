#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "cpu/index/gather.h"
#include "cpu/index/scatter.h"
#include "mlx/errors.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

using namespace mlx::core;
using namespace strided_test;
using cpu::ScatterMode;

namespace {

/// Indices in range for an axis, some counted from the end.
template <typename I>
Strided<I> random_indices(Random& random, const Index& shape, int32_t size, int32_t slice) {
  Strided<I> indices(random, shape);
  for (int64_t i = 0; i < indices.memory_size(); ++i) {
    int64_t index = pick(random, 0, std::min<int64_t>(size - slice, 120));
    if (std::is_signed_v<I> && size <= 120 && pick(random, 0, 1)) index -= size;
    indices.memory()[i] = I(index);
  }
  return indices;
}

template <typename T>
T combine(ScatterMode mode, T a, T b) {
  if (mode == ScatterMode::none) return b;
  if constexpr (std::is_same_v<T, bool>) {
    bool both = mode == ScatterMode::prod || mode == ScatterMode::min;
    return both ? a && b : a || b;
  } else if constexpr (is_complex_v<T>) {
    if (mode == ScatterMode::sum) return T(a + b);
    if (mode == ScatterMode::prod)
      return T(a.real() * b.real() - a.imag() * b.imag(),
               a.real() * b.imag() + a.imag() * b.real());
    if (a != a || b != b) return a != a ? a : b;
    bool less = a.real() != b.real() ? a.real() < b.real() : a.imag() < b.imag();
    return (mode == ScatterMode::max) == less ? b : a;
  } else if constexpr (std::is_integral_v<T>) {
    if (mode == ScatterMode::sum) return T(uint64_t(a) + uint64_t(b));
    if (mode == ScatterMode::prod) return T(uint64_t(a) * uint64_t(b));
    return mode == ScatterMode::max ? std::max(a, b) : std::min(a, b);
  } else {
    if (mode == ScatterMode::sum) return T(a + b);
    if (mode == ScatterMode::prod) return T(a * b);
    if (a != a || b != b) return a != a ? a : b;
    return mode == ScatterMode::max ? (a > b ? a : b) : (a < b ? a : b);
  }
}

template <typename T>
bool same(T a, T b) {
  return a == b || (a != a && b != b);
}

/// A random general gather or scatter: which axes are indexed, and the slices' sizes.
struct Problem {
  Index shape, index_shape, slices;
  std::vector<int> axes;

  Problem(Random& random, int max_ndim) : shape(random_shape(random, max_ndim, false)) {
    if (shape.empty()) shape.push_back(5);
    index_shape = random_shape(random, 2, false);
    while (volume(index_shape) > 200) index_shape = random_shape(random, 2, false);
    if (pick(random, 0, 20) == 0) index_shape.push_back(0);
    for (size_t i = 0; i < shape.size(); ++i) {
      bool indexed = pick(random, 0, 1) != 0;
      if (indexed) axes.push_back(int(i));
      int32_t most = shape[i];
      slices.push_back(indexed && pick(random, 0, 2) ? 1 : int32_t(pick(random, 1, most)));
    }
    // Indices without an axis have no meaning.
    if (axes.empty()) index_shape.clear();
    std::shuffle(axes.begin(), axes.end(), random);
  }

  template <typename I>
  std::vector<Strided<I>> indices(Random& random) const {
    std::vector<Strided<I>> out;
    for (int axis : axes)
      out.push_back(
          random_indices<I>(random, index_shape, shape[size_t(axis)], slices[size_t(axis)]));
    return out;
  }

  /// Calls f(index into indices' shape + slices, index into shape).
  template <typename I, typename F>
  void for_each(std::vector<Strided<I>>& indices, F&& f) const {
    Index all = index_shape;
    all.insert(all.end(), slices.begin(), slices.end());
    for_each_index(all, [&](const Index& at) {
      Index position(at.begin(), at.begin() + int64_t(index_shape.size()));
      Index place(at.begin() + int64_t(index_shape.size()), at.end());
      for (size_t k = 0; k < axes.size(); ++k) {
        int64_t start = int64_t(indices[k][position]);
        size_t axis = size_t(axes[k]);
        place[axis] += int32_t(start < 0 ? start + shape[axis] : start);
      }
      f(at, place);
    });
  }
};

template <typename I>
std::vector<cpu::StridedInput> inputs(const std::vector<Strided<I>>& indices) {
  std::vector<cpu::StridedInput> out;
  for (const auto& index : indices) out.push_back(index.input());
  return out;
}

template <typename T, typename I>
void check_gather(uint64_t seed) {
  Random random(seed);
  for (int round = 0; round < 60; ++round) {
    Problem problem(random, 4);
    Strided<T> src(random, problem.shape);
    auto indices = problem.indices<I>(random);
    size_t count = size_t(volume(problem.index_shape) * volume(problem.slices));
    if (count > 200000) continue;
    std::unique_ptr<T[]> out(new T[count + 1]);
    cpu::gather(src.input(), inputs(indices), problem.axes, problem.slices, out.get());
    size_t at = 0, wrong = 0;
    problem.for_each(
        indices, [&](const Index&, const Index& place) { wrong += !same(out[at++], src[place]); });
    CHECK(wrong == 0);
  }
}

template <typename T, typename I>
void check_gather_axis(uint64_t seed) {
  Random random(seed);
  for (int round = 0; round < 60; ++round) {
    Index shape = random_shape(random, 4, false);
    if (shape.empty()) shape.push_back(9);
    int axis = int(pick(random, 0, int64_t(shape.size()) - 1));
    Index index_shape = shape;
    index_shape[size_t(axis)] = int32_t(pick(random, 0, 20));
    Strided<T> src(random, shape);
    auto indices = random_indices<I>(random, index_shape, shape[size_t(axis)], 1);
    std::unique_ptr<T[]> out(new T[size_t(volume(index_shape)) + 1]);
    cpu::gather_axis(src.input(), indices.input(), axis, out.get());
    size_t at = 0, wrong = 0;
    for_each_index(index_shape, [&](Index index) {
      int64_t j = int64_t(indices[index]);
      index[size_t(axis)] = int32_t(j < 0 ? j + shape[size_t(axis)] : j);
      wrong += !same(out[at++], src[index]);
    });
    CHECK(wrong == 0);
  }
}

template <typename T>
size_t differences(Strided<T>& a, Strided<T>& b) {
  size_t wrong = 0;
  for (int64_t i = 0; i < a.memory_size(); ++i) wrong += !same(a.memory()[i], b.memory()[i]);
  return wrong;
}

/// The same random memory twice: one for the kernel, one for the plain loop.
template <typename T>
std::pair<Strided<T>, Strided<T>> twins(Random& random, const Index& shape) {
  Random again = random;
  Strided<T> first(random, shape, false, false), second(again, shape, false, false);
  return {std::move(first), std::move(second)};
}

}  // namespace

TEST_CASE_TEMPLATE("gather and gather_axis: any layout", T, bool, float16_t, float, double,
                   complex64_t) {
  check_gather<T, int32_t>(71);
  check_gather<T, uint8_t>(72);
  check_gather_axis<T, int64_t>(73);
  check_gather_axis<T, uint32_t>(74);
}

TEST_CASE("gather: every index dtype") {
  check_gather<float, int8_t>(1);
  check_gather<float, int16_t>(2);
  check_gather<float, int64_t>(3);
  check_gather<float, uint16_t>(4);
  check_gather<float, uint32_t>(5);
  check_gather<float, uint64_t>(6);
  check_gather_axis<float, int8_t>(7);
  check_gather_axis<float, uint64_t>(8);
}

TEST_CASE_TEMPLATE("scatter and scatter_axis: every mode in index order", T, ALL_DTYPES) {
  Random random(75);
  for (ScatterMode mode : {ScatterMode::none, ScatterMode::sum, ScatterMode::prod, ScatterMode::max,
                           ScatterMode::min}) {
    for (int round = 0; round < 25; ++round) {
      Problem problem(random, 3);
      auto indices = problem.indices<int32_t>(random);
      Index update_shape = problem.index_shape;
      update_shape.insert(update_shape.end(), problem.slices.begin(), problem.slices.end());
      if (volume(update_shape) > 100000) continue;
      Strided<T> updates(random, update_shape, false);
      auto [actual, expected] = twins<T>(random, problem.shape);
      set_num_threads(round % 3 * 3 + 1);
      cpu::scatter(mode, actual.output(), inputs(indices), problem.axes, updates.input());
      auto& naive = expected;
      problem.for_each(indices, [&](const Index& at, const Index& place) {
        naive[place] = combine(mode, naive[place], updates[at]);
      });
      CHECK(differences(actual, expected) == 0);

      Index shape = random_shape(random, 3, false);
      if (shape.empty()) shape.push_back(9);
      int axis = int(pick(random, 0, int64_t(shape.size()) - 1));
      Index index_shape = shape;
      index_shape[size_t(axis)] = int32_t(pick(random, 0, 200));
      if (volume(index_shape) > 100000) continue;
      auto along = random_indices<int64_t>(random, index_shape, shape[size_t(axis)], 1);
      Strided<T> values(random, index_shape, false);
      auto [out, reference] = twins<T>(random, shape);
      auto& naive_axis = reference;
      cpu::scatter_axis(mode, out.output(), along.input(), axis, values.input());
      for_each_index(index_shape, [&](const Index& index) {
        Index place = index;
        int64_t j = along[index];
        place[size_t(axis)] = int32_t(j < 0 ? j + shape[size_t(axis)] : j);
        naive_axis[place] = combine(mode, naive_axis[place], values[index]);
      });
      CHECK(differences(out, reference) == 0);
    }
  }
  set_num_threads(2);
}

TEST_CASE("scatter: large sums are bit-equal for any number of threads") {
  Random random(76);
  for (auto [rows, columns, count] :
       {std::tuple{1000, 256, 3000}, {5000, 1, 100000}, {300, 7, 20000}, {40, 64, 4000}}) {
    auto indices = std::vector<Strided<int32_t>>();
    indices.push_back(random_indices<int32_t>(random, {count}, rows, 1));
    Strided<float> updates(random, {count, 1, columns}, false);
    Random start = random;
    std::vector<float> first;
    for (int threads : {1, 2, 7}) {
      set_num_threads(threads);
      Random again = start;
      Strided<float> out(again, {rows, columns}, false, false);
      std::vector<int> axes = {0};
      cpu::scatter(ScatterMode::sum, out.output(), inputs(indices), axes, updates.input());
      std::vector<float> bits(out.memory(), out.memory() + out.memory_size());
      if (threads == 1) first = bits;
      CHECK(same_bits(bits.data(), first.data(), bits.size()));
    }
  }
  set_num_threads(2);
}

TEST_CASE("index errors name operation, axis, size and index, and come before any write") {
  float memory[12] = {}, updates[2] = {1, 2}, out[8];
  int32_t shape[] = {3, 4}, index_shape[] = {2}, slices[] = {1, 2}, update_shape[] = {2, 1, 1};
  int64_t strides[] = {4, 1}, index_strides[] = {1}, update_strides[] = {1, 1, 1};
  std::vector<int> axes = {0}, last = {1};
  int32_t far[] = {0, 3}, low[] = {0, -4}, edge[] = {0, 3};
  uint64_t huge[] = {0, ~uint64_t(0)};
  cpu::StridedInput src{memory, float32, shape, strides};
  auto attempt = [&](const void* data, Dtype dtype, const std::vector<int>& at) {
    cpu::StridedInput indices[] = {{data, dtype, index_shape, index_strides}};
    cpu::gather(src, indices, at, slices, out);
  };
  CHECK_THROWS_WITH_AS(attempt(far, int32, axes),
                       "[gather] index 3 is out of range for axis 0 of size 3", EngineError);
  CHECK_THROWS_WITH_AS(attempt(low, int32, axes),
                       "[gather] index -4 is out of range for axis 0 of size 3", EngineError);
  CHECK_THROWS_WITH_AS(attempt(edge, int32, last),
                       "[gather] index 3 is out of range for axis 1 of size 4 and slices of 2",
                       EngineError);
  CHECK_THROWS_AS(attempt(huge, uint64, axes), EngineError);
  CHECK_THROWS_AS(attempt(far, float32, axes), DtypeError);

  cpu::StridedInput indices[] = {{far, int32, index_shape, index_strides}};
  cpu::StridedInput update_view{updates, float32, update_shape, update_strides};
  CHECK_THROWS_WITH_AS(
      cpu::scatter(ScatterMode::sum, {memory, float32, shape, strides}, indices, axes, update_view),
      "[scatter] index 3 is out of range for axis 0 of size 3", EngineError);
  int32_t column_shape[] = {2, 1};
  int64_t column_strides[] = {1, 1};
  CHECK_THROWS_WITH_AS(cpu::scatter_axis(ScatterMode::sum, {memory, float32, shape, strides},
                                         {far, int32, column_shape, column_strides}, 0,
                                         {updates, float32, column_shape, column_strides}),
                       "[scatter_axis] index 3 is out of range for axis 0 of size 3", EngineError);
  for (float x : memory) CHECK(x == 0);

  // An axis of size 0 has no valid index, and no indices at all are fine.
  int32_t empty_shape[] = {0, 4}, none[] = {0}, one[] = {1};
  cpu::StridedInput empty{memory, float32, empty_shape, strides};
  cpu::StridedInput no_indices[] = {{far, int32, none, index_strides}};
  cpu::gather(empty, no_indices, axes, slices, out);
  cpu::StridedInput one_index[] = {{far, int32, one, index_strides}};
  CHECK_THROWS_AS(cpu::gather(empty, one_index, axes, slices, out), EngineError);
}
