#include <doctest/doctest.h>

#include "mlx/mlx.h"
#include "mlx/primitives.h"

// The overloads of operations, called as programs written for MLX call them.

using namespace mlx::core;

namespace {

bool is_equal(const array& a, const array& b) { return array_equal(a, b).item<bool>(); }

using Call = std::function<array()>;
/// Calls that must give the first one's values.
void check_same(const std::vector<Call>& calls) {
  array expected = calls[0]();
  for (auto& call : calls) {
    array got = call();
    CHECK(got.dtype() == expected.dtype());
    CHECK(array_equal(got, expected, true).item<bool>());
  }
}

const StreamOrDevice on_cpu = Device(Device::cpu);

}  // namespace

TEST_CASE("api: operators between arrays and scalars of every kind") {
  array x({1.0f, 2.0f, 3.0f}), i({1, 2, 3});
  auto check_all = [&](auto s, Dtype with_float, Dtype with_int) {
    CAPTURE(with_float);
    CHECK((x + s).dtype() == with_float);
    CHECK((s - x).dtype() == with_float);
    CHECK((x * s).dtype() == with_float);
    CHECK((s + i).dtype() == with_int);
    CHECK((i * s).dtype() == with_int);
    CHECK(is_equal(x + s, s + x));
    CHECK(is_equal(s - x, -(x - s)));
    CHECK((s / i).dtype() == (issubdtype(with_int, inexact) ? with_int : float32));
    CHECK((i / s).shape() == i.shape());
    for (auto& compared : {x == s, s == x, x != s, s != x}) CHECK(compared.dtype() == bool_);
    if constexpr (!std::is_same_v<decltype(s), std::complex<float>> &&
                  !std::is_same_v<decltype(s), complex64_t>) {
      for (auto& compared : {x<s, s<x, x <= s, s <= x, x> s, s> x, x >= s, s >= x})
        CHECK(compared.dtype() == bool_);
      CHECK((x % s).shape() == x.shape());
      CHECK((s % x).shape() == x.shape());
    }
  };
  check_all(2, float32, int32);
  check_all(2.0, float32, float32);
  check_all(2.0f, float32, float32);
  check_all(true, float32, int32);
  check_all(int64_t(2), float32, int64);
  check_all(uint32_t(2), float32, int64);
  check_all(int16_t(2), float32, int32);
  check_all(uint8_t(2), float32, int32);
  check_all(float16_t(2), float32, float16);
  check_all(bfloat16_t(2), float32, bfloat16);
  check_all(complex64_t(2), complex64, complex64);
  check_all(std::complex<float>(2), complex64, complex64);

  CHECK(is_equal(i & array(1), array({1, 0, 1})));
  CHECK(is_equal(i | array(4), array({5, 6, 7})));
  CHECK(is_equal(i ^ i, array({0, 0, 0})));
  CHECK(is_equal(i << array(1), array({2, 4, 6})));
  CHECK(is_equal(i >> array(1), array({0, 1, 1})));
  CHECK(is_equal(~i, array({-2, -3, -4})));
  CHECK(is_equal((x > 1) && (x < 3), array({false, true, false})));
  CHECK(is_equal((x < 2) || (x > 2), array({true, false, true})));
  CHECK(is_equal(-x, array({-1.0f, -2.0f, -3.0f})));
}

TEST_CASE("api: slices combined with updates") {
  array a = reshape(arange(12), {3, 4});
  check_same({[&] { return slice_update_add(a, array(10), {0, 1}, {2, 3}); },
              [&] { return slice_update_add(a, array(10), {0, 1}, {2, 3}, {1, 1}); },
              [&] { return slice_update_add(a, array(10), {0, 1}, {2, 3}, {1, 1}, on_cpu); },
              [&] { return slice_update(a, slice(a, {0, 1}, {2, 3}) + 10, {0, 1}, {2, 3}); }});
  check_same({[&] { return slice_update_prod(a, array({2, 3}), {0, 0}, {3, 2}); },
              [&] { return slice_update_prod(a, array({2, 3}), {0, 0}, {3, 2}, {1, 1}); },
              [&] { return a * array({2, 3, 1, 1}); }});
  check_same({[&] { return slice_update_max(a, array(5), {0, 0}, {3, 4}, {2, 1}); },
              [&] { return slice_update_max(a, array({5, 5, 5, 5}), {0, 0}, {1, 4}); },
              [&] { return where(arange(3).shape(0) == 3 ? a < 4 : a < 0, array(5), a); }});
  check_same({[&] { return slice_update_min(a, array(5), {2, 0}, {3, 4}); },
              [&] { return slice_update_min(a, array(5), {2, 0}, {3, 4}, {1, 1}); },
              [&] { return where(a > 7, array(5), a); }});
  CHECK(slice_update_add(ones({2}, float16), array(1.0f), {0}, {1}).dtype() == float16);
  CHECK_THROWS_AS(slice_update_add(a, ones({5}), {0, 0}, {3, 4}), std::invalid_argument);
  CHECK_THROWS_AS(slice_update_max(a, array(1), {0}, {1}), std::invalid_argument);

  auto sum_of = [](const std::vector<array>& x) {
    return sum(square(slice_update_prod(x[0], x[1], {1}, {3})));
  };
  auto gradients = grad(sum_of, {0, 1})({array({1.0f, 2.0f, 3.0f}), array({4.0f, 5.0f})});
  CHECK(is_equal(gradients[0], array({2.0f, 64.0f, 150.0f})));
  CHECK(is_equal(gradients[1], array({32.0f, 90.0f})));
}

