#include <doctest/doctest.h>

#include "gpu_comparison.h"
#include "gpu_test_device.h"
#include "gpu_test_values.h"
#include "mlx/utils.h"

// Layers of transformers on the test device against the CPU, and their gradients.
namespace mlx::core::gpu {
namespace {

bool runs_here() { return test_device() && tests_are_thorough(); }

using Values = std::vector<array>;

/// An operation's results, and its gradients for all of its inputs.
Values with_gradients(const std::function<Values(const Values&)>& operation, const Values& in) {
  Values cotangents;
  for (auto& result : operation(in))
    cotangents.push_back(some_values(result.shape(), result.dtype(), 99));
  auto [results, slopes] = vjp(operation, in, cotangents);
  results.insert(results.end(), slopes.begin(), slopes.end());
  return results;
}

}  // namespace

TEST_CASE("gpu layer: rms norm and layer norm with gradients") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {float16, bfloat16, float32})
    for (int columns : {1, 30, 64, 1000, 9000}) {
      array x = some_values({5, columns}, dtype, 1), weight = some_values({columns}, dtype, 2),
            bias = some_values({columns}, dtype, 3);
      auto name = name_of(dtype) + " of " + std::to_string(columns);
      check_on_both(
          name, {x, weight, bias},
          [](auto& in) {
            return with_gradients(
                [](const Values& v) {
                  return Values{fast::rms_norm(v[0], v[1], 1e-5f),
                                fast::layer_norm(v[0], v[1], v[2], 1e-5f)};
                },
                in);
          },
          // Of a column of one the variance is nothing but eps.
          columns == 1 ? 1000 : 16);
      check_on_both(
          name + ", views", {x},
          [](auto& in) {
            return Values{fast::rms_norm(transpose(in[0]), std::nullopt, 1e-5f),
                          fast::layer_norm(flip(in[0], 1), std::nullopt, std::nullopt, 1e-3f)};
          },
          16);
    }
  array far = some_values({3, 500}, float32, 4) + 1e4f;
  check_on_both(
      "far from zero", {far},
      [](auto& in) { return Values{fast::layer_norm(in[0], std::nullopt, std::nullopt, 1e-5f)}; },
      // The mean has an error of half a unit of 1e4.
      4096);
  check_on_both(
      "no rows", {zeros({0, 4}, mlx::core::Device::cpu), ones({4}, mlx::core::Device::cpu)},
      [](auto& in) {
        return with_gradients(
            [](const Values& v) { return Values{fast::rms_norm(v[0], v[1], 1e-5f)}; }, in);
      });
}

TEST_CASE("gpu layer: rotary embeddings") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  array frequencies = abs(some_values({8}, float32, 5), mlx::core::Device::cpu) + 1.0f;
  for (auto dtype : {float16, float32}) {
    array x = some_values({2, 3, 5, 20}, dtype, 6);
    for (bool traditional : {false, true})
      check_on_both(
          name_of(dtype), {x, frequencies, array({7, -3}, int32)},
          [&](auto& in) {
            auto turned = [&](const Values& v) {
              return Values{
                  fast::rope(v[0], 16, traditional, 10000.f, 1.f, 3),
                  fast::rope(transpose(v[0], {0, 2, 1, 3}), 20, traditional, 500.f, 0.5f, 100000),
                  fast::rope(v[0], 16, traditional, std::nullopt, 2.f, in[2], in[1]),
                  fast::rope(v[0], 8, traditional, 10.f, 1.f, in[2])};
            };
            return with_gradients(turned, {in[0]});
          },
          8);
  }
  check_on_both(
      "many features", {some_values({1, 1, 2, 1200}, float32, 7)},
      [](auto& in) { return Values{fast::rope(in[0], 1200, false, 10000.f, 1.f, 12345)}; }, 8);
}

