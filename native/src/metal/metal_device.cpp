#include "metal/metal_device.h"

#include <thread>

#include "gpu/compile_many.h"
#include "gpu/kernel_cache.h"
#include "metal/metal_queue.h"
#include "mlx/errors.h"
#include "mlx/utils.h"
#include "runtime/machine_memory.h"

namespace mlx::core::metal {
namespace {

constexpr size_t memory_alignment = 256;
// Metal's compiler is a process of its own beside this one.
constexpr size_t most_compiling = 8;
// Metal doesn't say. Work is cut for so many; M1 to M4 Ultra have 7 to 80 cores.
constexpr uint32_t multiprocessors = 32;
constexpr size_t cache_bytes = size_t(8) << 20;

class Implementation final : public MetalDevice {
 public:
  Implementation(const ObjectiveC& objc, Owned device)
      : objc_(objc),
        context_(objc, std::move(device)),
        limits_(read_limits()),
        byte_kernels_(*this) {}

  DeviceContext& context() override { return context_; }
  const gpu::Limits& limits() const override { return limits_; }

  gpu::Memory allocate(size_t size) override {
    context_.enter();
    void* address = context_.memory().allocate(std::max<size_t>(size, 1), memory_alignment);
    if (!address)
      throw gpu::OutOfDeviceMemory(concat_text("[gpu] The device is out of memory: ", size,
                                               " bytes were asked for, and ", free_bytes(),
                                               " are free."));
    return {reinterpret_cast<uint64_t>(address), size};
  }
  void free(gpu::Memory memory) noexcept override {
    context_.memory().free(host_pointer(memory), std::max<size_t>(memory.size, 1),
                           memory_alignment);
  }
  /// Only pieces of chunks are kept, which can't go back alone.
  void release_cache() override {}
  void set_limits(size_t, size_t) override {}
  size_t cached_bytes() const override { return 0; }
  size_t free_bytes() const override {
    context_.enter();
    size_t all = limits_.memory_bytes, taken = objc_.allocated_bytes(context_.device());
    return all - std::min(all, taken);
  }
  void* host_pointer(gpu::Memory memory) const override {
    return reinterpret_cast<void*>(memory.handle);
  }

  std::shared_ptr<const gpu::Kernel> compile(const gpu::KernelSource& source) override;
  std::vector<std::shared_ptr<const gpu::Kernel>> compile(
      std::span<const gpu::KernelSource> sources) override {
    return gpu::compile_many(*this, sources, most_compiling);
  }

  gpu::Queue& new_queue() override {
    std::lock_guard lock(mutex_);
    return *queues_.emplace_back(std::make_unique<MetalQueue>(context_, byte_kernels_));
  }

 private:
  gpu::Limits read_limits() const;
  Owned make_library(const gpu::KernelSource& source);

  const ObjectiveC& objc_;
  DeviceContext context_;
  gpu::Limits limits_;
  gpu::KernelCache byte_kernels_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<MetalQueue>> queues_;
};

gpu::Limits Implementation::read_limits() const {
  Pool pool(objc_);
  Id device = context_.device();
  gpu::Limits limits{};
  limits.name = objc_.text(objc_.device_name(device));
  if (objc_.knows(device, objc_.device_architecture))
    limits.architecture = objc_.text(objc_.architecture_name(objc_.device_architecture(device)));
  limits.language = gpu::Language::metal;
  limits.half_matrices = false;
  limits.unified_memory = true;
  limits.simd_width = 32;
  limits.max_threads_per_group = uint32_t(objc_.max_threads_per_group(device).width);
  limits.max_shared_bytes = uint32_t(objc_.max_group_memory(device));
  limits.max_buffers = limit::buffers;
  limits.max_value_bytes = limit::value_bytes;
  for (auto& groups : limits.max_groups) groups = INT32_MAX;
  limits.multiprocessors = multiprocessors;
  limits.cache_bytes = cache_bytes;
  limits.memory_bytes = objc_.recommended_memory(device);
  return limits;
}

Owned Implementation::make_library(const gpu::KernelSource& source) {
  Owned options(objc_, objc_.new_options(objc_.get_class("MTLCompileOptions")));
  if (objc_.knows(options.get(), objc_.set_math_mode)) {
    objc_.set_math_mode(options.get(), value::math_safe);
    objc_.set_math_functions(options.get(), value::functions_precise);
  } else {
    objc_.set_fast_math(options.get(), false);
  }
  objc_.set_language(options.get(), value::metal_3_1);
  Id error = nullptr;
  Owned library(objc_,
                objc_.new_library(context_.device(), objc_.string(source.bodies + source.entry),
                                  options.get(), &error));
  if (!library)
    throw EngineError("[gpu] The kernel " + source.name + " does not compile:\n" +
                      objc_.describe(error).substr(0, 4000));
  return library;
}

std::shared_ptr<const gpu::Kernel> Implementation::compile(const gpu::KernelSource& source) {
  context_.enter();
  Pool pool(objc_);
  Owned library = make_library(source);
  Owned function(objc_, objc_.new_function(library.get(), objc_.string(source.name)));
  if (!function) throw EngineError("[gpu] The text has no kernel " + source.name + ".");
  Id error = nullptr;
  Owned pipeline(objc_, objc_.new_pipeline(context_.device(), function.get(), &error));
  if (!pipeline)
    throw EngineError("[gpu] The kernel " + source.name +
                      " can't be made for this device: " + objc_.describe(error));
  auto width = objc_.pipeline_width(pipeline.get());
  if (width != limits_.simd_width)
    throw EngineError(concat_text("[gpu] The kernel ", source.name, " runs ", width,
                                  " threads in step on this device, and must ", limits_.simd_width,
                                  "."));
  auto threads = uint32_t(objc_.pipeline_threads(pipeline.get()));
  return std::make_shared<MetalKernel>(std::move(pipeline), threads);
}

}  // namespace

std::unique_ptr<MetalDevice> make_device(const ObjectiveC& objc) {
  Pool pool(objc);
  // Its name says create, so the reference is the caller's.
  Owned device(objc, objc.default_device());
  if (!device) throw EngineError("[gpu] Metal has no device here.");
  if (std::string wrong = objc.compare(Receiver::device, device.get()); !wrong.empty())
    throw EngineError("[gpu] Metal is not as expected: " + wrong + ".");
  if (!objc.has_unified_memory(device.get()))
    throw EngineError("[gpu] The GPU " + objc.text(objc.device_name(device.get())) +
                      " has memory of its own, and none of Apple's own has.");
  return std::make_unique<Implementation>(objc, std::move(device));
}

DeviceInfo device_info(MetalDevice& device) {
  auto& context = device.context();
  auto& objc = context.objc();
  Pool pool(objc);
  auto& limits = device.limits();
  return {{"device_name", limits.name},
          {"architecture", limits.architecture},
          {"max_buffer_length", size_t(objc.max_buffer_length(context.device()))},
          {"max_recommended_working_set_size", limits.memory_bytes},
          {"memory_size", physical_memory()},
          {"resource_limit", context.most_resources()}};
}

}  // namespace mlx::core::metal