TEST_CASE("api: masked_scatter") {
  array a = zeros({2, 3}), mask = array({true, false, true, false, true, false}, {2, 3});
  check_same({[&] { return masked_scatter(a, mask, array({1, 2, 3, 4})); },
              [&] {
                return masked_scatter(a, mask, reshape(array({1.0f, 2.0f, 3.0f, 4.0f}), {2, 2}),
                                      on_cpu);
              },
              [&] { return array({1.0f, 0.0f, 2.0f, 0.0f, 3.0f, 0.0f}, {2, 3}); }});
  // The mask's axes are the first ones.
  array rows = masked_scatter(a, array({false, true}), array({7.0f, 8.0f, 9.0f}));
  CHECK(is_equal(rows, array({0.0f, 0.0f, 0.0f, 7.0f, 8.0f, 9.0f}, {2, 3})));
  CHECK(is_equal(masked_scatter(a, zeros({2, 3}, bool_), array({1.0f})), a));
  CHECK_THROWS_AS(masked_scatter(a, ones({2, 3}), a), std::invalid_argument);
  CHECK_THROWS_AS(masked_scatter(a, ones({3, 2}, bool_), a), std::invalid_argument);
  CHECK_THROWS_AS(eval(masked_scatter(a, mask, array({1.0f, 2.0f}))), std::runtime_error);
  auto loss = [&](const std::vector<array>& x) {
    return sum(square(masked_scatter(x[0], mask, x[1])));
  };
  auto gradients = grad(loss, {0, 1})({ones({2, 3}), array({1.0f, 2.0f, 3.0f, 4.0f})});
  CHECK(is_equal(gradients[0], array({0.0f, 2.0f, 0.0f, 2.0f, 0.0f, 2.0f}, {2, 3})));
  CHECK(is_equal(gradients[1], array({2.0f, 4.0f, 6.0f, 0.0f})));
}

TEST_CASE("api: scans in a dtype of one's choice") {
  array a = array({1, 2, 3, 4}, {2, 2}), b = array({200, 100}, uint8);
  check_same({[&] { return cumsum(a, 1); }, [&] { return cumsum(a, 1, false, true); },
              [&] { return cumsum(a, -1, false, true, on_cpu); },
              [&] { return cumsum(a, 1, false, true, std::nullopt, on_cpu); },
              [&] { return cumsum(a, 1, false, true, int32); }});
  check_same({[&] { return cumprod(a); }, [&] { return cumprod(a, false); },
              [&] { return cumprod(a, false, true, on_cpu); },
              [&] { return cumprod(a, false, true, int32, on_cpu); },
              [&] { return cumprod(flatten(a), 0); }});
  CHECK(cumsum(b).dtype() == uint8);
  CHECK(is_equal(cumsum(b, false, true, int32), array({200, 300})));
  CHECK(cumsum(b, 0, false, true, float32).dtype() == float32);
  CHECK(cumsum(array({true, true})).dtype() == int32);
  check_same({[&] { return cummax(a, 0); }, [&] { return cummax(a, 0, false, true, on_cpu); }});
  check_same({[&] { return cummin(a); }, [&] { return cummin(a, false, true, on_cpu); }});
  check_same({[&] { return logcumsumexp(a, 1); },
              [&] { return logcumsumexp(a, 1, false, true, on_cpu); }});
}

