#include <doctest/doctest.h>

#include "gpu/attention.h"
#include "gpu/fft.h"
#include "gpu/normalization.h"
#include "gpu/quantized.h"
#include "gpu/rope.h"
#include "gpu/scan.h"
#include "gpu/sort.h"
#include "gpu_benchmark.h"

// Times of what transformers and orders are made of: see gpu_benchmark_test.
namespace mlx::core::gpu {
namespace {

constexpr auto f32 = Dtype::Val::float32;
constexpr auto bf16 = Dtype::Val::bfloat16;

/// Heads of a batch that lie densely.
HeadsPlace heads(const TestMemory& memory, int64_t length, int64_t width) {
  static const int64_t no_batch = 0;
  return {memory.at(), {&no_batch, 1}, length * width, width, 1};
}

}  // namespace

TEST_CASE("gpu benchmark: orders and transforms" * doctest::skip()) {
  if (!test_device()) return;
  constexpr int32_t n = 1 << 24, million = 1 << 20;
  auto a = random_memory(f32, n);
  TestMemory y(size_t(n) * 8);
  time("cumsum 16M f32", [&](TestCommands& commands) {
    scan(commands, ScanOp::sum, f32, {1, n, 1, false, true}, a->at(), y.at());
  });
  time("cumsum over axis 0 of 4096^2 f32", [&](TestCommands& commands) {
    scan(commands, ScanOp::sum, f32, {1, 4096, 4096, false, true}, a->at(), y.at());
  });
  std::vector<int32_t> line = {million}, rows = {4096, 1024};
  std::vector<int64_t> one = {1}, row_strides = {1024, 1};
  time("sort 1M f32",
       [&](TestCommands& commands) { sort(commands, {a->at(), f32, line, one}, 0, y.at()); });
  time("argsort 1M f32",
       [&](TestCommands& commands) { argsort(commands, {a->at(), f32, line, one}, 0, y.at()); });
  time("sort rows of 4096x1024 f32", [&](TestCommands& commands) {
    sort(commands, {a->at(), f32, rows, row_strides}, 1, y.at());
  });
  const int axis = 0;
  time("fft 1M c64", [&](TestCommands& commands) {
    fftn(commands, {a->at(), Dtype::Val::complex64, line, one},
         {{&axis, 1}, false, false, million, false, 1}, y.at());
  });
}

TEST_CASE("gpu benchmark: layers" * doctest::skip()) {
  if (!test_device()) return;
  auto x = random_memory(f32, 4096 * 1024), weight = random_memory(f32, 1024);
  TestMemory y(size_t(4096) * 1024 * 4);
  for (auto kind : {NormalizationKind::layer, NormalizationKind::rms}) {
    NormalizationArgs args{f32, kind, 1e-5f, 4096, 1024, x->at(), weight->at()};
    bool is_layer = kind == NormalizationKind::layer;
    time(is_layer ? "layer norm 4096x1024 f32" : "rms norm 4096x1024 f32",
         [&](TestCommands& commands) { normalize(commands, args, weight->at(), y.at()); });
  }
  auto matrix = random_memory(bf16, 4096 * 4096), vector = random_memory(bf16, 4096);
  TestMemory codes(size_t(4096) * 4096 / 2), scales(4096 * 64 * 2), biases(4096 * 64 * 2);
  QuantizedPlace w{
      {QuantizationMode::affine, 64, 4}, bf16, 4096, 4096, codes.at(), scales.at(), biases.at()};
  TestCommands commands;
  quantize(commands, bf16, matrix->at(), nullptr, w);
  commands.finish();
  QuantizedProducts product{bf16, 1,  true, vector->at(), w, {},      {},
                            {},   {}, {},   {},           1, nullptr, nullptr};
  time("4-bit matrix x vector 4096 bf16",
       [&](TestCommands& some) { multiply_quantized(some, product, y.at()); });
}

TEST_CASE("gpu benchmark: attention" * doctest::skip()) {
  if (!test_device()) return;
  const int32_t batch = 1;
  auto q = random_memory(bf16, 32 * 2048 * 128), k = random_memory(bf16, 32 * 2048 * 128);
  auto v = random_memory(bf16, 32 * 2048 * 128), d_out = random_memory(bf16, 32 * 2048 * 128);
  TestMemory out(size_t(32) * 2048 * 128 * 2), dq(size_t(32) * 2048 * 128 * 2),
      dk(size_t(32) * 2048 * 128 * 2), dv(size_t(32) * 2048 * 128 * 2);
  AttentionArgs args{};
  args.dtype = bf16;
  args.batch_shape = {&batch, 1};
  args.heads = args.key_heads = 32;
  args.queries = args.keys = 2048;
  args.width = args.value_width = 128;
  args.scale = 0.088f;
  args.q = heads(*q, 2048, 128);
  args.k = heads(*k, 2048, 128);
  args.v = heads(*v, 2048, 128);
  args.mask_kind = MaskKind::causal;
  time("attention 32x2048x128 causal bf16",
       [&](TestCommands& commands) { attention(commands, args, out.at()); });
  time(
      "attention gradient 32x2048x128 causal bf16",
      [&](TestCommands& commands) {
        attention_gradient(commands, args, heads(out, 2048, 128), heads(*d_out, 2048, 128),
                           {dq.at(), dk.at(), dv.at(), {}});
      },
      5);
  args.key_heads = 8;
  args.queries = 1;
  args.keys = 4096;
  args.q = heads(*q, 1, 128);
  args.k = heads(*k, 4096, 128);
  args.v = heads(*v, 4096, 128);
  args.mask_kind = MaskKind::none;
  time("attention of one query, 32 of 8 heads, 4096 keys bf16",
       [&](TestCommands& commands) { attention(commands, args, out.at()); });
}

}  // namespace mlx::core::gpu
