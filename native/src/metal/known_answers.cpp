#include "metal/known_answers.h"

#include <numeric>
#include <vector>

#include "gpu/attention.h"
#include "gpu/conv.h"
#include "gpu/copy.h"
#include "gpu/elementwise.h"
#include "gpu/fft.h"
#include "gpu/hadamard.h"
#include "gpu/indexing.h"
#include "gpu/matmul.h"
#include "gpu/normalization.h"
#include "gpu/quantized.h"
#include "gpu/random.h"
#include "gpu/reduce.h"
#include "gpu/rope.h"
#include "gpu/scan.h"
#include "gpu/softmax.h"
#include "gpu/sort.h"

namespace mlx::core::metal {
namespace {

using gpu::Place;
using gpu::StridedPlace;
using Floats = std::vector<float>;
using Shape = std::vector<int32_t>;
using Strides = std::vector<int64_t>;

constexpr auto f32 = Dtype::Val::float32;
constexpr int32_t many = 3000;

Floats ramp(int32_t count) {
  Floats values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}
Floats delta(size_t count) {
  Floats values(count);
  values[0] = 1.0f;
  return values;
}

/// Contraction would leave 2^-24 of the first; divisions and roots are rounded correctly.
bool elementwise(Bench& bench) {
  using enum ElementwiseOp;
  const ElementwiseProgram program{{f32, f32},
                                   {{Multiply, f32, f32, {0, 0, 0}},
                                    {Subtract, f32, f32, {2, 1, 0}},
                                    {Divide, f32, f32, {0, 1, 0}},
                                    {Sqrt, f32, f32, {0, 0, 0}}},
                                   {3, 4, 5}};
  const Shape shape = {4};
  const Strides strides = {1};
  const float a = 1 + 0x1p-12f;
  const std::vector<gpu::ElementwiseOperand> inputs = {
      {bench.put(Floats{a, 1, 2, 3}), strides, nullptr},
      {bench.put(Floats{1 + 0x1p-11f, 3, 3, 7}), strides, nullptr}};
  const std::vector<gpu::ElementwiseOperand> outputs = {{bench.room(16), strides, nullptr},
                                                        {bench.room(16), strides, nullptr},
                                                        {bench.room(16), strides, nullptr}};
  gpu::run_elementwise(bench, program, shape, inputs, outputs);
  return bench.read<float>(outputs[0].place, 4) == Floats{0, -2, 1, 2} &&
         bench.read<uint32_t>(outputs[1].place, 4)[1] == 0x3eaaaaabu &&
         bench.read<uint32_t>(outputs[2].place, 4)[2] == 0x3fb504f3u;
}

/// Ties go to the even number, in both half types.
bool half_types(Bench& bench) {
  const Shape shape = {4};
  const Strides strides = {1};
  Place from = bench.put(Floats{1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 1 + 0x1p-8f, -2});
  Place half = bench.room(8), bfloat = bench.room(8);
  const StridedPlace in = {from, f32, shape, strides};
  gpu::copy(bench, in, Dtype::Val::float16, half, strides);
  gpu::copy(bench, in, Dtype::Val::bfloat16, bfloat, strides);
  return bench.read<uint16_t>(half, 4) == std::vector<uint16_t>{0x3c00, 0x3c02, 0x3c04, 0xc000} &&
         bench.read<uint16_t>(bfloat, 4) == std::vector<uint16_t>{0x3f80, 0x3f80, 0x3f80, 0xc000};
}

bool transposed(Bench& bench) {
  const Shape shape = {40, 33};
  const Strides from = {1, 40}, to = {33, 1};
  Place out = bench.room(40 * 33 * 4);
  gpu::copy(bench, {bench.put(ramp(40 * 33)), f32, shape, from}, f32, out, to);
  auto result = bench.read<float>(out, 40 * 33);
  for (int32_t row = 0; row < 40; ++row)
    for (int32_t column = 0; column < 33; ++column)
      if (result[size_t(row * 33 + column)] != float(column * 40 + row + 1)) return false;
  return true;
}

bool reduced(Bench& bench) {
  const Shape shape = {many};
  const Strides strides = {1};
  const int axis = 0;
  Place in = bench.put(ramp(many)), sum = bench.room(4), position = bench.room(4);
  gpu::reduce(bench, gpu::ReduceOp::sum, {in, f32, shape, strides}, {&axis, 1}, f32, sum);
  gpu::reduce(bench, gpu::ReduceOp::argmax, {in, f32, shape, strides}, {&axis, 1},
              Dtype::Val::uint32, position);
  return bench.read<float>(sum, 1)[0] == 4501500.0f &&
         bench.read<uint32_t>(position, 1)[0] == uint32_t(many) - 1;
}

bool scanned(Bench& bench) {
  Place out = bench.room(many * 4);
  gpu::scan(bench, gpu::ScanOp::sum, f32, {1, many, 1, false, true}, bench.put(Floats(many, 1.0f)),
            out);
  return bench.read<float>(out, many) == ramp(many);
}

bool sorted(Bench& bench) {
  const Shape shape = {many};
  const Strides backwards = {-1};
  Place in = bench.put(ramp(many)), out = bench.room(many * 4);
  gpu::sort(bench, {in.moved((many - 1) * 4), f32, shape, backwards}, 0, out);
  return bench.read<float>(out, many) == ramp(many);
}

bool softmax(Bench& bench) {
  Place out = bench.room(2 * 1024 * 4);
  gpu::softmax(bench, f32, bench.put(Floats(2 * 1024, 5.0f)), 2, 1024, out);
  return bench.read<float>(out, 2 * 1024) == Floats(2 * 1024, 1.0f / 1024);
}

bool normalized(Bench& bench) {
  Place out = bench.room(2 * 64 * 4);
  gpu::NormalizationArgs args{f32,
                              NormalizationKind::rms,
                              0.0f,
                              2,
                              64,
                              bench.put(Floats(2 * 64, 2.0f)),
                              bench.put(Floats(64, 3.0f))};
  gpu::normalize(bench, args, {}, out);
  return bench.read<float>(out, 2 * 64) == Floats(2 * 64, 3.0f);
}

bool gathered(Bench& bench) {
  const Shape shape = {64};
  const Strides strides = {1};
  std::vector<int32_t> indices(64);
  for (int32_t i = 0; i < 64; ++i) indices[size_t(i)] = -1 - i;
  Place out = bench.room(64 * 4);
  gpu::gather_axis(bench, {bench.put(ramp(64)), f32, shape, strides},
                   {bench.put(indices), Dtype::Val::int32, shape, strides}, 0, out);
  auto result = bench.read<float>(out, 64);
  return result.front() == 64.0f && result.back() == 1.0f;
}

/// Threads add to one place; whole numbers, so that their order means nothing.
bool scattered(Bench& bench) {
  const Shape shape = {1024}, one = {4};
  const Strides strides = {1};
  Place out = bench.put(Floats(4, 0.5f));
  std::vector<int32_t> indices(1024);
  for (int32_t i = 0; i < 1024; ++i) indices[size_t(i)] = i % 4;
  gpu::scatter_axis(bench, gpu::ScatterMode::sum, {out, f32, one, strides},
                    {bench.put(indices), Dtype::Val::int32, shape, strides}, 0,
                    {bench.put(Floats(1024, 1.0f)), f32, shape, strides});
  return bench.read<float>(out, 4) == Floats(4, 256.5f);
}

bool multiplied(Bench& bench) {
  constexpr int64_t n = 65;
  Floats identity(n * n);
  for (int64_t i = 0; i < n; ++i) identity[size_t(i * n + i)] = 2.0f;
  Place out = bench.room(n * n * 4);
  gpu::MatmulArgs args{
      f32, n,   n, n,    {},  {bench.put(identity), n, 1, {}}, {bench.put(ramp(n * n)), n, 1, {}},
      {},  out, 0, 0.5f, 0.0f};
  gpu::matmul(bench, args);
  return bench.read<float>(out, n * n) == ramp(n * n);
}

bool convolved(Bench& bench) {
  const Shape in = {1, 50, 1}, weight = {1, 3, 1};
  const Strides in_strides = {50, 1, 1}, weight_strides = {3, 1, 1};
  const int one = 1;
  Place out = bench.room(50 * 4);
  gpu::conv_forward(bench, {bench.put(ramp(50)), f32, in, in_strides},
                    {bench.put(Floats{0, 1, 0}), f32, weight, weight_strides},
                    {{&one, 1}, {&one, 1}, {&one, 1}, {&one, 1}, 1, false}, in, out);
  return bench.read<float>(out, 50) == ramp(50);
}

/// With one key every query gets its value.
bool attended(Bench& bench) {
  const Strides strides = {32};
  const Shape batch = {1};
  gpu::HeadsPlace key{bench.put(ramp(32)), strides, 32, 32, 1};
  Place out = bench.room(20 * 32 * 4);
  gpu::HeadsPlace queries{bench.put(Floats(20 * 32, 0.5f)), strides, 640, 32, 1};
  gpu::AttentionArgs args{
      f32, batch, 1, 1, 20, 1, 32, 32, 0.1f, queries, key, key, gpu::MaskKind::none, {}, false, {}};
  gpu::attention(bench, args, out);
  auto result = bench.read<float>(out, 20 * 32);
  for (size_t i = 0; i < result.size(); ++i)
    if (result[i] != float(i % 32 + 1)) return false;
  return true;
}

bool transformed(Bench& bench) {
  const Shape shape = {64};
  const Strides strides = {1};
  const int axis = 0;
  Place out = bench.room(64 * 8);
  gpu::fftn(bench, {bench.put(delta(128)), Dtype::Val::complex64, shape, strides},
            {{&axis, 1}, false, false, 64, false, 1.0f}, out);
  auto result = bench.read<float>(out, 128);
  for (size_t i = 0; i < 128; ++i)
    if (result[i] != float(i % 2 == 0)) return false;
  return true;
}

bool hadamard(Bench& bench) {
  Place out = bench.room(64 * 4);
  gpu::hadamard(bench, f32, bench.put(delta(64)), 1, 64, 0.25f, false, out);
  return bench.read<float>(out, 64) == Floats(64, 0.25f);
}

/// At position 0 nothing turns.
bool rotated(Bench& bench) {
  const Shape shape = {1, 1, 32}, rows = {1};
  const Strides strides = {32, 32, 1}, none = {0};
  const int32_t offset = 0;
  Place out = bench.room(32 * 4);
  gpu::RopeArgs args{{bench.put(ramp(32)), f32, shape, strides},
                     {{}, Dtype::Val::int32, rows, none},
                     &offset,
                     32,
                     false,
                     10000.0f,
                     {},
                     1.0f,
                     false};
  gpu::rope(bench, args, out);
  return bench.read<float>(out, 32) == ramp(32);
}

/// "OCP 8-bit Floating Point Specification": 1, 448 and -2^-9 in E4M3.
bool quantized(Bench& bench) {
  Place codes = bench.room(4), back = bench.room(16);
  gpu::to_fp8(bench, f32, bench.put(Floats{1, 500, -0x1p-9f, 0}), 4, codes);
  gpu::from_fp8(bench, codes, 4, f32, back);
  return bench.read<uint8_t>(codes, 4) == std::vector<uint8_t>{0x38, 0x7e, 0x81, 0x00} &&
         bench.read<float>(back, 4) == Floats{1, 448, -0x1p-9f, 0};
}

/// Threefry-2x32 with 20 rounds, of zeros and a counter of (0, 1).
bool drawn(Bench& bench) {
  Place out = bench.room(8);
  gpu::random_bits(bench, {bench.put(std::vector<uint32_t>{0, 0})}, 8, out);
  return bench.read<uint32_t>(out, 2) == std::vector<uint32_t>{0x375f238f, 0xcddb151d};
}

}  // namespace

Bench::~Bench() {
  if (!queue_.error()) queue_.block(queue_.commit().number);
  for (auto memory : memory_) device_.free(memory);
}

gpu::Memory Bench::scratch(size_t bytes) { return memory_.emplace_back(device_.allocate(bytes)); }

gpu::Place Bench::put(const void* bytes, size_t size) {
  Place place = room(size);
  queue_.copy_in(bytes, place.memory, 0, size);
  return place;
}

std::span<const KnownAnswer> known_answers() {
  static constexpr KnownAnswer answers[] = {{"elementwise", elementwise},
                                            {"half types", half_types},
                                            {"copies", transposed},
                                            {"reductions", reduced},
                                            {"scans", scanned},
                                            {"sorting", sorted},
                                            {"softmax", softmax},
                                            {"normalization", normalized},
                                            {"gathering", gathered},
                                            {"scattering", scattered},
                                            {"products", multiplied},
                                            {"convolutions", convolved},
                                            {"attention", attended},
                                            {"Fourier transforms", transformed},
                                            {"Hadamard transforms", hadamard},
                                            {"rotary embeddings", rotated},
                                            {"quantization", quantized},
                                            {"random numbers", drawn}};
  return answers;
}

}  // namespace mlx::core::metal
