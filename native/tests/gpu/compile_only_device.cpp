#include "compile_only_device.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "cuda/nvrtc.h"
#include "kernel_resources.h"
#include "mlx/errors.h"

namespace mlx::core::gpu {
namespace {

class NoKernel final : public Kernel {
 public:
  uint32_t max_threads() const override { return 1024; }
};

class NoQueue final : public Queue {
 public:
  void launch(const Kernel&, Size3, Size3, uint32_t, std::span<const Argument>) override {}
  void copy_in(const void*, Memory, size_t, size_t) override {}
  void copy_out(Memory, size_t, void*, size_t) override {}
  void copy(Memory, size_t, Memory, size_t, size_t) override {}
  void fill(Memory, size_t, uint32_t, uint32_t, size_t) override {}
  Ticket commit() override { return {this, 0}; }
  void wait(Ticket) override {}
  bool reached(uint64_t) const override { return true; }
  void block(uint64_t) override {}
  std::optional<std::string> error() const override { return std::nullopt; }
};

class CompileOnlyDevice final : public Device {
 public:
  using Compile = std::function<void(const KernelSource&)>;

  CompileOnlyDevice(Language language, Compile compile) : compile_(std::move(compile)) {
    limits_.language = language;
    limits_.half_matrices = language == Language::cuda;
    limits_.simd_width = 32;
    limits_.max_shared_bytes = 48 << 10;
    limits_.multiprocessors = 100;
    for (auto& most : limits_.max_groups) most = 65535;
  }

  const Limits& limits() const override { return limits_; }
  Memory allocate(size_t size) override { return {256, size}; }
  void free(Memory) noexcept override {}
  void release_cache() override {}
  void set_limits(size_t, size_t) override {}
  size_t cached_bytes() const override { return 0; }
  size_t free_bytes() const override { return size_t(1) << 32; }
  void* host_pointer(Memory) const override { return nullptr; }
  std::shared_ptr<const Kernel> compile(const KernelSource& source) override {
    compile_(source);
    return std::make_shared<NoKernel>();
  }
  std::vector<std::shared_ptr<const Kernel>> compile(
      std::span<const KernelSource> sources) override {
    std::vector<std::shared_ptr<const Kernel>> kernels;
    for (auto& source : sources) kernels.push_back(compile(source));
    return kernels;
  }
  Queue& new_queue() override { return queue_; }

 private:
  Compile compile_;
  Limits limits_{};
  NoQueue queue_;
};

}  // namespace

std::unique_ptr<Device> make_compile_only_device() {
  std::string reason;
  auto* compiler = cuda::Nvrtc::find(&reason);
  if (!compiler) return nullptr;
  return std::make_unique<CompileOnlyDevice>(Language::cuda, [=](const KernelSource& source) {
    for (auto* architecture : {"sm_75", "sm_80", "sm_90a"}) {
      // Small matrices of halves came with the second of them.
      bool needs_units = source.bodies.find("mma.sync") != std::string::npos;
      if (needs_units && std::string(architecture) == "sm_75") continue;
      auto binary = compiler->compile(source, architecture);
      auto resources = resources_of(binary, source.name);
      if (std::getenv("MLX_PRINT_KERNEL_RESOURCES"))
        std::printf("%s %s %u %u\n", source.name.c_str(), architecture, resources.registers,
                    resources.local_bytes);
      if (auto excess = excess_of(source.name, architecture, resources); !excess.empty())
        throw EngineError(excess);
    }
  });
}

std::unique_ptr<Device> make_metal_text_device(const std::string& folder) {
  std::filesystem::create_directories(folder);
  return std::make_unique<CompileOnlyDevice>(Language::metal, [=](const KernelSource& source) {
    std::ofstream(std::filesystem::path(folder) / (source.name + ".metal"))
        << source.bodies << source.entry;
  });
}

}  // namespace mlx::core::gpu
