#include "cuda/driver.h"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>

namespace mlx::core::cuda {
namespace {

// CUDA 12.0: the oldest driver whose binaries the compilers in use make.
constexpr int oldest_version = 12000;

std::atomic<bool> is_forked_child{false};

struct Loaded {
  Driver driver;
  std::string problem;
};

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

Loaded load() {
  Loaded loaded;
  void* library = nullptr;
  for (auto* name : {"libcuda.so.1", "libcuda.so"})
    if (!library) library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    loaded.problem = "there is no NVIDIA driver (libcuda.so.1)";
    return loaded;
  }
  auto& driver = loaded.driver;
#define X(member, symbol, parameters)                                              \
  driver.member = reinterpret_cast<Result(*) parameters>(dlsym(library, #symbol)); \
  if (!driver.member) {                                                            \
    loaded.problem = "the NVIDIA driver is too old: it has no " #symbol;           \
    return loaded;                                                                 \
  }
  MLX_CUDA_DRIVER(X)
#undef X
  int version = 0, count = 0;
  if (driver.driver_version(&version) == result::success && version < oldest_version) {
    loaded.problem = "the NVIDIA driver is too old: it supports CUDA " + version_text(version) +
                     ", and CUDA " + version_text(oldest_version) + " is needed";
    return loaded;
  }
  Result status = driver.init(0);
  if (status == result::success) status = driver.device_count(&count);
  if (status == result::no_device || (status == result::success && count == 0))
    loaded.problem = "the NVIDIA driver finds no device";
  else if (status != result::success)
    loaded.problem = "the NVIDIA driver does not start: " + describe(driver, status);
  // CUDA can't be used in a child of a process that used it.
  if (loaded.problem.empty()) pthread_atfork(nullptr, nullptr, [] { is_forked_child = true; });
  return loaded;
}

}  // namespace

const Driver* find_driver(std::string* reason) {
  // Leaked: threads may still compute while the process ends.
  static const Loaded& loaded = *new Loaded(load());
  const char* problem = is_forked_child
                            ? "this process was forked from one that uses the GPU; start it anew "
                              "(spawn) to use the GPU in it"
                            : loaded.problem.c_str();
  if (reason) *reason = problem;
  return *problem ? nullptr : &loaded.driver;
}

std::string describe(const Driver& driver, Result result) {
  const char *name = nullptr, *text = nullptr;
  if (driver.error_name) driver.error_name(result, &name);
  if (driver.error_text) driver.error_text(result, &text);
  return std::string(text ? text : "unknown error") + " (" +
         (name ? name : std::to_string(result).c_str()) + ")";
}

bool is_fatal(Result result) {
  switch (result) {
    case result::uncorrectable_memory:
    case result::illegal_address:
    case result::launch_timeout:
    case result::context_is_destroyed:
    case result::assertion:
    case result::hardware_stack_error:
    case result::illegal_instruction:
    case result::misaligned_address:
    case result::invalid_address_space:
    case result::invalid_pc:
    case result::launch_failed:
      return true;
    default:
      return false;
  }
}

}  // namespace mlx::core::cuda