TEST_CASE("api: reductions") {
  array a = reshape(arange(6.0), {2, 3});
#define MLX_CHECK_REDUCTION(name)                                                           \
  check_same({[&] { return name(a); }, [&] { return name(a, false); },                      \
              [&] { return name(a, {0, 1}); }, [&] { return name(a, on_cpu); },             \
              [&] { return name(a, std::vector<int>{0, 1}, false, on_cpu); },               \
              [&] { return squeeze(name(a, true)); }});                                     \
  check_same({[&] { return name(a, 1); }, [&] { return name(a, -1, false); },               \
              [&] { return squeeze(name(a, 1, true), 1); }, [&] { return name(a, {1}); }}); \
  CHECK(name(a, {0, 1}, true).shape() == Shape{1, 1})
  MLX_CHECK_REDUCTION(all);
  MLX_CHECK_REDUCTION(any);
  MLX_CHECK_REDUCTION(sum);
  MLX_CHECK_REDUCTION(prod);
  MLX_CHECK_REDUCTION(max);
  MLX_CHECK_REDUCTION(min);
  MLX_CHECK_REDUCTION(mean);
  MLX_CHECK_REDUCTION(median);
  MLX_CHECK_REDUCTION(count_nonzero);
  MLX_CHECK_REDUCTION(logsumexp);
#undef MLX_CHECK_REDUCTION
  check_same({[&] { return var(a); }, [&] { return var(a, {0, 1}, false, 0, on_cpu); },
              [&] { return var(a, on_cpu); }});
  check_same({[&] { return var(a, true, 1); }, [&] { return var(a, {0, 1}, true, 1); }});
  check_same({[&] { return mlx::core::std(a, 1, false, 1); },
              [&] { return mlx::core::std(a, {1}, false, 1, on_cpu); }});
  check_same({[&] { return argmax(a, 1); }, [&] { return argmax(a, -1, false, on_cpu); }});
  check_same({[&] { return argmin(a); }, [&] { return argmin(a, false); },
              [&] { return squeeze(argmin(a, true)); }});
  check_same({[&] { return softmax(a, -1); }, [&] { return softmax(a, {1}, true); },
              [&] { return softmax(a, 1, false, on_cpu); }});
  check_same({[&] { return softmax(a); }, [&] { return softmax(a, {0, 1}); },
              [&] { return softmax(a, false, on_cpu); }});
  // MLX throws another kind of error in reductions than elsewhere.
  CHECK_THROWS_AS(sum(a, 2), std::out_of_range);
  CHECK_THROWS_AS(sum(a, {0, 0}), std::invalid_argument);
  CHECK_THROWS_AS(argmax(a, 2), std::out_of_range);
}

TEST_CASE("api: an axis that isn't there") {
  array a = ones({2, 3});
  CHECK_THROWS_AS(expand_dims(a, 5), std::invalid_argument);
  CHECK_THROWS_AS(squeeze(a, 2), std::invalid_argument);
  CHECK_THROWS_AS(concatenate({a, a}, 2), std::invalid_argument);
  CHECK_THROWS_AS(stack({a, a}, 3), std::invalid_argument);
  CHECK_THROWS_AS(split(a, 2, 2), std::invalid_argument);
  CHECK_THROWS_AS(repeat(a, 2, 2), std::invalid_argument);
  CHECK_THROWS_AS(roll(a, 1, 2), std::invalid_argument);
  CHECK_THROWS_AS(sort(a, 2), std::invalid_argument);
  CHECK_THROWS_AS(partition(a, 3, 1), std::invalid_argument);
  CHECK_THROWS_AS(take(a, array({0}), 2), std::invalid_argument);
  CHECK_THROWS_AS(cumsum(a, 2), std::invalid_argument);
  CHECK_THROWS_AS(flatten(a, 0, 2), std::invalid_argument);
  CHECK_THROWS_AS(transpose(a, {0, 2}), std::invalid_argument);
  CHECK_THROWS_AS(normalize_axis_index(2, 2), std::invalid_argument);
  CHECK_THROWS_AS(fft::fft(a, 2), std::invalid_argument);
  CHECK_THROWS_AS(fft::rfft(a, -3), std::invalid_argument);
  CHECK_THROWS_AS(fft::fftn(a, {0, 2}), std::invalid_argument);
  CHECK_THROWS_AS(fft::fftshift(a, {2}), std::invalid_argument);
  CHECK_THROWS_AS(fft::ifftshift(a, {-3}), std::invalid_argument);
  CHECK_THROWS_AS(moveaxis(a, 0, 2), std::out_of_range);
  CHECK_THROWS_AS(swapaxes(a, 0, 2), std::out_of_range);
  CHECK_THROWS_AS(diagonal(a, 0, 0, 2), std::out_of_range);
  CHECK(normalize_axis_index(-1, 2) == 1);
}

