#include <doctest/doctest.h>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;

array indices(const std::vector<int>& numbers, const Shape& shape, Dtype dtype = int32) {
  return astype(array(numbers.begin(), shape), dtype);
}

/// Batches and single products may use different kernels, so only nearly the same.
void check_close_vmap(const Function& f, const std::vector<array>& inputs,
                      const std::vector<int>& axes) {
  auto rounded = [&](const std::vector<array>& x) { return astype(round(f(x) * 1e9), int64); };
  check_vmap(rounded, inputs, axes);
}

/// One product after another.
array plain_gather(const array& a, const array& b, const std::vector<int>& left,
                   const std::vector<int>& right) {
  std::vector<array> products;
  for (size_t i = 0; i < left.size(); ++i)
    products.push_back(matmul(take(a, left[i], 0), take(b, right[i], 0)));
  return stack(products);
}

array plain_segments(const array& a, const array& b,
                     const std::vector<std::pair<int, int>>& segments) {
  std::vector<array> products;
  for (auto [begin, end] : segments)
    products.push_back(matmul(slice(a, {0, begin}, {a.shape(0), std::max(begin, end)}),
                              slice(b, {begin, 0}, {std::max(begin, end), b.shape(1)})));
  return stack(products);
}

array bounds(const std::vector<std::pair<int, int>>& segments, Dtype dtype = int32) {
  std::vector<int> numbers;
  for (auto [begin, end] : segments) {
    numbers.push_back(begin);
    numbers.push_back(end);
  }
  return indices(numbers, {int(segments.size()), 2}, dtype);
}

/// The mask's value for each element.
array spread(const array& mask, int block, int rows, int columns) {
  array all = repeat(repeat(mask, block, -1), block, -2);
  Shape start(all.ndim(), 0), stop = all.shape();
  stop[stop.size() - 2] = rows;
  stop[stop.size() - 1] = columns;
  return astype(slice(all, start, stop), float64);
}

}  // namespace

// ---- gather_mm

TEST_CASE("gather_mm picks matrices by index") {
  std::vector<int> left = {0, 3, 3, 1, 0, 2, 1}, right = {1, 0, 1, 1, 4, 0, 2};
  for (int m : {1, 2, 5, 40}) {
    array a = random_array({4, m, 6}, 1), b = random_array({5, 6, 3}, 2);
    array expected = plain_gather(a, b, left, right);
    for (Dtype dtype : {int32, uint32, int64, uint8})
      CHECK(distance(gather_mm(a, b, indices(left, {7}, dtype), indices(right, {7}, dtype)),
                     expected) < 1e-13);
    array a_view = swapaxes(contiguous(swapaxes(a, 0, 2)), 0, 2);
    array b_view = swapaxes(contiguous(swapaxes(b, 1, 2)), 1, 2);
    CHECK(distance(gather_mm(a_view, b_view, indices(left, {7}), indices(right, {7})), expected) <
          1e-13);
  }
  array a = random_array({4, 1, 6}, 1), b = random_array({5, 6, 3}, 2);
  // Rows that already follow each other, or lie at even steps, for one right matrix.
  for (auto& rows : {std::vector<int>{0, 1, 2, 3}, {3, 2, 1, 0}, {0, 2, 0, 2}, {1, 1, 1, 1}})
    CHECK(distance(gather_mm(a, b, indices(rows, {4}), indices({2, 2, 2, 2}, {4}), true),
                   plain_gather(a, b, rows, {2, 2, 2, 2})) < 1e-13);
  CHECK(distance(gather_mm(a, b, indices({-1, -4}, {2}), indices({-5, 4}, {2})),
                 plain_gather(a, b, {3, 0}, {0, 4})) < 1e-13);
}

TEST_CASE("gather_mm broadcasts indices and fills in missing ones") {
  array a = random_array({2, 3, 4, 5}, 1), b = random_array({3, 5, 2}, 2);
  CHECK(distance(gather_mm(a, b), matmul(a, b)) == 0);
  CHECK(distance(gather_mm(a, b, std::nullopt, indices({0, 1, 2}, {1, 3})), matmul(a, b)) < 1e-13);
  CHECK(distance(gather_mm(a, b, indices({0, 3}, {2, 1})),
                 gather_mm(a, b, indices({0, 0, 0, 3, 3, 3}, {2, 3}),
                           indices({0, 1, 2, 0, 1, 2}, {2, 3}))) == 0);
  array tokens = random_array({6, 1, 1, 5}, 3);
  CHECK(gather_mm(tokens, b, std::nullopt, zeros({6, 2}, uint32)).shape() == Shape{6, 2, 1, 2});
  CHECK(distance(gather_mm(random_array({5}, 4), b, std::nullopt, indices({1, 2}, {2})),
                 matmul(random_array({5}, 4), slice(b, {1, 0, 0}, {3, 5, 2}))) < 1e-13);
  CHECK(gather_mm(a, random_array({5}, 4), indices({1}, {1})).shape() == Shape{1, 4});
  CHECK(gather_mm(a, b, indices({}, {0}), indices({0}, {1})).shape() == Shape{0, 4, 2});
  CHECK(values(gather_mm(zeros({2, 1, 0}), zeros({2, 0, 1}), indices({1}, {1}))) == Numbers{0, 0});
}

