#include "kernel_resources.h"

#include <doctest/doctest.h>

#include "cuda/nvrtc.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"

// Where there is NVIDIA's compiler, which needs no card.
namespace mlx::core::gpu {
namespace {

KernelResources resources(const std::string& body, const std::string& architecture) {
  Entry entry("measured", 1024);
  entry.input("float", "x").output("float", "y").body("  const uint i = g.tid.x;\n" + body);
  auto source = entry.source(Language::cuda, kernel_bodies(Language::cuda, {}));
  return resources_of(cuda::Nvrtc::find()->compile(source, architecture), "measured");
}

/// More numbers at once than 1,024 threads have registers for.
constexpr auto many_numbers = R"(
  float all[100];
#pragma unroll
  for (int j = 0; j < 100; ++j) all[j] = x[i + j];
  float sum = 0.0f;
#pragma unroll
  for (int j = 0; j < 100; ++j) sum += all[j] * all[99 - j] * all[(j * 7 + 3) % 100];
#pragma unroll
  for (int j = 0; j < 100; ++j) y[i * 100u + uint(j)] = all[j] + sum;
)";

}  // namespace

TEST_CASE("gpu kernel resources: registers and local memory of a binary") {
  if (!cuda::Nvrtc::find()) return;
  for (auto* architecture : {"sm_75", "sm_80", "sm_90a"}) {
    CAPTURE(architecture);
    auto simple = resources("  y[i] = x[i];\n", architecture);
    CHECK(simple.registers > 0);
    CHECK(simple.registers < 32);
    CHECK(simple.local_bytes == 0);
    auto spilling = resources(many_numbers, architecture);
    CHECK(spilling.registers == 64);
    CHECK(spilling.local_bytes > 0);
    CHECK(excess_of("measured", architecture, simple) == "");
    CHECK(excess_of("measured", architecture, spilling).find("measured") != std::string::npos);
  }
  CHECK_THROWS(resources_of(
      "no binary, but text that is long enough to have a header of ELF's size", "measured"));
}

}  // namespace mlx::core::gpu