TEST_CASE("api: creation") {
  check_same({[] { return arange(0, 4, 1); }, [] { return arange(0, 4); }, [] { return arange(4); },
              [] { return arange(0.0, 4.0, 1.0, int32); }, [] { return arange(4, int32); },
              [] { return arange(0, 4, int32); }});
  check_same({[] { return arange(4.0); }, [] { return arange(0.0, 4.0); },
              [] { return arange(0.0, 4.0, 1.0); }, [] { return linspace(0, 3, 4); },
              [] { return linspace(0, 4, 4, false); }, [] { return linspace(0, 3, 4, float32); }});
  check_same({[] { return eye(3); }, [] { return eye(3, float32); }, [] { return eye(3, 3); },
              [] { return eye(3, 3, 0); }, [] { return eye(3, 3, 0, float32); },
              [] { return identity(3); }, [] { return identity(3, float32); },
              [] { return diag(ones({3})); }});
  check_same({[] { return tri(3, 3, 0, float32); }, [] { return tri(3, float32); },
              [] { return tril(ones({3, 3})); }, [] { return transpose(triu(ones({3, 3}), 0)); }});
  array a = zeros({2, 2});
  check_same({[] { return ones({2, 2}); }, [] { return ones({2, 2}, float32); },
              [&] { return ones_like(a); }, [&] { return full({2, 2}, 1.0); },
              [&] { return full({2, 2}, array(1.0f)); }, [&] { return full({2, 2}, 1, float32); },
              [&] { return full_like(a, 1); }, [&] { return full_like(a, array(1)); },
              [&] { return full_like(a, 1, float32); },
              [&] { return full_like(ones({2, 2}, int32), array(1.5), float32) - 0.5; }});
  check_same({[&] { return zeros_like(a, int32); }, [] { return zeros({2, 2}, int32); }});
  check_same(
      {[] { return number_of_elements(ones({2, 3}), {0, 1}, false); }, [] { return array(6); }});
}

TEST_CASE("api: shapes, parts and joins") {
  array a = reshape(arange(6), {2, 3});
  check_same({[&] { return transpose(a); }, [&] { return transpose(a, {1, 0}); },
              [&] { return transpose(a, std::vector<int>{-1, -2}); },
              [&] { return swapaxes(a, 0, 1); }, [&] { return moveaxis(a, 0, 1); }});
  check_same({[&] { return flatten(a); }, [&] { return flatten(a, 0); },
              [&] { return flatten(a, 0, 1, on_cpu); }, [&] { return reshape(a, {-1}); }});
  check_same({[&] { return expand_dims(a, 0); },
              [&] { return expand_dims(a, std::vector<int>{0}); },
              [&] { return unflatten(a, 0, {1, 2}); }, [&] { return reshape(a, {1, 2, 3}); }});
  check_same({[&] { return a; },
              [&] { return squeeze(expand_dims(a, {0, 3})); },
              [&] { return squeeze(expand_dims(a, 2), 2); },
              [&] { return concatenate(unstack(expand_dims(a, 0))); },
              [&] { return stack(unstack(a)); },
              [&] { return stack(unstack(a, 1), 1); },
              [&] { return concatenate(split(a, 3, 1), 1); },
              [&] { return concatenate(split(a, 2)); },
              [&] { return concatenate(split(a, {1, 2}, 1), 1); },
              [&] { return concatenate(split(a, Shape{1})); },
              [&] { return flip(flip(a)); },
              [&] { return flip(flip(a, 0), std::vector<int>{0}); },
              [&] { return roll(a, 6); },
              [&] { return roll(a, {2, 3}, {0, 1}); },
              [&] { return roll(a, Shape{3}, 1); },
              [&] { return roll(a, 2, 0); },
              [&] { return roll(roll(a, 1, std::vector<int>{0, 1}), {-1, -1}, {0, 1}); },
              [&] { return copy(a); },
              [&] { return contiguous(a); },
              [&] { return stop_gradient(a); },
              [&] { return depends({a}, {ones({2})})[0]; },
              [&] { return atleast_2d(a); },
              [&] { return atleast_1d({a, a})[0]; },
              [&] { return broadcast_arrays({a, array(1)})[0]; },
              [&] { return slice(a, {0, 0}, {2, 3}); },
              [&] { return slice(a, {0, 0}, {2, 3}, {1, 1}); },
              [&] { return slice(a, array({0}), {0}, {2, 3}); },
              [&] { return slice_update(a, slice(a, {0, 0}, {1, 2}), {0, 0}, {1, 2}); },
              [&] { return slice_update(a, slice(a, {1, 0}, {2, 3}), array({1}), {0}); },
              [&] { return as_strided(a, {2, 3}, {3, 1}, 0); },
              [&] { return tile(a, {1}); },
              [&] { return view(view(a, float32), int32); },
              [&] { return astype(a, int32); },
              [&] { return repeat(a, 1, 0); },
              [&] { return broadcast_to(a, {2, 3}); }});
  CHECK(repeat(a, 2).shape() == Shape{12});
  CHECK(pad(a, 1).shape() == Shape{4, 5});
  CHECK(pad(a, {1, 2}).shape() == Shape{5, 6});
  CHECK(pad(a, {{0, 0}, {1, 2}}, array(7)).shape() == Shape{2, 6});
  CHECK(pad(a, {1}, {1}, {0}, array(0), "edge").shape() == Shape{2, 4});
  CHECK(trace(a).item<int>() == 4);
  CHECK(trace(a, 1, 0, 1).item<int>() == 6);
  CHECK(trace(a, 0, 0, 1, float32).dtype() == float32);
  CHECK(diagonal(a).shape() == Shape{2});
  CHECK(meshgrid({arange(2), arange(3)})[0].shape() == Shape{3, 2});
  CHECK(meshgrid({arange(2), arange(3)}, true, "ij")[0].shape() == Shape{2, 1});
  CHECK(atleast_3d(a).shape() == Shape{2, 3, 1});
  CHECK(atleast_3d(std::vector<array>{a})[0].shape() == Shape{2, 3, 1});
}

