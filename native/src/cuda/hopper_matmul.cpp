#include "cuda/hopper_matmul.h"

#include <algorithm>
#include <string>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::cuda {
namespace {

constexpr int64_t tile_rows = 128, tile_length = 64, half_bytes = 2, swizzled_bytes = 128;
constexpr unsigned threads = 384;
/// Smaller products are over before a ring of stages has filled.
constexpr int64_t least_rows = 64, least_work = int64_t(1) << 26;

/// A struct of kernels/hopper_matmul.h.
struct ProductArguments {
  int64_t rows, columns, length, leading, step;
  int64_t row_tiles, column_tiles;
  int a_varies, b_varies;
  float alpha, beta;
};

struct alignas(64) TensorMap {
  uint64_t words[16];
};

bool is_aligned(int64_t elements) { return elements * half_bytes % 16 == 0; }

/// Of matrices with `inner` neighbouring elements in each of `outer` rows, `leading` apart.
TensorMap make_map(const DeviceContext& context, Dtype::Val dtype, Address address, int64_t inner,
                   int64_t outer, int64_t leading, int64_t count, int64_t step, int64_t box) {
  TensorMap map{};
  const int type = dtype == Dtype::Val::bfloat16 ? tensor_map::bfloat16 : tensor_map::float16;
  // What is one matrix for all products has no step.
  const bool varies = step != 0;
  const uint64_t sizes[] = {uint64_t(inner), uint64_t(outer), uint64_t(varies ? count : 1)};
  const uint64_t strides[] = {uint64_t(leading * half_bytes),
                              uint64_t((varies ? step : leading) * half_bytes)};
  const unsigned boxes[] = {swizzled_bytes / half_bytes, unsigned(box), 1}, steps[] = {1, 1, 1};
  context.check(context.driver().tensor_map(&map, type, 3, reinterpret_cast<void*>(address), sizes,
                                            strides, boxes, steps, 0, tensor_map::swizzle_128,
                                            tensor_map::promote_128, 0),
                "describing a matrix");
  return map;
}

}  // namespace

struct HopperMatmul::Variant {
  bool is_bfloat16, a_is_transposed, b_is_transposed, is_wide;

  int columns() const { return is_wide ? 256 : 128; }
  int stages() const { return is_wide ? 4 : 6; }
  int number() const {
    return is_bfloat16 + 2 * a_is_transposed + 4 * b_is_transposed + 8 * is_wide;
  }
  unsigned shared_bytes() const {
    // And room to begin at a multiple of 1,024.
    return unsigned(stages() * (tile_rows + columns()) * tile_length * half_bytes + 1024);
  }

  /// What kernels/hopper_matmul.h expects before it: constants, and instructions whose text has
  /// them.
  std::string prologue() const {
    const char* type = is_bfloat16 ? "bf16" : "f16";
    const int sums = columns() / 2;
    std::string places, operands;
    for (int i = 0; i < sums; ++i) {
      places += concat_text(i ? ", %" : "%", i);
      operands += concat_text(i ? ", \"+f\"(sums[" : "\"+f\"(sums[", i, "])");
    }
    auto flag = [](bool value) { return value ? "true" : "false"; };
    std::string text =
        concat_text("constexpr int tile_columns = ", columns(), ", stages = ", stages(), ";\n",
                    "constexpr bool a_is_transposed = ", flag(a_is_transposed),
                    ", b_is_transposed = ", flag(b_is_transposed), ";\n");
    text += concat_text("inline void multiply_add(float (&sums)[", sums,
                        "], unsigned long long a, unsigned long long b) {\n",
                        "  asm volatile(\"wgmma.mma_async.sync.aligned.m64n", columns(), "k16.f32.",
                        type, ".", type, " {", places, "}, %", sums, ", %", sums + 1, ", 1, 1, 1, ",
                        int(a_is_transposed), ", ", int(!b_is_transposed),
                        ";\"\n      : ", operands, "\n      : \"l\"(a), \"l\"(b));\n}\n");
    text += concat_text("inline unsigned pack(float a, float b) {\n  unsigned both;\n",
                        "  asm(\"cvt.rn.", type, "x2.f32 %0, %1, %2;\" : \"=r\"(both) : \"f\"(b), ",
                        "\"f\"(a));\n  return both;\n}\n");
    return text + concat_text("inline float unpack(unsigned short a) {\n  float x;\n",
                              is_bfloat16 ? "  asm(\"mov.b32 %0, {0, %1};\""
                                          : "  asm(\"cvt.f32.f16 %0, %1;\"",
                              " : \"=f\"(x) : \"h\"(a));\n  return x;\n}\n");
  }

