#include "runtime/gpu_device.h"

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>
#include <sstream>

#include "mlx/errors.h"

namespace mlx::core {

namespace {

std::atomic<gpu::Device*> device_for_tests{nullptr};

/// MLX_TEST_GPU_LIBRARY names a library with a GPU in the host's memory, so that a whole program
/// can be tested on it: tests/gpu/library.
const gpu::Backend* load_test_backend() {
  const char* path = std::getenv("MLX_TEST_GPU_LIBRARY");
  if (!path || !*path) return nullptr;
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void* symbol = library ? dlsym(library, "mlx_test_gpu_backend") : nullptr;
  if (!symbol)
    throw EngineError(std::string("[device] MLX_TEST_GPU_LIBRARY names no library of a GPU: ") +
                      dlerror());
  return static_cast<const gpu::Backend*>(symbol);
}

const gpu::Backend& backend() {
  static const gpu::Backend* const for_tests = load_test_backend();
  return for_tests ? *for_tests : gpu::system_backend();
}

}  // namespace

bool has_gpu() { return device_for_tests.load(std::memory_order_acquire) || backend().count() > 0; }

bool is_gpu_default() { return backend().is_default && has_gpu(); }

gpu::Language gpu_language() {
  gpu::Device* device = device_for_tests.load(std::memory_order_acquire);
  return device ? device->limits().language : backend().language;
}

MemorySource* memory_source() {
  static MemorySource* const source = backend().memory_source ? backend().memory_source() : nullptr;
  return source;
}

std::string why_unavailable(const Device& device) {
  if (device.type == Device::gpu && !has_gpu()) return backend().why_none();
  std::ostringstream text;
  text << "the only one of its kind that is used is " << Device(device.type);
  return text.str();
}

DeviceInfo gpu_info() {
  gpu::Device* device = device_for_tests.load(std::memory_order_acquire);
  if (!device) return backend().info();
  auto& limits = device->limits();
  return {{"device_name", limits.name},
          {"architecture", limits.architecture},
          {"memory_size", limits.memory_bytes}};
}

gpu::CollectiveLibrary* gpu_collectives(std::string* reason) {
  std::string unheard;
  std::string& why = reason ? *reason : unheard;
  if (!has_gpu())
    why = backend().why_none();
  else if (backend().collectives)
    return backend().collectives(&why);
  else
    why = "there is no library for that on this kind of GPU";
  return nullptr;
}

gpu::Device& gpu_device() {
  gpu::Device* device = device_for_tests.load(std::memory_order_acquire);
  return device ? *device : backend().open();
}

void set_gpu_device(gpu::Device* device) {
  device_for_tests.store(device, std::memory_order_release);
}

}  // namespace mlx::core
