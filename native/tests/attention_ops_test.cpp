#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "derivative_checks.h"
#include "mlx/fast.h"
#include "mlx/memory.h"
#include "primitives/attention_formula.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Arrays = std::vector<array>;
const float infinity = std::numeric_limits<float>::infinity();

struct Sizes {
  int batch, heads, key_heads, queries, keys, width, value_width;
};

struct Inputs {
  array q, k, v;

  Inputs(array q, array k, array v) : q(std::move(q)), k(std::move(k)), v(std::move(v)) {}
  explicit Inputs(const Sizes& n, Dtype dtype = float64)
      : q(random_array({n.batch, n.heads, n.queries, n.width}, 1, -2, 2, dtype)),
        k(random_array({n.batch, n.key_heads, n.keys, n.width}, 2, -2, 2, dtype)),
        v(random_array({n.batch, n.key_heads, n.keys, n.value_width}, 3, -2, 2, dtype)) {}
};

/// With the matrix of scores, in float64.
array plain_attention(const Inputs& in, float scale, bool causal,
                      const std::optional<array>& mask = {},
                      const std::optional<array>& sinks = {}) {
  Arrays inputs{astype(in.q, float64), astype(in.k, float64), astype(in.v, float64)};
  if (mask)
    inputs.push_back(broadcast_to(mask->dtype() == bool_ ? *mask : astype(*mask, float64),
                                  {in.q.shape(0), in.q.shape(1), in.q.shape(2), in.k.shape(2)}));
  if (sinks)
    inputs.push_back(broadcast_to(astype(*sinks, float64), {in.q.shape(0), in.q.shape(1)}));
  AttentionSettings settings{scale, causal, mask.has_value(), sinks.has_value()};
  return attention_formula(settings, default_stream(default_device()))(inputs)[0];
}

array fused(const Inputs& in, float scale, bool causal, const std::optional<array>& mask = {},
            const std::optional<array>& sinks = {}) {
  return fast::scaled_dot_product_attention(in.q, in.k, in.v, scale, causal ? "causal" : "", mask,
                                            sinks);
}

// A few queries, tiles with edges, groups, causal with more and fewer queries than keys.
const Sizes kSizes[] = {{1, 1, 1, 1, 1, 1, 1},      {2, 4, 2, 1, 300, 16, 16},
                        {1, 8, 1, 2, 1100, 8, 5},   {2, 2, 2, 50, 70, 13, 9},
                        {1, 4, 2, 97, 530, 24, 32}, {1, 2, 1, 600, 600, 8, 8},
                        {1, 1, 1, 60, 20, 4, 4},    {2, 3, 3, 5, 3, 4, 4}};

}  // namespace

TEST_CASE("attention is that of the formula") {
  for (const Sizes& n : kSizes) {
    CAPTURE(n.queries);
    CAPTURE(n.keys);
    Inputs in(n);
    array visible = random_array({n.batch, 1, n.queries, n.keys}, 4) > array(0.0, float64);
    array added = random_array({n.heads, 1, n.keys}, 5, -3, 3);
    array sinks = random_array({n.heads}, 6, -2, 2);
    CHECK(distance(fused(in, 0.3f, false), plain_attention(in, 0.3f, false)) < 1e-12);
    CHECK(distance(fused(in, 0.3f, true), plain_attention(in, 0.3f, true)) < 1e-12);
    CHECK(distance(fused(in, 0.3f, false, visible), plain_attention(in, 0.3f, false, visible)) <
          1e-12);
    CHECK(distance(fused(in, 0.3f, false, added), plain_attention(in, 0.3f, false, added)) < 1e-12);
    CHECK(distance(fused(in, 0.3f, true, {}, sinks), plain_attention(in, 0.3f, true, {}, sinks)) <
          1e-12);
    CHECK(distance(fused(in, 0.3f, false, visible, sinks),
                   plain_attention(in, 0.3f, false, visible, sinks)) < 1e-12);
  }
}