TEST_CASE("api: indexing") {
  array a = reshape(arange(6), {2, 3});
  check_same({[&] { return take(a, 1, 0); }, [&] { return squeeze(take(a, array({1}), 0), 0); },
              [&] { return slice(flatten(a), {3}, {6}); },
              [&] { return squeeze(gather(a, array(1), 0, {1, 3}), 0); },
              [&] { return squeeze(gather(a, {array(1)}, std::vector<int>{0}, {1, 3}), 0); },
              [&] { return squeeze(take_along_axis(a, array({1, 1, 1}, {1, 3}), 0), 0); }});
  check_same(
      {[&] { return take(a, 4); }, [&] { return take(a, array(4)); }, [&] { return array(4); }});
  array row = array({9, 9, 9}, {1, 1, 3});
  check_same({[&] { return scatter(a, {array({1})}, row, std::vector<int>{0}); },
              [&] { return scatter(a, array({1}), row, 0); },
              [&] { return put_along_axis(a, array({1, 1, 1}, {1, 3}), array(9), 0); }});
  check_same({[&] { return scatter_add(a, array({1}), row, 0); },
              [&] { return scatter_add(a, {array({1})}, row, std::vector<int>{0}); },
              [&] { return scatter_add_axis(a, array({1, 1, 1}, {1, 3}), array(9), 0); }});
  check_same({[&] { return scatter_prod(a, array({1}), row, 0); },
              [&] { return scatter_prod(a, {array({1})}, row, std::vector<int>{0}); }});
  check_same({[&] { return scatter_max(a, array({1}), row, 0); },
              [&] { return scatter_max(a, {array({1})}, row, std::vector<int>{0}); },
              [&] { return scatter(a, array({1}), row, 0); }});
  check_same({[&] { return scatter_min(a, array({1}), row, 0); },
              [&] { return scatter_min(a, {array({1})}, row, std::vector<int>{0}); },
              [&] { return a; }});
}

TEST_CASE("api: sorting and searching") {
  array a = array({3, 1, 2});
  check_same({[&] { return sort(a); }, [&] { return sort(a, 0); },
              [&] { return sort(a, -1, on_cpu); }, [&] { return topk(a, 3); },
              [&] { return topk(a, 3, 0); }, [&] { return take(a, argsort(a)); },
              [&] { return take(a, argsort(a, 0)); }, [&] { return sort(partition(a, 1)); },
              [&] { return sort(partition(a, 1, 0)); },
              [&] { return sort(take(a, argpartition(a, 1))); },
              [&] { return sort(take(a, argpartition(a, 1, 0))); }});
  CHECK(searchsorted(array({1, 2, 3}), array(2)).item<uint32_t>() == 1);
  CHECK(searchsorted(array({1, 2, 3}), array(2), "right").item<uint32_t>() == 2);
}

