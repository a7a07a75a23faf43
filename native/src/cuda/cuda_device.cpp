#include "cuda/cuda_device.h"

#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "cuda/cuda_queue.h"
#include "cuda/device_memory.h"
#include "cuda/disk_cache.h"
#include "cuda/hopper_matmul.h"
#include "cuda/nvrtc.h"
#include "gpu/compile_many.h"
#include "gpu/text_options.h"
#include "mlx/errors.h"
#include "runtime/compilation_gate.h"

namespace mlx::core::cuda {
namespace {

// NVRTC takes its time on one core, a tenth of a second a kernel.
constexpr size_t most_compiling = 16;

std::string architecture_of(int major, int minor) {
  // Hopper and later have instructions that are theirs alone.
  return "sm_" + std::to_string(10 * major + minor) + (major >= 9 ? "a" : "");
}

/// The driver trusts what an image says of itself: one that was cut off must not get there.
void check_binary(const gpu::KernelSource& source) {
  const std::string& image = source.bodies;
  const bool is_ptx = image.find(".version") != image.npos && image.find('\0') == image.npos;
  bool is_whole = false;
  if (image.starts_with("\x7f"
                        "ELF") &&
      image.size() >= 64) {
    // Of ELF with 64 bits: where the sections' headers are, their size and number.
    uint64_t sections = 0;
    uint16_t size = 0, count = 0;
    std::memcpy(&sections, image.data() + 40, sizeof(sections));
    std::memcpy(&size, image.data() + 58, sizeof(size));
    std::memcpy(&count, image.data() + 60, sizeof(count));
    is_whole = sections <= image.size() && uint64_t(size) * count <= image.size() - sections;
  }
  if (!is_ptx && !is_whole)
    throw EngineError("[gpu] The kernel " + source.name +
                      " is neither PTX nor a whole CUDA binary (cubin).");
}

class CudaDevice final : public gpu::Device {
 public:
  explicit CudaDevice(int ordinal)
      : context_(ordinal),
        limits_(read_limits()),
        memory_(context_),
        ring_(context_),
        disk_(DiskCache::default_folder()),
        products_(context_, [this](auto& source) { return compile(source); }) {}

  const gpu::Limits& limits() const override { return limits_; }

  gpu::Memory allocate(size_t size) override { return memory_.allocate(size); }
  void free(gpu::Memory memory) noexcept override { memory_.free(memory); }
  void release_cache() override { memory_.release_cache(); }
  void set_limits(size_t memory, size_t cache) override { memory_.set_limits(memory, cache); }
  size_t cached_bytes() const override { return memory_.cached_bytes(); }
  size_t free_bytes() const override {
    context_.enter();
    size_t free = 0, total = 0;
    context_.check(context_.driver().memory_info(&free, &total), "asking for free memory");
    return free;
  }
  void* host_pointer(gpu::Memory) const override { return nullptr; }

  std::shared_ptr<const gpu::Kernel> load(const gpu::KernelSource& source) override {
    CompilationGate gate;
    throw_if_closed(gate);
    auto image = disk_.read(key_of(source, Nvrtc::find()));
    return image ? std::make_shared<CudaKernel>(context_, *image, source.name) : nullptr;
  }

  std::shared_ptr<const gpu::Kernel> compile(const gpu::KernelSource& source) override {
    // Loading is the driver's work, which takes itself down too.
    CompilationGate gate;
    throw_if_closed(gate);
    if (gpu::is_binary(source)) check_binary(source);
    auto image = gpu::is_binary(source) ? source.bodies : find_image(source);
    return std::make_shared<CudaKernel>(context_, image, source.name);
  }

  std::vector<std::shared_ptr<const gpu::Kernel>> compile(
      std::span<const gpu::KernelSource> sources) override {
    return gpu::compile_many(*this, sources, most_compiling);
  }

  gpu::Queue& new_queue() override {
    std::lock_guard lock(mutex_);
    return *queues_.emplace_back(std::make_unique<CudaQueue>(context_, ring_, products_));
  }

