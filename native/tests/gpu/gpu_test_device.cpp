#include "gpu_test_device.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "compile_only_device.h"
#include "cuda/cuda_device.h"
#include "emulator/emulator_device.h"
#include "fake_metal/metal_on_fake.h"
#include "mlx/errors.h"

namespace mlx::core::gpu {
namespace {

std::string asked_for() {
  const char* name = std::getenv("MLX_TEST_GPU");
  return name ? name : "";
}

Device* make_test_device() {
  if (asked_for() == "cuda") return &cuda::device(0);
  if (asked_for() == "nvrtc") return make_compile_only_device().release();
  if (asked_for() == "metal-text") {
    const char* folder = std::getenv("MLX_METAL_TEXTS");
    return make_metal_text_device(folder ? folder : "metal-texts").release();
  }
  if (asked_for() == "metal") return &fake_metal::device();
  // Leaked, as devices are.
  return emulator::is_available() ? emulator::make_device().release() : nullptr;
}

KernelCache& test_kernels() {
  static auto& cache = *new KernelCache(*test_device());
  return cache;
}

Queue& test_queue() {
  static auto& queue = test_device()->new_queue();
  return queue;
}

}  // namespace

Device* test_device() {
  static Device* const device = make_test_device();
  return device;
}

bool tests_are_thorough() { return !asked_for().empty(); }

bool test_device_computes() { return asked_for() != "nvrtc" && asked_for() != "metal-text"; }

bool test_is_on_card() { return asked_for() == "cuda"; }

bool in_shard(size_t number) {
  const char* text = std::getenv("MLX_TEST_SHARD");
  unsigned part = 0, parts = 1;
  if (text) std::sscanf(text, "%u/%u", &part, &parts);
  return number % parts == part;
}

TestCommands::TestCommands() : device_(*test_device()), queue_(test_queue()) {}

TestCommands::~TestCommands() {
  for (auto memory : scratch_) device_.free(memory);
}

KernelCache& TestCommands::kernels() { return test_kernels(); }

Memory TestCommands::scratch(size_t bytes) {
  return scratch_.emplace_back(device_.allocate(bytes));
}

bool TestCommands::finish() {
  auto ticket = queue_.commit();
  queue_.block(ticket.number);
  for (auto memory : scratch_) device_.free(memory);
  scratch_.clear();
  if (auto error = queue_.error()) throw EngineError(*error);
  return test_device_computes();
}

TestMemory::TestMemory(size_t bytes) : memory_(test_device()->allocate(bytes)) {
  test_queue().fill(memory_, 0, 0xff, 1, bytes);
}
TestMemory::TestMemory(const void* from, size_t bytes) : memory_(test_device()->allocate(bytes)) {
  test_queue().copy_in(from, memory_, 0, bytes);
}
TestMemory::~TestMemory() {
  auto ticket = test_queue().commit();
  test_queue().block(ticket.number);
  test_device()->free(memory_);
}

void TestMemory::read(void* to, size_t bytes, size_t byte_offset) const {
  test_queue().copy_out(memory_, byte_offset, to, bytes);
}

}  // namespace mlx::core::gpu