TEST_CASE("gather_mm of every dtype, and what it refuses") {
  for (Dtype dtype : {int16, int32, int64, float16, bfloat16, float32, float64, complex64}) {
    array a = astype(reshape(arange(12), {2, 2, 3}), dtype);
    array product = gather_mm(a, swapaxes(a, 1, 2), indices({1, 0}, {2}), indices({1, 1}, {2}));
    CHECK(product.dtype() == dtype);
    CHECK(values(real(product)) == Numbers{149, 212, 212, 302, 23, 32, 86, 122});
  }
  array a = zeros({2, 3, 4}), b = zeros({2, 4, 5});
  CHECK_THROWS_AS(gather_mm(a, zeros({2, 3, 5}), indices({0}, {1})), ShapeError);
  CHECK_THROWS_AS(gather_mm(a, array(1.0f), indices({0}, {1})), ShapeError);
  CHECK_THROWS_AS(gather_mm(a, b, zeros({1})), DtypeError);
  CHECK_THROWS_AS(gather_mm(a, b, indices({0, 1}, {2}), indices({0, 1, 1}, {3})), ShapeError);
  for (int bad : {2, -3}) CHECK_THROWS_AS(gather_mm(a, b, indices({bad}, {1})).eval(), EngineError);
}

TEST_CASE("derivatives and vmap of gather_mm") {
  array left = indices({0, 2, 2, 1, 0}, {5}), right = indices({1, 0, -1, 1, 0}, {5});
  array sorted = indices({0, 0, 1, 1, 1}, {5});
  for (int m : {1, 3}) {
    array a = random_array({3, m, 4}, 1), b = random_array({2, 4, 5}, 2);
    check_derivatives([&](auto& x) { return gather_mm(x[0], x[1], left, right); }, {a, b});
    check_derivatives([&](auto& x) { return gather_mm(x[0], x[1], left, sorted, true); }, {a, b});
    check_derivatives([&](auto& x) { return gather_mm(x[0], x[1], std::nullopt, sorted); },
                      {random_array({5, m, 4}, 1), b});
    // The gradient is differentiable again.
    auto loss = [&](const array& x) { return sum(square(gather_mm(a, x, left, right))); };
    check_derivatives([&](auto& x) { return grad(loss)(x[0]); }, {b}, 1e-5);
  }
  check_derivatives(
      [&](auto& x) { return gather_mm(x[0], x[1], left, right); },
      {random_array({3, 2, 2}, 1, -1, 1, complex64), random_array({2, 2, 2}, 2, -1, 1, complex64)});

  auto f = [](auto& x) { return gather_mm(x[0], x[1], x[2], x[3]); };
  array a = random_array({2, 3, 1, 4}, 1), b = random_array({2, 2, 4, 5}, 2);
  array both_left = indices({0, 2, 1, 1, 0, 2}, {2, 3});
  array both_right = indices({1, 0, -1, 1, 1, -2}, {3, 2});
  check_close_vmap(f, {a, b, both_left, both_right}, {0, 0, 0, 1});
  check_close_vmap(f, {take(a, 0, 0), b, take(both_left, 0, 0), both_right}, {-1, 0, -1, 1});
  check_close_vmap(f, {moveaxis(a, 0, 2), take(b, 0, 0), both_left, take(both_right, 0, 1)},
                   {2, -1, 0, -1});
  check_close_vmap(f, {take(a, 0, 0), take(b, 0, 0), both_left, take(both_right, 0, 1)},
                   {-1, -1, 0, -1});
  // An index out of range stays an error instead of reaching the next slice.
  auto wrong = vmap([](const array& x) { return gather_mm(x, ones({1, 4, 1}), array({3})); });
  CHECK_THROWS_AS(wrong(a).eval(), EngineError);
}

// ---- segmented_mm