TEST_CASE("api: products and convolutions") {
  array a = reshape(arange(6.0), {2, 3}), b = transpose(a);
  check_same({[&] { return matmul(a, b); }, [&] { return addmm(zeros({2, 2}), a, b); },
              [&] { return addmm(ones({2, 2}), a, b, 1.0f, 0.0f); }, [&] { return inner(a, a); },
              [&] { return tensordot(a, b, 1); }, [&] { return tensordot(a, b, {1}, {0}); },
              [&] { return einsum("ij,jk->ik", {a, b}); }});
  CHECK(einsum_path("ij,jk->ik", {a, b}).first.size() == 1);
  CHECK(outer(arange(2), arange(3)).shape() == Shape{2, 3});
  CHECK(kron(a, a).shape() == Shape{4, 9});
  CHECK(vecdot(a, a).shape() == Shape{2});
  array signal = ones({1, 8, 2}), kernel = ones({4, 3, 2});
  check_same({[&] { return conv1d(signal, kernel); },
              [&] { return conv1d(signal, kernel, 1, 0, 1, 1); },
              [&] { return conv_general(signal, kernel); },
              [&] { return conv_general(signal, kernel, {1}, {0}, {1}, {1}, 1, false); },
              [&] { return conv_general(signal, kernel, {1}, {0}, {0}, {1}, {1}, 1, false); }});
  CHECK(conv2d(ones({1, 5, 5, 1}), ones({2, 3, 3, 1}), {2, 2}, {1, 1}).shape() ==
        Shape{1, 3, 3, 2});
  CHECK(conv3d(ones({1, 3, 3, 3, 1}), ones({2, 3, 3, 3, 1}), {1, 1, 1}).shape() ==
        Shape{1, 1, 1, 1, 2});
  CHECK(conv_transpose1d(ones({1, 4, 2}), ones({3, 3, 2}), 2, 0, 1, 1).shape() == Shape{1, 10, 3});
  CHECK(conv_transpose2d(ones({1, 2, 2, 1}), ones({1, 2, 2, 1}), {2, 2}).shape() ==
        Shape{1, 4, 4, 1});
  CHECK(conv_transpose3d(ones({1, 2, 2, 2, 1}), ones({1, 2, 2, 2, 1})).shape() ==
        Shape{1, 3, 3, 3, 1});
}

TEST_CASE("api: fast") {
  array x = ones({2, 4});
  check_same({[&] { return fast::rms_norm(x, ones({4}), 1e-5); },
              [&] { return fast::rms_norm(x, std::nullopt, 1e-5f, on_cpu); }});
  CHECK(fast::layer_norm(x, ones({4}), zeros({4}), 1e-5).shape() == x.shape());
  array q = ones({1, 2, 3, 4});
  check_same(
      {[&] { return fast::scaled_dot_product_attention(q, q, q, 0.5f); },
       [&] { return fast::scaled_dot_product_attention(q, q, q, 0.5f, "", {}, {}, true); },
       [&] { return fast::scaled_dot_product_attention(q, q, q, 0.5f, "", {}, {}, false, on_cpu); },
       [&] {
         return fast::scaled_dot_product_attention(q, q, q, 0.5f, "", std::nullopt, std::nullopt,
                                                   on_cpu);
       },
       [&] { return fast::scaled_dot_product_attention(q, q, q, 0.5f, "causal"); }});
  check_same({[&] { return fast::rope(q, 4, false, 10000.0f, 1.0f, 0); },
              [&] { return fast::rope(q, 4, false, 10000.0f, 1.0f, array(0)); }});
  // Kernels of one's own need a GPU.
  auto make = [] { return fast::metal_kernel("twice", {"x"}, {"y"}, "y[0] = 2 * x[0];"); };
  if (!is_available(Device::gpu)) CHECK_THROWS_AS(make(), std::runtime_error);
  if (!cu::is_available()) {
    CHECK_THROWS_AS(fast::cuda_kernel("twice", {"x"}, {"y"}, "y[0] = 2 * x[0];"),
                    std::runtime_error);
    CHECK_THROWS_AS(fast::precompiled_cuda_kernel("twice", "", {q}, {{4}}, {float32},
                                                  {1, true, 2.0f}, {1, 1, 1}, {1, 1, 1}),
                    std::runtime_error);
  }
  fast::TemplateArg argument = float32;
  CHECK(std::holds_alternative<Dtype>(argument));
  CHECK(CompileOptions{} == CompileOptions{.math_mode = MathMode::Safe});
}

