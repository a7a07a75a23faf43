#include "hostile_data.h"

// Computed indices out of bounds: an EngineError, and nothing outside the arrays is touched.

using namespace hostile;

namespace {

/// Indices into n elements, of which some may lie outside; whether all lie inside.
struct Indices {
  array numbers;
  bool are_inside;
};

Indices hostile_indices(const Shape& shape, int n, Dtype dtype, Random& random) {
  bool is_sane = below(random, 3) == 0 && n > 0;
  array numbers = hostile_array(shape, dtype, random);
  // remainder has the sign of its divisor.
  if (is_sane) numbers = remainder(numbers, array(n, dtype));
  array wide = astype(numbers, int64);
  bool is_inside =
      all(logical_and(greater_equal(wide, array(-int64_t(n))), less(wide, array(int64_t(n)))))
          .item<bool>();
  // Codes from 2^63 on turn negative in int64.
  if (dtype == uint64) is_inside &= all(less(numbers, array(uint64_t(n)))).item<bool>();
  return {numbers, is_inside};
}

}  // namespace

TEST_CASE("hostile indices: takes and puts fail exactly when an index is outside") {
  Random random(11);
  for (int run = 0; run < 60; ++run) {
    for (Dtype dtype : integer_dtypes) {
      Dtype data = all_dtypes[below(random, dtype_count)];
      int n = below(random, 9), count = below(random, 4);
      array a = hostile_array({n, 3}, data, random);
      auto [rows, are_inside] = hostile_indices({count}, n, dtype, random);
      CHECK(succeeds([&] { return take(a, rows, 0); }) == are_inside);
      auto [flat, flat_inside] = hostile_indices({count}, 3 * n, dtype, random);
      CHECK(succeeds([&] { return take(a, flat); }) == flat_inside);
      auto [along, along_inside] = hostile_indices({count, 3}, n, dtype, random);
      array update = hostile_array({count, 3}, data, random);
      CHECK(succeeds([&] { return take_along_axis(a, along, 0); }) == along_inside);
      CHECK(succeeds([&] { return put_along_axis(a, along, update, 0); }) == along_inside);
      CHECK(succeeds([&] { return scatter_add_axis(a, along, update, 0); }) == along_inside);
    }
  }
}

TEST_CASE("hostile indices: gathers and scatters of slices") {
  Random random(12);
  using Scatter = array (*)(const array&, const std::vector<array>&, const array&,
                            const std::vector<int>&, StreamOrDevice);
  const std::vector<Scatter> scatters{scatter, scatter_add, scatter_prod, scatter_max, scatter_min};
  for (int run = 0; run < 40; ++run) {
    for (Dtype dtype : integer_dtypes) {
      Dtype data = all_dtypes[below(random, dtype_count)];
      array a = hostile_array({5, 4}, data, random);
      array i = hostile_array({3}, dtype, random);
      array j = hostile_array({3}, pick(random, integer_dtypes), random);
      succeeds([&] { return gather(a, {i, j}, {0, 1}, {1, 1}); });
      succeeds([&] { return gather(a, {i}, {0}, {2, 4}); });
      succeeds([&] { return gather(a, {i}, {hostile_size(random)}, hostile_shape(random, 2)); });
      array points = hostile_array({3, 1, 1}, data, random);
      array rows = hostile_array({3, 2, 4}, data, random);
      for (auto operation : scatters) {
        succeeds([&] { return operation(a, {i, j}, points, {0, 1}, {}); });
        succeeds([&] { return operation(a, {i}, rows, {0}, {}); });
        succeeds([&] { return operation(a, {i, j}, rows, {hostile_size(random), 0}, {}); });
      }
    }
  }
}

