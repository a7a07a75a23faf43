#include "metal/byte_kernels.h"

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "mlx/utils.h"

namespace mlx::core::metal {
namespace {

const char* word(uint32_t width) {
  return width == 8 ? "ulong" : width == 4 ? "uint" : width == 2 ? "ushort" : "uchar";
}

gpu::KernelSource finish(gpu::Entry& entry, const char* value) {
  return entry.value("ulong", "count")
      .body(concat_text("  const ulong i = ulong(g.tgid.x) * ", byte_kernel_threads,
                        "ul + g.tid.x;\n  if (i < count) y[i] = ", value, ";\n"))
      .source(gpu::Language::metal, gpu::kernel_bodies(gpu::Language::metal, {}));
}

}  // namespace

gpu::KernelSource copy_source(uint32_t width) {
  gpu::Entry entry(concat_text("copy_words_", width), int(byte_kernel_threads));
  return finish(entry.input(word(width), "x").output(word(width), "y"), "x[i]");
}

gpu::KernelSource fill_source(uint32_t width) {
  gpu::Entry entry(concat_text("fill_words_", width), int(byte_kernel_threads));
  return finish(entry.output(word(width), "y").value(word(width), "value"), "value");
}

}  // namespace mlx::core::metal