TEST_CASE("api: random numbers") {
  auto key = random::key(7);
  check_same({[&] { return random::uniform({3}, float32, key); },
              [&] { return random::uniform({3}, key); },
              [&] { return random::uniform(0.0, 1.0, {3}, float32, key); },
              [&] { return random::uniform(array(0.0f), array(1), {3}, float32, key); }});
  check_same({[&] { return random::normal({3}, key); },
              [&] { return random::normal({3}, float32, key); },
              [&] { return random::normal({3}, 0.0f, 1.0f, key); },
              [&] { return random::normal({3}, float32, 0.0f, 1.0f, key); }});
  check_same({[&] { return random::randint(0, 9, {4}, int32, key); },
              [&] { return random::randint(array(0), array(9), {4}, int32, key); }});
  CHECK(random::randint(0, 2, {100}, bool_, key).dtype() == bool_);
  CHECK(sum(random::randint(0, 2, {100}, bool_, key)).item<int>() > 20);
  CHECK_THROWS_AS(random::randint(0, 2, {3}, float32), std::invalid_argument);
  check_same({[&] { return random::bernoulli(0.5f, {4}, key); },
              [&] { return random::bernoulli(array(0.5f), {4}, key); }});
  check_same({[&] { return random::bernoulli(std::optional<array>(key)); },
              [&] { return random::bernoulli(0.5, key); },
              [&] { return random::bernoulli(array(0.5f), key); }});
  CHECK_THROWS_AS(random::bernoulli(array(1)), std::invalid_argument);
  CHECK_THROWS_AS(random::bernoulli(1, {2}), std::invalid_argument);
  CHECK_THROWS_AS(random::multivariate_normal(zeros({2}), eye(2), {}, float16),
                  std::invalid_argument);
  CHECK(random::multivariate_normal(zeros({2}), eye(2), {3}, float32, key).shape() == Shape{3, 2});
  CHECK(random::categorical(ones({2, 3})).shape() == Shape{2});
  CHECK(random::categorical(ones({2, 3}), 0, Shape{3}, key).shape() == Shape{3});
  CHECK(random::categorical(ones({2, 3}), 1, 5, key).shape() == Shape{2, 5});
  CHECK(random::permutation(4, key).shape() == Shape{4});
  CHECK(random::permutation(ones({4, 2}), 1).shape() == Shape{4, 2});
  CHECK(random::truncated_normal(array(-1.0f), array(1.0f), {4}).shape() == Shape{4});
  CHECK(random::truncated_normal(array(-1.0f), array({1.0f, 2.0f})).shape() == Shape{2});
  CHECK(random::gumbel({3}).dtype() == float32);
  check_same({[&] { return random::laplace({3}, key); },
              [&] { return random::laplace({3}, float32, key); },
              [&] { return random::laplace({3}, 0.0f, 1.0f, key); },
              [&] { return random::laplace({3}, float32, 0.0f, 1.0f, key); }});
  check_same({[&] { return random::bits({2}, key); }, [&] { return random::bits({2}, 4, key); }});
  CHECK(random::split(key, 3).shape() == Shape{3, 2});
  auto [first, second] = random::split(key);
  CHECK(first.shape() == second.shape());
  random::seed(3);
  array drawn = random::uniform({2});
  random::KeySequence::default_().seed(3);
  CHECK(is_equal(drawn, random::uniform({2})));
  random::KeySequence own(1);
  CHECK(own.next().shape() == Shape{2});
}