TEST_CASE("hostile indices: slices that begin where an array says") {
  Random random(13);
  array a = reshape(arange(20), {5, 4});
  for (int run = 0; run < 60; ++run) {
    for (Dtype dtype : integer_dtypes) {
      array start = hostile_array({2}, dtype, random);
      succeeds([&] { return slice(a, start, {0, 1}, {2, 3}); });
      succeeds([&] { return slice(a, start, {1, 0}, hostile_shape(random, 3)); });
      succeeds([&] { return slice(a, start, hostile_sizes(random, 3), {2, 3}); });
      array update = hostile_array({2, 3}, int32, random);
      succeeds([&] { return slice_update(a, update, start, {0, 1}); });
      succeeds([&] { return slice_update(a, update, start, hostile_sizes(random, 3)); });
      succeeds([&] {
        return slice_update(a, update, hostile_shape(random, 3), hostile_shape(random, 3),
                            hostile_shape(random, 3));
      });
      succeeds([&] {
        return slice(a, hostile_shape(random, 3), hostile_shape(random, 3),
                     hostile_shape(random, 3));
      });
    }
  }
}

TEST_CASE("hostile indices: derivatives and mapped axes of takes") {
  Random random(14);
  array a = random::normal({5, 4});
  for (int run = 0; run < 20; ++run) {
    array i = hostile_array({3}, pick(random, integer_dtypes), random);
    auto total = [&](const array& x) { return sum(take(x, i, 0)); };
    succeeds([&] { return grad(total)(a); });
    auto both = [](const array& x, const array& index) { return take(x, index, 0); };
    succeeds([&] { return vmap(both, 1, -1)(a, i); });
    succeeds([&] { return vmap(both, -1, 0)(a, i); });
  }
}

TEST_CASE("hostile indices: products of chosen matrices and of segments") {
  Random random(15);
  array a = random::normal({3, 4, 8}), b = random::normal({5, 8, 2});
  array left = random::normal({4, 8}), right = random::normal({8, 2});
  for (int run = 0; run < 40; ++run) {
    for (Dtype dtype : integer_dtypes) {
      array i = hostile_array({6}, dtype, random), j = hostile_array({6}, dtype, random);
      bool is_sorted = below(random, 2) == 0;
      succeeds([&] { return gather_mm(a, b, i, j, is_sorted); });
      succeeds([&] { return gather_mm(a, b, std::nullopt, j, is_sorted); });
      succeeds([&] { return segmented_mm(left, right, hostile_array({3, 2}, dtype, random)); });
      succeeds([&] {
        return grad([&](const array& x) {
          return sum(segmented_mm(x, right, hostile_array({3, 2}, dtype, random)));
        })(left);
      });
    }
    for (Dtype dtype : all_dtypes) {
      array mask = hostile_array({2, 1}, dtype, random);
      array l = random::normal({64, 32}), r = random::normal({32, 32});
      succeeds([&] { return block_masked_mm(l, r, 32, mask); });
      succeeds([&] { return block_masked_mm(l, r, hostile_size(random), mask, mask, mask); });
    }
  }
}

TEST_CASE("hostile indices: rows of quantized matrices") {
  Random random(16);
  array x = random::normal({2, 1, 64});
  auto w = quantize(random::normal({4, 8, 64}));
  for (int run = 0; run < 20; ++run) {
    for (Dtype dtype : integer_dtypes) {
      array i = hostile_array({3}, dtype, random), j = hostile_array({3}, dtype, random);
      succeeds([&] { return gather_qmm(x, w[0], w[1], w[2], i, j); });
      succeeds([&] { return gather_qmm(x, w[0], w[1], w[2], std::nullopt, j); });
    }
  }
}

TEST_CASE("hostile indices: positions of rotary embeddings") {
  Random random(17);
  array x = random::normal({2, 3, 8});
  for (Dtype dtype : all_dtypes) {
    array offset = hostile_array({2}, dtype, random);
    array frequencies = hostile_array({4}, dtype, random);
    succeeds([&] { return fast::rope(x, 8, false, 10000.0f, 1.0f, offset); });
    succeeds([&] { return fast::rope(x, 8, true, std::nullopt, NAN, INT32_MAX, frequencies); });
    succeeds([&] { return fast::rope(x, hostile_size(random), false, -1.0f, 1e30f, offset); });
  }
}