TEST_CASE("attention in every floating dtype, from any layout") {
  for (Dtype dtype : {float16, bfloat16, float32}) {
    const double tolerance = dtype == float32 ? 5e-6 : dtype == float16 ? 4e-3 : 3e-2;
    for (const Sizes& n : {Sizes{2, 4, 2, 1, 300, 16, 16}, Sizes{1, 4, 2, 97, 300, 24, 32}}) {
      Inputs in(n, dtype);
      array mask = random_array({n.queries, n.keys}, 4, -2, 2, dtype);
      array sinks = random_array({n.heads}, 6, -2, 2, dtype);
      array result = fused(in, 0.25f, false, mask, sinks);
      CHECK(result.dtype() == dtype);
      CHECK(distance(astype(result, float64), plain_attention(in, 0.25f, false, mask, sinks)) <
            tolerance);
      // Heads behind positions, as projections leave them, and features that lie apart.
      Inputs moved = in;
      for (array* a : {&moved.q, &moved.k, &moved.v})
        *a = swapaxes(contiguous(swapaxes(*a, 1, 2)), 1, 2);
      CHECK(distance(fused(moved, 0.25f, false, mask, sinks), result) < tolerance);
      for (array* a : {&moved.q, &moved.k, &moved.v})
        *a = swapaxes(contiguous(swapaxes(*a, 2, 3)), 2, 3);
      CHECK(distance(fused(moved, 0.25f, false, mask, sinks), result) < 2 * tolerance);
    }
  }
  Inputs in(Sizes{1, 1, 1, 2, 2, 2, 2}, float16);
  in.v = astype(in.v, float32);
  CHECK(fused(in, 1, false).dtype() == float32);
}

TEST_CASE("attention: masked rows, infinities, empty sizes") {
  Inputs in(Sizes{1, 2, 1, 3, 40, 4, 4}, float32);
  array nothing = zeros({3, 40}, bool_);
  array mean_value = broadcast_to(mean(in.v, 2, true), {1, 2, 3, 4});
  CHECK(distance(fused(in, 1, false, nothing), mean_value) < 1e-6);
  Inputs many(Sizes{1, 1, 1, 60, 20, 4, 4}, float32);
  // The first forty queries come before the first key.
  array first = slice(fused(many, 1, true), {0, 0, 0, 0}, {1, 1, 40, 4});
  CHECK(distance(first, broadcast_to(mean(many.v, 2, true), {1, 1, 40, 4})) < 1e-6);

  array hidden = full({3, 40}, array(-infinity));
  for (double x : values(fused(in, 1, false, hidden))) CHECK(std::isnan(x));
  // Only keys 35 and above are seen, after whole blocks without any.
  array late = where(arange(40) >= array(35), array(0.f), array(-infinity));
  CHECK(distance(astype(fused(in, 1, false, late), float64), plain_attention(in, 1, false, late)) <
        1e-5);
  Inputs none(Sizes{1, 2, 1, 3, 0, 4, 4}, float32);
  CHECK(values(fused(none, 1, false)) == std::vector<double>(24, 0));
  Inputs tiles(Sizes{1, 1, 1, 60, 0, 4, 4}, float32);
  CHECK(values(fused(tiles, 1, false)) == std::vector<double>(240, 0));
  CHECK(fused(Inputs(Sizes{0, 2, 1, 3, 4, 4, 4}), 1, false).shape() == Shape{0, 2, 3, 4});
  CHECK(fused(Inputs(Sizes{1, 2, 1, 3, 4, 0, 4}), 1, false).shape() == Shape{1, 2, 3, 4});
  CHECK(fused(Inputs(Sizes{1, 0, 0, 3, 4, 2, 4}), 1, false).shape() == Shape{1, 0, 3, 4});
}