TEST_CASE("segmented_mm multiplies slices") {
  array a = random_array({3, 10}, 1), b = random_array({10, 4}, 2);
  std::vector<std::pair<int, int>> segments = {{0, 4}, {4, 4}, {2, 9}, {9, 10}, {0, 10}, {7, 3}};
  array expected = plain_segments(a, b, segments);
  for (Dtype dtype : {int32, uint32, int64, uint8})
    CHECK(distance(segmented_mm(a, b, bounds(segments, dtype)), expected) < 1e-13);
  array a_view = transpose(contiguous(transpose(a))), b_view = transpose(contiguous(transpose(b)));
  CHECK(distance(segmented_mm(a_view, b_view, bounds(segments)), expected) < 1e-13);
  CHECK(segmented_mm(a, b, reshape(bounds(segments), {2, 3, 2})).shape() == Shape{2, 3, 3, 4});
  CHECK(distance(segmented_mm(a, b, bounds({{-4, -1}})), plain_segments(a, b, {{6, 9}})) < 1e-13);
  CHECK(segmented_mm(a, b, zeros({0, 2}, int32)).shape() == Shape{0, 3, 4});
  CHECK(segmented_mm(astype(a, float16), astype(b, int8), bounds(segments)).dtype() == float16);
  for (Dtype dtype : {int32, float16, bfloat16, complex64})
    CHECK(values(real(segmented_mm(ones({1, 4}, dtype), ones({4, 1}, dtype),
                                   bounds({{0, 3}, {3, 4}})))) == Numbers{3, 1});

  CHECK_THROWS_AS(segmented_mm(a, a, bounds(segments)), ShapeError);
  CHECK_THROWS_AS(segmented_mm(expand_dims(a, 0), b, bounds(segments)), ShapeError);
  CHECK_THROWS_AS(segmented_mm(a, b, zeros({3}, int32)), ShapeError);
  CHECK_THROWS_AS(segmented_mm(a, b, zeros({3, 2})), DtypeError);
  CHECK_THROWS_AS(segmented_mm(a, b, bounds({{0, 11}})).eval(), EngineError);
  CHECK_THROWS_AS(segmented_mm(a, b, bounds({{-11, 3}})).eval(), EngineError);
}

TEST_CASE("derivatives and vmap of segmented_mm") {
  array a = random_array({3, 10}, 1), b = random_array({10, 4}, 2);
  for (auto& segments : {bounds({{0, 3}, {3, 7}, {8, 10}}), bounds({{0, 5}, {2, 9}, {4, 4}})}) {
    check_derivatives([&](auto& x) { return segmented_mm(x[0], x[1], segments); }, {a, b});
    // Both operations' rules meet in the second derivative.
    auto loss = [&](const array& x) { return sum(square(segmented_mm(x, b, segments))); };
    check_derivatives([&](auto& x) { return grad(loss)(x[0]); }, {a}, 1e-5);
    auto right_loss = [&](const array& x) {
      return sum(square(
          grad([&](const array& y) { return sum(square(segmented_mm(y, x, segments))); })(a)));
    };
    check_derivatives([&](auto& x) { return grad(right_loss)(x[0]); }, {b}, 1e-4);
  }
  check_derivatives(
      [](auto& x) { return segmented_mm(x[0], x[1], bounds({{0, 2}, {1, 3}})); },
      {random_array({2, 3}, 1, -1, 1, complex64), random_array({3, 2}, 2, -1, 1, complex64)});

  auto f = [](auto& x) { return segmented_mm(x[0], x[1], x[2]); };
  array many_a = random_array({2, 3, 10}, 1), many_b = random_array({10, 2, 4}, 2);
  array segments = stack({bounds({{0, 3}, {5, -1}}), bounds({{2, 8}, {-10, 10}})});
  check_close_vmap(f, {many_a, many_b, segments}, {0, 1, 0});
  check_close_vmap(f, {many_a, b, take(segments, 0, 0)}, {0, -1, -1});
  check_close_vmap(f, {a, many_b, segments}, {-1, 1, 0});
  check_close_vmap(f, {a, b, segments}, {-1, -1, 0});
  auto gradient = [](auto& x) {
    auto loss = [&](const array& y) { return sum(square(segmented_mm(y, x[1], x[2]))); };
    return grad(loss)(x[0]);
  };
  check_close_vmap(gradient, {many_a, many_b, segments}, {0, 1, 0});
  auto wrong =
      vmap([](const array& x) { return segmented_mm(x, ones({10, 1}), bounds({{0, 11}})); });
  CHECK_THROWS_AS(wrong(many_a).eval(), EngineError);
}

// ---- block_masked_mm

