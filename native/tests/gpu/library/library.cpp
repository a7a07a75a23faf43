// A library with a GPU in the host's memory, for programs that are tested as a whole: the engine
// loads the one that MLX_TEST_GPU_LIBRARY names (runtime/gpu_device). MLX_TEST_GPU says which:
// "emulator" (the default) runs kernels at once, "late" runs them late, and in any order that
// the declared accesses allow: MLX_TEST_DELAY says how many microseconds at most (default: 2000).
// "metal" runs them through src/metal on a fake of Apple's API. There
// MLX_TEST_GPU_DEFAULT makes it the default device, as on a Mac, and MLX_FAKE_METAL says what goes
// wrong: "wrong=softmax", for instance.

#include <cstdlib>
#include <string>

#include "../emulator/emulator_device.h"
#include "../fake_metal/metal_on_fake.h"
#include "../late_device.h"
#include "runtime/gpu_device.h"

using namespace mlx::core;

namespace {

std::string asked_for() {
  const char* name = std::getenv("MLX_TEST_GPU");
  return name ? name : "";
}

gpu::Device& test_device() {
  static gpu::Device& device = []() -> gpu::Device& {
    // Leaked, as devices are.
    if (asked_for() == "late") {
      auto& device = *late_gpu::make_late_emulator().release();
      if (const char* delay = std::getenv("MLX_TEST_DELAY")) device.set_delay(std::atoi(delay));
      return device;
    }
    return *gpu::emulator::make_device().release();
  }();
  return device;
}

DeviceInfo info() {
  auto& limits = test_device().limits();
  return {{"device_name", limits.name},
          {"architecture", limits.architecture},
          {"memory_size", limits.memory_bytes}};
}

gpu::Backend backend() {
  if (asked_for() == "metal")
    return {[] { return fake_metal::machine().is_usable() ? 1 : 0; },
            [] { return fake_metal::machine().why_not(); },
            [] { return fake_metal::machine().info(); },
            []() -> gpu::Device& { return fake_metal::device(); },
            gpu::Language::metal,
            [] { return fake_metal::machine().memory_source(); },
            nullptr,
            std::getenv("MLX_TEST_GPU_DEFAULT") != nullptr};
  return {[] { return gpu::emulator::is_available() ? 1 : 0; },
          [] { return std::string("this machine has no C++ compiler for the emulator"); }, info,
          test_device, gpu::Language::emulator};
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const gpu::Backend mlx_test_gpu_backend =
    backend();