TEST_CASE("attention: errors") {
  Inputs in(Sizes{1, 4, 2, 3, 5, 4, 4}, float32);
  auto attend = [&](const array& q, const array& k, const array& v, const std::string& mode = "",
                    std::optional<array> mask = {}, std::optional<array> sinks = {}) {
    return fast::scaled_dot_product_attention(q, k, v, 1, mode, mask, sinks);
  };
  CHECK_THROWS_AS(attend(take(in.q, 0, 0), in.k, in.v), ShapeError);
  CHECK_THROWS_AS(attend(in.q, in.k, zeros({1, 2, 4, 4})), ShapeError);
  CHECK_THROWS_AS(attend(in.q, zeros({1, 3, 5, 4}), zeros({1, 3, 5, 4})), ShapeError);
  CHECK_THROWS_AS(
      attend(zeros({1, 4, 3, 4}, int32), zeros({1, 2, 5, 4}, int32), zeros({1, 2, 5, 4}, int32)),
      DtypeError);
  CHECK_THROWS_AS(attend(in.q, in.k, in.v, "triangle"), std::invalid_argument);
  CHECK_THROWS_AS(attend(in.q, in.k, in.v, "causal", zeros({3, 5})), std::invalid_argument);
  CHECK_THROWS_AS(attend(in.q, in.k, in.v, "array"), std::invalid_argument);
  CHECK_THROWS_AS(attend(in.q, in.k, in.v, "", zeros({4, 5})), ShapeError);
  CHECK_THROWS_AS(attend(in.q, in.k, in.v, "", zeros({3, 5}, float64)), DtypeError);
  CHECK_THROWS_AS(attend(in.q, in.k, in.v, "", {}, zeros({2})), ShapeError);
  CHECK_THROWS_AS(attend(in.q, in.k, in.v, "", {}, zeros({4}, float64)), DtypeError);
}

TEST_CASE("derivatives of attention") {
  for (const Sizes& n :
       {Sizes{2, 4, 2, 3, 7, 5, 4}, Sizes{1, 2, 1, 60, 50, 5, 4}, Sizes{1, 1, 1, 20, 300, 3, 3}}) {
    Inputs in(n);
    array visible = random_array({n.queries, n.keys}, 4) > array(-0.5, float64);
    array added = random_array({n.heads, 1, n.keys}, 5), sinks = random_array({n.heads}, 6);
    check_derivatives([](auto& a) { return fused({a[0], a[1], a[2]}, 0.5f, true); },
                      {in.q, in.k, in.v}, 1e-5);
    check_derivatives([&](auto& a) { return fused({a[0], a[1], a[2]}, 0.5f, false, visible); },
                      {in.q, in.k, in.v}, 1e-5);
    check_derivatives(
        [&](auto& a) { return fused({a[0], a[1], a[2]}, 0.5f, false, visible, a[3]); },
        {in.q, in.k, in.v, sinks}, 1e-5);
    check_derivatives([&](auto& a) { return fused({a[0], a[1], a[2]}, 0.5f, false, a[3], a[4]); },
                      {in.q, in.k, in.v, added, sinks}, 1e-5);
  }
  // Twice.
  Inputs in(Sizes{1, 2, 1, 3, 4, 2, 2});
  auto gradient = [](const Arrays& a) {
    auto loss = [](const Arrays& p) {
      return Arrays{sum(sin(fused({p[0], p[1], p[2]}, 0.7f, true)))};
    };
    auto all = value_and_grad(VectorFunction(loss), {0, 1, 2})(a).second;
    return concatenate({flatten(all[0]), flatten(all[1]), flatten(all[2])}, 0);
  };
  check_derivatives(gradient, {in.q, in.k, in.v}, 1e-5);
}

TEST_CASE("gradients of attention from half types, and of rows that see no key") {
  Inputs in(Sizes{1, 2, 1, 60, 300, 8, 8}, float32);
  array mask = arange(60) < array(30);
  mask = broadcast_to(expand_dims(mask, -1), {60, 300});
  auto gradients = [&](const Inputs& x) {
    auto f = [&](const Arrays& a) { return Arrays{fused({a[0], a[1], a[2]}, 0.3f, false, mask)}; };
    return vjp(f, {x.q, x.k, x.v}, {ones({1, 2, 60, 8}, x.q.dtype())}).second;
  };
  auto plain = [&](const Inputs& x) {
    auto f = [&](const Arrays& a) {
      return Arrays{plain_attention({a[0], a[1], a[2]}, 0.3f, false, mask)};
    };
    return vjp(f, {x.q, x.k, x.v}, {ones({1, 2, 60, 8}, float64)}).second;
  };
  auto expected = plain(in), actual = gradients(in);
  for (int i = 0; i < 3; ++i)
    CHECK(distance(astype(actual[i], float64), astype(expected[i], float64)) < 1e-4);
  array unseen = slice(actual[0], {0, 0, 30, 0}, {1, 2, 60, 8});
  CHECK(max(abs(unseen)).item<float>() == 0);
  Inputs half = in;
  for (array* a : {&half.q, &half.k, &half.v}) *a = astype(*a, float16);
  auto rounded = gradients(half);
  for (int i = 0; i < 3; ++i) {
    CHECK(rounded[i].dtype() == float16);
    CHECK(distance(astype(rounded[i], float32), actual[i]) < 2e-2);
  }
}