TEST_CASE("block_masked_mm leaves blocks out") {
  for (auto [m, k, n] : {std::tuple{64, 64, 64}, {70, 100, 33}, {130, 40, 200}, {1, 1, 1}}) {
    for (int block : {32, 64}) {
      auto blocks = [&](int size) { return (size + block - 1) / block; };
      array a = random_array({2, m, k}, 1), b = random_array({k, n}, 2);
      auto mask = [&](Shape shape, uint32_t seed) {
        return greater(random_array(shape, seed), array(-0.2));
      };
      array out = mask({2, blocks(m), blocks(n)}, 3), lhs = mask({blocks(m), blocks(k)}, 4);
      array rhs = mask({blocks(k), blocks(n)}, 5);
      array a_masked = a * spread(lhs, block, m, k), b_masked = b * spread(rhs, block, k, n);
      array out_factors = spread(out, block, m, n);
      CAPTURE(m);
      CAPTURE(block);
      CHECK(distance(block_masked_mm(a, b, block), matmul(a, b)) < 1e-12);
      CHECK(distance(block_masked_mm(a, b, block, out, lhs, rhs),
                     matmul(a_masked, b_masked) * out_factors) < 1e-12);
      CHECK(distance(block_masked_mm(a, b, block, out), matmul(a, b) * out_factors) < 1e-12);
      CHECK(distance(block_masked_mm(a, b, block, std::nullopt, lhs), matmul(a_masked, b)) < 1e-12);
      array a_view = swapaxes(contiguous(swapaxes(a, 1, 2)), 1, 2);
      CHECK(distance(block_masked_mm(a_view, b, block, std::nullopt, lhs, rhs),
                     matmul(a_masked, b_masked)) < 1e-12);
      array factors = random_array({blocks(m), blocks(k)}, 6);
      CHECK(distance(block_masked_mm(a, b, block, out, factors, rhs),
                     matmul(a * spread(factors, block, m, k), b_masked) * out_factors) < 1e-12);
    }
  }
}

TEST_CASE("what block_masked_mm leaves out is not read") {
  array a = full({64, 64}, std::nan(""), float32), mask({true, false, false, false}, {2, 2});
  array clean = slice_update(a, ones({32, 32}), {0, 0}, {32, 32});
  array expected = 32.0 * spread(array({true, true, false, false}, {2, 2}), 32, 64, 64);
  array product = block_masked_mm(clean, ones({64, 64}), 32, std::nullopt, mask);
  CHECK(array_equal(product, expected).item<bool>());
}

TEST_CASE("dtypes of block_masked_mm and what it refuses") {
  array mask({true, false}, {2, 1});
  for (Dtype dtype : {int32, float16, bfloat16, float32, complex64}) {
    array product = block_masked_mm(ones({64, 5}, dtype), ones({5, 1}, dtype), 32, mask);
    CHECK(product.dtype() == dtype);
    CHECK(sum(astype(real(product), float64)).item<double>() == 160);
  }
  CHECK(block_masked_mm(zeros({0, 5}), zeros({5, 2}), 64).shape() == Shape{0, 2});
  CHECK(values(block_masked_mm(zeros({1, 0}), zeros({0, 2}), 64)) == Numbers{0, 0});
  CHECK(block_masked_mm(ones({5}), ones({5}), 64).shape() == Shape{});
  CHECK_THROWS_AS(block_masked_mm(ones({64, 5}), ones({5, 1}), 16), std::invalid_argument);
  CHECK_THROWS_AS(block_masked_mm(ones({64, 5}), ones({5, 1}), 64, mask), ShapeError);
  CHECK_THROWS_AS(block_masked_mm(ones({64, 5}), ones({4, 1}), 64), ShapeError);
}

TEST_CASE("derivatives and vmap of block_masked_mm") {
  array a = random_array({40, 70}, 1), b = random_array({70, 35}, 2);
  array out({true, false, true, true}, {2, 2}), lhs({true, true, false, false, true, true}, {2, 3});
  array rhs({false, true, true, true, true, false}, {3, 2});
  check_derivatives([&](auto& x) { return block_masked_mm(x[0], x[1], 32, out, lhs, rhs); },
                    {a, b});
  // Masks of numbers have gradients, too.
  check_derivatives(
      [&](auto& x) { return block_masked_mm(x[0], x[1], 32, x[2], x[3], x[4]); },
      {a, b, random_array({2, 2}, 3), random_array({2, 3}, 4), random_array({3, 2}, 5)});
  auto f = [](auto& x) { return block_masked_mm(x[0], x[1], 32, x[2], x[3]); };
  array masks = stack({out, logical_not(out)});
  check_close_vmap(f, {random_array({2, 40, 70}, 1), b, masks, lhs}, {0, -1, 0, -1});
  check_close_vmap(f, {a, random_array({70, 2, 35}, 2), out, stack({lhs, logical_not(lhs)}, 2)},
                   {-1, 1, -1, 2});
}