TEST_CASE("gpu layer: attention with masks, sinks and shared heads, and its gradients") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {float32, bfloat16}) {
    struct Case {
      int heads, key_heads, queries, keys, width, value_width;
    };
    for (auto c : {Case{4, 2, 5, 9, 16, 24}, Case{2, 2, 70, 130, 20, 72},
                   Case{2, 1, 1, 200, 64, 64}, Case{1, 1, 100, 40, 136, 136}}) {
      array q = some_values({2, c.heads, c.queries, c.width}, dtype, 8);
      array k = some_values({2, c.key_heads, c.keys, c.width}, dtype, 9);
      array v = some_values({2, c.key_heads, c.keys, c.value_width}, dtype, 10);
      array visible =
          less(some_values({c.queries, c.keys}, float32, 11), array(1.0f), mlx::core::Device::cpu);
      array added = some_values({2, 1, c.queries, c.keys}, dtype, 12);
      array sinks = some_values({c.heads}, dtype, 13);
      auto name = concat_text(name_of(dtype), " ", c.queries, " x ", c.keys, " x ", c.width);
      auto attend = [&](const std::string& mode, int mask, bool has_sinks) {
        return [=](const Values& in) {
          auto operation = [&](const Values& v) {
            return Values{fast::scaled_dot_product_attention(
                v[0], v[1], v[2], 0.3f, mode,
                mask < 0 ? std::nullopt : std::optional<array>(in[size_t(mask)]),
                has_sinks ? std::optional<array>(in[5]) : std::nullopt)};
          };
          return with_gradients(operation, {in[0], in[1], in[2]});
        };
      };
      // Exponentials of scores of about 10 carry their errors.
      const double tolerance = 64;
      const Values in = {q, k, v, visible, added, sinks};
      check_on_both(name, in, attend("", -1, false), tolerance);
      check_on_both(name + ", causal", in, attend("causal", -1, false), tolerance);
      check_on_both(name + ", boolean", in, attend("", 3, true), tolerance);
      if (dtype == float32)
        check_on_both(name + ", added", in, attend("array", 4, false), tolerance);
    }
  }
  array q = some_values({1, 1, 3, 8}, float32, 14),
        none = zeros({3, 3}, bool_, mlx::core::Device::cpu);
  check_on_both(
      "what sees nothing sees all, and sinks have gradients", {q, none, array({0.5f})},
      [](auto& in) {
        auto all = [&](const Values& v) {
          return Values{
              fast::scaled_dot_product_attention(v[0], v[0], v[0], 1.f, "", in[1]),
              fast::scaled_dot_product_attention(v[0], v[0], v[0], 1.f, "", std::nullopt, v[1])};
        };
        return with_gradients(all, {in[0], in[2]});
      },
      64);
}

TEST_CASE("gpu layer: Hadamard transforms") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {float16, float32})
    for (int n : {1, 2, 12, 64, 160, 448, 2048})
      check_on_both(name_of(dtype) + " of " + std::to_string(n), {some_values({3, n}, dtype, 15)},
                    [](auto& in) {
                      return with_gradients(
                          [](const Values& v) { return Values{hadamard_transform(v[0])}; }, in);
                    });
}

TEST_CASE("gpu layer: Fourier transforms") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  // Over 4,096 a line takes two steps, or goes through the device's memory.
  for (int n : {1, 2, 3, 8, 30, 64, 97, 128, 221, 1000, 2048, 2 * 37, 5000, 8192, 4099}) {
    array x = some_values({2, n, 3}, complex64, 16), y = some_values({2, n, 3}, float32, 17);
    check_on_both(
        std::to_string(n), {x, y},
        [n](auto& in) {
          Values results = {fft::fft(in[0], 1),  fft::ifft(in[0], 1),
                            fft::rfft(in[1], 1), fft::fft(transpose(in[0], {1, 0, 2}), 0),
                            fft::rfftn(in[1]),   fft::fftn(in[0], fft::FFTNorm::Ortho)};
          if (n > 1) {
            results.push_back(fft::irfft(in[0], 1));
            results.push_back(fft::irfftn(in[0], {2, 1}));
            results.push_back(fft::irfft(in[0], 2 * n - 1, 1));
          }
          return results;
        },
        16);
  }
}

}  // namespace mlx::core::gpu