 private:
  static void throw_if_closed(const CompilationGate& gate) {
    if (!gate.is_open())
      throw EngineError("[gpu] No kernel can be compiled while the process ends.");
  }

  gpu::Limits read_limits() {
    auto& driver = context_.driver();
    gpu::Limits limits{};
    char name[256] = "";
    context_.check(driver.device_name(name, sizeof(name), context_.number()), "asking for a name");
    int major = context_.attribute(attribute::capability_major);
    int minor = context_.attribute(attribute::capability_minor);
    limits.name = name;
    limits.architecture = architecture_of(major, minor);
    limits.language = gpu::Language::cuda;
    limits.half_matrices = major >= 8;
    limits.unified_memory = false;
    limits.compiles_slowly = true;
    limits.simd_width = 32;
    limits.max_threads_per_group = uint32_t(context_.attribute(attribute::max_threads));
    limits.max_shared_bytes = uint32_t(context_.attribute(attribute::max_shared_bytes));
    limits.max_buffers = 64;
    limits.max_value_bytes = 4000;
    limits.max_groups[0] = uint64_t(context_.attribute(attribute::max_grid_x));
    limits.max_groups[1] = uint64_t(context_.attribute(attribute::max_grid_y));
    limits.max_groups[2] = uint64_t(context_.attribute(attribute::max_grid_z));
    limits.multiprocessors = uint32_t(context_.attribute(attribute::multiprocessors));
    limits.cache_bytes = size_t(context_.attribute(attribute::cache_bytes));
    context_.check(driver.device_memory(&limits.memory_bytes, context_.number()),
                   "asking for the memory's size");
    return limits;
  }

  std::string key_of(const gpu::KernelSource& source, const Nvrtc* compiler) const {
    return (compiler ? compiler->version() : "none") + "\n" + limits_.architecture + "\n" +
           source.bodies + source.entry;
  }

  /// From the disk, or compiled and put there.
  std::string find_image(const gpu::KernelSource& source) {
    std::string reason;
    auto* compiler = Nvrtc::find(&reason);
    std::string key = key_of(source, compiler);
    if (auto image = disk_.read(key)) return *image;
    if (!compiler)
      throw EngineError("[gpu] The kernel " + source.name + " can't be made: " + reason + ".");
    auto image = compiler->compile(source, limits_.architecture);
    disk_.write(key, image);
    return image;
  }

  DeviceContext context_;
  gpu::Limits limits_;
  DeviceMemory memory_;
  CopyRing ring_;
  DiskCache disk_;
  HopperMatmul products_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<CudaQueue>> queues_;
};

}  // namespace

int device_count() {
  auto* driver = find_driver();
  int count = 0;
  return driver && driver->device_count(&count) == result::success ? count : 0;
}

DeviceInfo device_info(int ordinal) {
  auto* driver = find_driver();
  DeviceNumber number = 0;
  if (!driver || driver->device_get(&number, ordinal) != result::success) return {};
  char name[256] = "";
  size_t bytes = 0;
  int major = 0, minor = 0;
  driver->device_name(name, sizeof(name), number);
  driver->device_memory(&bytes, number);
  driver->device_attribute(&major, attribute::capability_major, number);
  driver->device_attribute(&minor, attribute::capability_minor, number);
  return {{"device_name", std::string(name)},
          {"architecture", architecture_of(major, minor)},
          {"memory_size", bytes},
          {"total_memory", bytes},
          {"compute_capability_major", size_t(major)},
          {"compute_capability_minor", size_t(minor)}};
}

gpu::Device& device(int ordinal) {
  // Leaked: threads may still compute while the process ends.
  static auto& mutex = *new std::mutex;
  static auto& devices = *new std::map<int, std::unique_ptr<CudaDevice>>;
  std::lock_guard lock(mutex);
  auto& found = devices[ordinal];
  if (!found) found = std::make_unique<CudaDevice>(ordinal);
  return *found;
}

std::string why_unavailable() {
  std::string reason;
  find_driver(&reason);
  return reason;
}

}  // namespace mlx::core::cuda