TEST_CASE("api: linear algebra and Fourier transforms") {
  array m = array({4.0f, 1.0f, 1.0f, 3.0f}, {2, 2});
  check_same({[&] { return linalg::norm(m); },
              [&] { return linalg::norm(m, std::vector<int>{0, 1}); },
              [&] { return linalg::norm(m, "fro"); }, [&] { return linalg::norm(flatten(m), 2.0); },
              [&] { return linalg::norm(flatten(m), 0); }});
  CHECK(linalg::norm(m, 1, true).shape() == Shape{2, 1});
  CHECK(linalg::norm(m, 1.0, 0).shape() == Shape{2});
  CHECK(linalg::norm(m, "nuc", std::vector<int>{0, 1}).shape() == Shape{});
  CHECK_THROWS_AS(linalg::norm(ones({2, 2, 2}), std::vector<int>{0, 1, 2}), std::invalid_argument);
  CHECK(linalg::norm(ones({2, 2, 2})).item<float>() == doctest::Approx(std::sqrt(8.0)));
  array identity_matrix = matmul(m, linalg::inv(m));
  CHECK(allclose(identity_matrix, eye(2), 1e-5, 1e-5).item<bool>());
  CHECK(linalg::svd(m).size() == 3);
  CHECK(linalg::svd(m, false, Device::cpu).size() == 1);
  auto [q, r] = linalg::qr(m);
  CHECK(allclose(matmul(q, r), m, 1e-4, 1e-4).item<bool>());
  CHECK(linalg::lu(m).size() == 3);
  CHECK(linalg::lu_factor(m).first.shape() == m.shape());
  CHECK(linalg::eigh(m).first.shape() == Shape{2});
  CHECK(linalg::eigvalsh(m, "U").shape() == Shape{2});
  CHECK(linalg::eig(m).second.dtype() == complex64);
  CHECK(linalg::eigvals(m).dtype() == complex64);
  CHECK(linalg::cholesky(m).shape() == m.shape());
  CHECK(linalg::cholesky_inv(linalg::cholesky(m)).shape() == m.shape());
  CHECK(linalg::tri_inv(m).shape() == m.shape());
  CHECK(linalg::pinv(m).shape() == m.shape());
  CHECK(linalg::solve(m, ones({2})).shape() == Shape{2});
  CHECK(linalg::solve_triangular(m, ones({2, 1}), true).shape() == Shape{2, 1});
  CHECK(linalg::det(m).item<float>() == doctest::Approx(11));
  CHECK(linalg::slogdet(m).first.item<float>() == 1);
  CHECK(linalg::cross(array({1.0f, 0.0f, 0.0f}), array({0.0f, 1.0f, 0.0f})).shape() == Shape{3});

  check_same({[&] { return fft::fft(m); }, [&] { return fft::fft(m, -1); },
              [&] { return fft::fft(m, 2, 1); }, [&] { return fft::fftn(m, {1}); },
              [&] { return fft::fftn(m, {2}, {1}); },
              [&] { return fft::fft(m, -1, fft::FFTNorm::Backward, on_cpu); }});
  CHECK(fft::ifft(m).dtype() == complex64);
  CHECK(fft::ifft(m, 4, 0).shape() == Shape{4, 2});
  CHECK(fft::rfft(m).shape() == Shape{2, 2});
  CHECK(fft::rfft(m, 4, 1).shape() == Shape{2, 3});
  CHECK(fft::irfft(m).dtype() == float32);
  CHECK(fft::irfft(m, 5, 1).shape() == Shape{2, 5});
  CHECK(fft::fft2(m).shape() == m.shape());
  CHECK(fft::fft2(m, {4, 4}, {0, 1}).shape() == Shape{4, 4});
  CHECK(fft::ifft2(m, {0, 1}).shape() == m.shape());
  CHECK(fft::rfft2(m).shape() == Shape{2, 2});
  CHECK(fft::irfft2(m).shape() == Shape{2, 2});
  CHECK(fft::ifftn(m).shape() == m.shape());
  CHECK(fft::rfftn(m, {0, 1}, fft::FFTNorm::Ortho).shape() == Shape{2, 2});
  CHECK(fft::irfftn(m, {4, 4}, {0, 1}).shape() == Shape{4, 4});
  CHECK(fft::fftfreq(4).shape() == Shape{4});
  CHECK(fft::rfftfreq(4, 0.5).shape() == Shape{3});
  check_same({[&] { return fft::fftshift(m); }, [&] { return fft::ifftshift(m); },
              [&] { return fft::fftshift(m, {0, 1}); }});
}

TEST_CASE("api: names of primitives are MLX's") {
  array a = ones({2, 3});
  auto name_of = [](const array& x) { return std::string(x.primitive().name()); };
  CHECK(name_of(a + a) == "Add");
  CHECK(name_of(a * a) == "Multiply");
  CHECK(name_of(exp(a)) == "Exp");
  CHECK(name_of(sum(a)) == "Sum");
  CHECK(name_of(argmax(a, 1)) == "ArgMax");
  CHECK(name_of(matmul(a, transpose(a))) == "Matmul");
  CHECK(name_of(transpose(a)) == "Transpose");
  CHECK(name_of(softmax(a, -1)) == "Softmax");
  CHECK(name_of(sort(a)) == "Sort");
  CHECK(name_of(cumsum(a, 0)) == "CumSum");
}