  gpu::KernelSource source() const {
    auto name = gpu::Entry::name("hopper_matmul", prologue());
    std::string entry = concat_text(
        "extern \"C\" __global__ void __launch_bounds__(", threads, ", 1) ", name,
        "(const __grid_constant__ TensorMap a, const __grid_constant__ TensorMap b,\n",
        "    unsigned short* d, const __grid_constant__ ProductArguments p) {\n",
        "  extern __shared__ __align__(1024) char memory[];\n",
        "  __shared__ __align__(8) Wide barriers[2 * stages];\n",
        "  const Word begin = (Word(__cvta_generic_to_shared(memory)) + 1023) & ~1023u;\n",
        "  multiply_tiles(a, b, d, p, begin, Word(__cvta_generic_to_shared(barriers)));\n}\n");
    return {prologue() + std::string(gpu::kernel_text("hopper_matmul")), entry, name};
  }
};

HopperMatmul::HopperMatmul(const DeviceContext& context, Compile compile)
    : context_(context),
      compile_(std::move(compile)),
      is_hopper_(context.attribute(attribute::capability_major) == 9),
      multiprocessors_(context.attribute(attribute::multiprocessors)) {}

const CudaKernel& HopperMatmul::kernel(const Variant& variant) {
  std::lock_guard lock(mutex_);
  auto& kernel = kernels_[variant.number()];
  if (!kernel) {
    auto made = compile_(variant.source());
    auto& own = static_cast<const CudaKernel&>(*made);
    context_.check(
        context_.driver().function_set(own.function(), function_attribute::max_dynamic_shared_bytes,
                                       int(variant.shared_bytes())),
        "preparing a kernel");
    kernel = std::move(made);
  }
  return static_cast<const CudaKernel&>(*kernel);
}

bool HopperMatmul::multiply(const gpu::MatrixProduct& p, Stream stream) {
  if (!is_hopper_ || !is_half(p.dtype) || p.m < least_rows || p.n < least_rows ||
      p.m * p.n * p.k < least_work || p.batch > UINT16_MAX ||
      std::max({p.m, p.n, p.k}) > INT32_MAX - 512)
    return false;
  // The accelerator reads whole pieces of 16 bytes.
  const Address a = p.a.handle + p.a_offset, b = p.b.handle + p.b_offset,
                d = p.d.handle + p.d_offset;
  if (a % 16 != 0 || b % 16 != 0) return false;
  for (int64_t stride : {p.a_leading, p.b_leading, p.a_step, p.b_step})
    if (!is_aligned(stride)) return false;

  auto tiles = [](int64_t size, int64_t tile) { return (size + tile - 1) / tile; };
  const int64_t row_tiles = tiles(p.m, tile_rows);
  Variant variant{p.dtype == Dtype::Val::bfloat16, p.a_transposed, p.b_transposed, true};
  // Narrow tiles keep more multiprocessors busy where there are few.
  variant.is_wide = 4 * row_tiles * tiles(p.n, 256) * p.batch >= 3 * multiprocessors_;
  const int64_t columns = variant.columns(), column_tiles = tiles(p.n, columns);
  if (row_tiles * column_tiles > INT32_MAX) return false;
  auto& kernel = this->kernel(variant);

  TensorMap of_a =
      p.a_transposed
          ? make_map(context_, p.dtype, a, p.m, p.k, p.a_leading, p.batch, p.a_step, tile_length)
          : make_map(context_, p.dtype, a, p.k, p.m, p.a_leading, p.batch, p.a_step, tile_rows);
  TensorMap of_b =
      p.b_transposed
          ? make_map(context_, p.dtype, b, p.k, p.n, p.b_leading, p.batch, p.b_step, columns)
          : make_map(context_, p.dtype, b, p.n, p.k, p.b_leading, p.batch, p.b_step, tile_length);
  ProductArguments numbers{p.m,           p.n,       p.k,          p.d_leading,
                           p.d_step,      row_tiles, column_tiles, p.a_step != 0,
                           p.b_step != 0, p.alpha,   p.beta};
  Address to = d;
  void* arguments[] = {&of_a, &of_b, &to, &numbers};
  context_.check(context_.driver().launch(kernel.function(), unsigned(row_tiles * column_tiles),
                                          unsigned(p.batch), 1, threads, 1, 1,
                                          variant.shared_bytes(), stream, arguments, nullptr),
                 "launching a kernel");
  return true;
}

}  // namespace mlx::core::cuda