TEST_CASE("vmap of attention") {
  Sizes n{2, 4, 2, 3, 7, 5, 4};
  Inputs in(n);
  array mask = random_array({2, 3, 7}, 4), sinks = random_array({2, 4}, 5);
  auto function = [](auto& a) {
    return fused({expand_dims(a[0], 0), expand_dims(a[1], 0), expand_dims(a[2], 0)}, 0.5f, false,
                 a[3], a[4]);
  };
  check_vmap(function, {in.q, in.k, in.v, mask, sinks}, {0, 0, 0, 0, 0});
  check_vmap(function, {in.q, take(in.k, 0, 0), in.v, take(mask, 0, 0), take(sinks, 0, 0)},
             {0, -1, 0, -1, -1}, 1);
  auto gradient = [&](const Arrays& a) {
    auto loss = [&](const Arrays& p) { return Arrays{sum(sin(function(p)))}; };
    return value_and_grad(VectorFunction(loss), {0, 1, 2, 4})(a).second;
  };
  Arrays inputs{in.q, in.k, in.v, mask, sinks};
  auto mapped = vmap(VectorFunction(gradient), {0, 0, 0, 0, 0}, {0, 0, 0, 0})(inputs);
  for (int i = 0; i < 2; ++i) {
    Arrays slices;
    for (auto& input : inputs) slices.push_back(take(input, i, 0));
    auto single = gradient(slices);
    for (size_t j = 0; j < single.size(); ++j)
      CHECK(distance(take(mapped[j], i, 0), single[j]) < 1e-12);
  }
}

TEST_CASE("attention gives the same bits for any number of threads") {
  Inputs in(Sizes{1, 4, 2, 200, 700, 16, 16}, float32),
      few(Sizes{1, 4, 2, 1, 5000, 16, 16}, float32);
  auto compute = [&] {
    auto f = [&](const Arrays& a) { return Arrays{fused({a[0], a[1], a[2]}, 0.3f, true)}; };
    auto [outputs, gradients] = vjp(f, {in.q, in.k, in.v}, {sin(in.q)});
    return concatenate({flatten(outputs[0]), flatten(gradients[0]), flatten(gradients[1]),
                        flatten(gradients[2]), flatten(fused(few, 0.3f, false))},
                       0);
  };
  const int threads = num_threads();
  set_num_threads(1);
  array one = compute();
  eval(one);
  set_num_threads(4);
  array four = compute();
  eval(four);
  set_num_threads(threads);
  CHECK(array_equal(one, four, false).item<bool>());
}

TEST_CASE("attention's memory grows with the length, not with its square") {
  auto peak = [](int length, bool backward) {
    Inputs in(Sizes{1, 1, 1, length, length, 16, 16}, float32);
    eval(in.q, in.k, in.v);
    auto f = [](const Arrays& a) { return Arrays{fused({a[0], a[1], a[2]}, 0.25f, true)}; };
    clear_cache();
    const size_t before = get_active_memory();
    reset_peak_memory();
    if (backward)
      eval(vjp(f, {in.q, in.k, in.v}, {in.q}).second);
    else
      eval(f({in.q, in.k, in.v}));
    return double(get_peak_memory() - before);
  };
  const double score_bytes = 8192.0 * 8192 * 4;
  for (bool backward : {false, true}) {
    const double short_one = peak(2048, backward), long_one = peak(8192, backward);
    CHECK(long_one < 4.5 * short_one);
    CHECK(long_one < score_bytes / 16);
  }
}
