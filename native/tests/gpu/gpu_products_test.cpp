#include <doctest/doctest.h>

#include "gpu_comparison.h"
#include "gpu_test_device.h"
#include "gpu_test_values.h"
#include "mlx/utils.h"

// Quantized products, and products of chosen parts, on the test device against the CPU.
namespace mlx::core::gpu {
namespace {

bool runs_here() { return test_device() && tests_are_thorough(); }

using Values = std::vector<array>;

struct Format {
  const char* mode;
  int group_size, bits;
};
const Format formats[] = {{"affine", 64, 2}, {"affine", 32, 3},  {"affine", 64, 4},
                          {"affine", 32, 5}, {"affine", 128, 6}, {"affine", 64, 8},
                          {"mxfp4", 32, 4},  {"mxfp8", 32, 8},   {"nvfp4", 16, 4}};

std::string name_of_format(const Format& f, Dtype dtype) {
  return concat_text(f.mode, " of ", f.bits, " bits, ", name_of(dtype));
}

}  // namespace

TEST_CASE("gpu quantized: codes and back") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto& f : formats)
    for (auto dtype : {float32, bfloat16}) {
      array w = some_values({5, 256}, dtype, 1);
      check_on_both(name_of_format(f, dtype), {w}, [&](auto& in) {
        Values parts = quantize(in[0], f.group_size, f.bits, f.mode);
        bool has_biases = parts.size() > 2;
        parts.push_back(dequantize(parts[0], parts[1],
                                   has_biases ? std::optional<array>(parts[2]) : std::nullopt,
                                   f.group_size, f.bits, f.mode));
        return parts;
      });
    }
  array x = some_values({7, 33}, float32, 2) * 50.0f;
  check_on_both("fp8", {x}, [](auto& in) {
    return Values{to_fp8(in[0]), from_fp8(to_fp8(in[0]), float32),
                  from_fp8(to_fp8(transpose(in[0])), bfloat16)};
  });
}

TEST_CASE("gpu quantized: products") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto& f : formats)
    for (auto dtype : {float32, float16}) {
      array w = some_values({256, 256}, dtype, 3);
      for (int m : {1, 3, 8, 20}) {
        array x = some_values({m, 256}, dtype, 4);
        check_on_both(
            name_of_format(f, dtype) + ", rows " + std::to_string(m), {x, w},
            [&](auto& in) {
              Values parts = quantize(in[1], f.group_size, f.bits, f.mode);
              auto biases = parts.size() > 2 ? std::optional<array>(parts[2]) : std::nullopt;
              return Values{quantized_matmul(in[0], parts[0], parts[1], biases, true, f.group_size,
                                             f.bits, f.mode),
                            quantized_matmul(in[0], parts[0], parts[1], biases, false, f.group_size,
                                             f.bits, f.mode)};
            },
            // Relative to the largest of 256 products' sums; with many rows halves are rounded
            // before.
            32);
      }
    }
  array w = some_values({2, 3, 64, 64}, float32, 5), x = some_values({2, 3, 12, 64}, float32, 6);
  check_on_both(
      "batches", {x, w},
      [](auto& in) {
        Values parts = quantize(in[1], 64, 4);
        auto part = [&](const array& a) { return slice(a, {0, 1, 0, 0}, {2, 2, 64, a.shape(3)}); };
        array some = slice(in[0], {0, 0, 0, 0}, {2, 3, 2, 64});
        return Values{
            quantized_matmul(in[0], parts[0], parts[1], parts[2], true, 64, 4),
            quantized_matmul(some, parts[0], parts[1], parts[2], false, 64, 4),
            quantized_matmul(in[0], part(parts[0]), part(parts[1]), part(parts[2]), true, 64, 4)};
      },
      32);
  check_on_both(
      "chosen",
      {reshape(x, {6, 12, 64}, mlx::core::Device::cpu),
       reshape(w, {6, 64, 64}, mlx::core::Device::cpu)},
      [](auto& in) {
        Values parts = quantize(in[1], 64, 4);
        array left = array({5, 0, 3, 3}, int32), right = array({1, 1, 4, 0}, int32);
        return Values{gather_qmm(in[0], parts[0], parts[1], parts[2], left, right, true, 64, 4),
                      gather_qmm(in[0], parts[0], parts[1], parts[2], left, right, false, 64, 4),
                      gather_qmm(slice(in[0], {0, 0, 0}, {6, 1, 64}), parts[0], parts[1], parts[2],
                                 std::nullopt, reshape(right, {4, 1}), true, 64, 4)};
      },
      32);
}

TEST_CASE("gpu products of chosen parts") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {float32, bfloat16}) {
    array a = some_values({5, 17, 30}, dtype, 7), b = some_values({4, 30, 20}, dtype, 8);
    array left = array({0, 4, -2, 1}, int32), right = array({3, 3, 0, 1}, {4}, uint32);
    check_on_both(
        name_of(dtype), {a, b, left, right},
        [](auto& in) {
          return Values{
              gather_mm(in[0], in[1], in[2], in[3]),
              gather_mm(transpose(in[1], {0, 2, 1}), transpose(in[0], {0, 2, 1}), in[3], in[2])};
        },
        8);
    array bounds = array({0, 9, 9, 25, 25, 25, 3, 30}, {4, 2}, uint32);
    array matrix = reshape(slice(a, {0, 0, 0}, {1, 17, 30}, mlx::core::Device::cpu), {17, 30},
                           mlx::core::Device::cpu);
    array other = reshape(slice(b, {0, 0, 0}, {1, 30, 20}, mlx::core::Device::cpu), {30, 20},
                          mlx::core::Device::cpu);
    check_on_both(
        name_of(dtype) + ", segments", {matrix, other, bounds},
        [](auto& in) {
          auto product = [&](const Values& v) { return Values{segmented_mm(v[0], v[1], in[2])}; };
          auto [results, slopes] =
              vjp(product, {in[0], in[1]}, {some_values({4, 17, 20}, in[0].dtype(), 9)});
          results.insert(results.end(), slopes.begin(), slopes.end());
          return results;
        },
        8);
    array x = some_values({2, 70, 40}, dtype, 10), y = some_values({2, 40, 90}, dtype, 11);
    auto mask = [](const Shape& shape, unsigned seed) {
      return less(some_values(shape, float32, seed), array(1.0f), mlx::core::Device::cpu);
    };
    check_on_both(
        name_of(dtype) + ", blocks",
        {x, y, mask({3, 3}, 12), mask({2, 3, 2}, 13), mask({2, 2, 3}, 14)},
        [](auto& in) {
          return Values{block_masked_mm(in[0], in[1], 32, in[2], in[3], in[4]),
                        block_masked_mm(in[0], in[1], 32, in[2])};
        },
        8);
  }
}

}  // namespace mlx::core::gpu
