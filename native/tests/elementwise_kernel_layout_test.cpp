#include <doctest/doctest.h>

#include <numeric>

#include "elementwise_kernel_data.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

// Operands in every kind of layout against plain loops over indices.
namespace elementwise_test {
namespace {

using strided_test::for_each_index;
using strided_test::Index;
using strided_test::pick;
using strided_test::Random;
using strided_test::Strided;
using strided_test::volume;

template <typename T>
ConstOperand operand(const Strided<T>& values) {
  auto view = values.input();
  return {view.data, view.strides};
}
template <typename T>
MutableOperand operand(Strided<T>& values) {
  auto view = values.output();
  return {view.data, view.strides};
}

template <typename T>
T add(T a, T b) {
  if constexpr (std::is_same_v<T, bool>)
    return a | b;
  else if constexpr (is_half_v<T>)
    return T(float(a) + float(b));
  else
    return T(a + b);
}

/// Two operations with both results stored: s = a + b, and s where a > b, otherwise c.
template <typename T>
ElementwiseProgram two_outputs() {
  auto dtype = dtype_of<T>();
  return {{dtype, dtype, dtype},
          {{ElementwiseOp::Add, dtype, dtype, {0, 1, 0}},
           {ElementwiseOp::Greater, dtype, Dtype::Val::bool_, {0, 1, 0}},
           {ElementwiseOp::Select, dtype, dtype, {4, 3, 2}}},
          {3, 5}};
}

template <typename T>
void check_layouts(Random& random, const Index& shape) {
  Strided<T> a(random, shape, false), b(random, shape, false), c(random, shape, false);
  Strided<T> sum(random, shape, false, false), chosen(random, shape, false, false);
  std::vector<T> untouched_before(sum.memory(), sum.memory() + sum.memory_size());
  const ConstOperand inputs[] = {operand<T>(std::as_const(a)), operand<T>(std::as_const(b)),
                                 operand<T>(std::as_const(c))};
  const MutableOperand outputs[] = {operand(sum), operand(chosen)};
  run_elementwise(*compile_elementwise(two_outputs<T>()), shape, inputs, outputs);
  size_t wrong = 0;
  for_each_index(shape, [&](const Index& index) {
    T expected = add(a[index], b[index]);
    wrong += !same(sum[index], expected);
    wrong += !same(chosen[index], a[index] > b[index] ? expected : c[index]);
    // Back to what was there, to see afterwards that the gaps were left alone.
    auto position = size_t(&sum[index] - sum.memory());
    sum[index] = untouched_before[position];
  });
  CHECK(wrong == 0);
  CHECK(strided_test::same_bits(sum.memory(), untouched_before.data(), untouched_before.size()));
}

TEST_CASE_TEMPLATE("elementwise layouts: random shapes and strides", T, uint8_t, int16_t, float,
                   double, float16_t) {
  Random random(sizeof(T));
  for (int round = 0; round < 150; ++round)
    check_layouts<T>(random, strided_test::random_shape(random, 5));
}

TEST_CASE_TEMPLATE("elementwise layouts: sizes around blocks, rows and tiles", T, uint8_t, float,
                   double) {
  Random random(7);
  for (int32_t columns : {1, 7, 8, 31, 32, 33, 255, 256, 257, 511, 513, 1025})
    for (int32_t rows : {1, 2, 8, 9, 32, 40}) check_layouts<T>(random, {rows, columns});
}

TEST_CASE_TEMPLATE("elementwise layouts: short rows, many of them", T, uint8_t, float, double) {
  Random random(10);
  const Index shapes[] = {{9000, 2, 2}, {2000, 32, 2},         {500, 2, 2, 9}, {30, 999, 2},
                          {40000, 3},   {4, 4, 4, 4, 4, 4, 3}, {300, 15, 7},   {64, 5, 1, 5, 16}};
  for (auto& shape : shapes)
    for (int round = 0; round < 8; ++round) check_layouts<T>(random, shape);
}

TEST_CASE("elementwise layouts: transposed operands go in tiles") {
  Random random(8);
  Values<float> a(64 * 3 * 200), b(a.size()), c(a.size()), result(a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    a[i] = float(i);
    b[i] = float(pick(random, 0, 1000));
  }
  auto program =
      compile_elementwise(single(ElementwiseOp::Add, Dtype::Val::float32, Dtype::Val::float32));
  for (int32_t rows : {8, 9, 31, 64})
    for (int32_t columns : {8, 33, 65, 200}) {
      const int32_t shape[] = {3, rows, columns};
      const int64_t plane = int64_t(rows) * columns;
      const int64_t straight[] = {plane, columns, 1}, transposed[] = {plane, 1, rows};
      const int64_t column[] = {0, 1, 0}, *all[] = {straight, transposed, column};
      for (auto* first : all)
        for (auto* second : all)
          for (auto* to : {straight, transposed}) {
            const ConstOperand inputs[] = {{a.data(), {first, 3}}, {b.data(), {second, 3}}};
            const MutableOperand output{result.data(), {to, 3}};
            run_elementwise(*program, shape, inputs, {&output, 1});
            size_t wrong = 0;
            for (int64_t p = 0; p < 3; ++p)
              for (int64_t r = 0; r < rows; ++r)
                for (int64_t k = 0; k < columns; ++k) {
                  auto at = [&](const int64_t* s) {
                    return size_t(p * s[0] + r * s[1] + k * s[2]);
                  };
                  wrong += result[at(to)] != a[at(first)] + b[at(second)];
                }
            CHECK(wrong == 0);
          }
    }
}

TEST_CASE("elementwise layouts: in place with any strides") {
  Random random(9);
  for (int round = 0; round < 100; ++round) {
    Index shape = strided_test::random_shape(random, 4);
    Strided<float> a(random, shape, false, false), b(random, shape, false);
    std::vector<float> expected;
    for_each_index(shape, [&](const Index& index) { expected.push_back(a[index] + b[index]); });
    const ConstOperand inputs[] = {operand<float>(std::as_const(a)),
                                   operand<float>(std::as_const(b))};
    const MutableOperand output = operand(a);
    run_elementwise(
        *compile_elementwise(single(ElementwiseOp::Add, Dtype::Val::float32, Dtype::Val::float32)),
        shape, inputs, {&output, 1});
    size_t wrong = 0, i = 0;
    for_each_index(shape, [&](const Index& index) { wrong += !same(a[index], expected[i++]); });
    CHECK(wrong == 0);
  }
}

TEST_CASE("elementwise layouts: more dimensions than fit in place") {
  // Alternating broadcasts keep the 20 dimensions from merging.
  constexpr size_t dims = 20;
  std::vector<int32_t> shape(dims, 2);
  std::vector<int64_t> even(dims), odd(dims), straight(dims);
  for (size_t d = 0; d < dims; ++d) {
    straight[d] = int64_t(1) << (dims - 1 - d);
    even[d] = d % 2 ? 0 : int64_t(1) << (dims - 1 - d) / 2;
    odd[d] = d % 2 ? int64_t(1) << (dims - 1 - d) / 2 : 0;
  }
  Values<int32_t> a(1024), b(1024), result(1 << dims);
  for (int i = 0; i < 1024; ++i) a[size_t(i)] = i, b[size_t(i)] = 5000 * i;
  const ConstOperand inputs[] = {{a.data(), even}, {b.data(), odd}};
  const MutableOperand output{result.data(), straight};
  run_elementwise(
      *compile_elementwise(single(ElementwiseOp::Add, Dtype::Val::int32, Dtype::Val::int32)), shape,
      inputs, {&output, 1});
  size_t wrong = 0;
  for (size_t i = 0; i < result.size(); ++i) {
    int64_t x = 0, y = 0;
    for (size_t d = 0; d < dims; ++d) {
      int64_t bit = i >> (dims - 1 - d) & 1;
      x += bit * even[d];
      y += bit * odd[d];
    }
    wrong += result[i] != a[size_t(x)] + b[size_t(y)];
  }
  CHECK(wrong == 0);
}

TEST_CASE("elementwise layouts: the same on any number of threads") {
  Random random(10);
  int threads = num_threads();
  const Index shapes[] = {{300, 1000}, {1000, 300}, {40000, 10}, {7, 200, 300}};
  for (auto& shape : shapes)
    for (int round = 0; round < 4; ++round) {
      Strided<float> a(random, shape), b(random, shape);
      const ConstOperand inputs[] = {operand<float>(std::as_const(a)),
                                     operand<float>(std::as_const(b))};
      auto program = compile_elementwise(
          single(ElementwiseOp::Power, Dtype::Val::float32, Dtype::Val::float32));
      Strided<float> result(random, shape, false, false);
      std::vector<std::vector<float>> results;
      for (int count : {1, 2, 7}) {
        set_num_threads(count);
        const MutableOperand output = operand(result);
        run_elementwise(*program, shape, inputs, {&output, 1});
        results.emplace_back(result.memory(), result.memory() + result.memory_size());
      }
      for (auto& other : results)
        CHECK(strided_test::same_bits(other.data(), results[0].data(), other.size()));
    }
  set_num_threads(threads);
}

TEST_CASE("elementwise blocks: any piece of the last output on demand") {
  Random random(11);
  for (int round = 0; round < 200; ++round) {
    Index shape = strided_test::random_shape(random, 4);
    auto size = size_t(volume(shape));
    Strided<float> a(random, shape, false), b(random, shape, false), c(random, shape, false);
    Strided<float> sum(random, shape, false, false);
    const ConstOperand inputs[] = {operand<float>(std::as_const(a)),
                                   operand<float>(std::as_const(b)),
                                   operand<float>(std::as_const(c))};
    const MutableOperand stored = operand(sum);
    auto program = compile_elementwise(two_outputs<float>());
    ElementwiseBlocks blocks(*program, shape, inputs, {&stored, 1});
    REQUIRE(blocks.size() == size);
    std::vector<float> pulled(size);
    for (size_t begin = 0; begin < size;) {
      size_t count = std::min(size - begin, size_t(pick(random, 1, 3000)));
      blocks.evaluate(begin, count, pulled.data() + begin);
      begin += count;
    }
    size_t wrong = 0, i = 0;
    for_each_index(shape, [&](const Index& index) {
      float expected = a[index] + b[index];
      wrong += !same(sum[index], expected);
      wrong += !same(pulled[i++], a[index] > b[index] ? expected : c[index]);
    });
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace elementwise_test
