#include "emulator_device.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "fibers.h"
#include "host_compiler.h"
#include "mlx/errors.h"

namespace mlx::core::gpu::emulator {
namespace {

// No address of the host has these bits.
constexpr uint64_t tag = uint64_t(0x5a) << 56;
// Contents that nobody wrote: a NaN in every float type.
constexpr int poison = 0xff;

char* untagged(Memory memory) { return reinterpret_cast<char*>(memory.handle & ~tag); }

class EmulatedKernel final : public Kernel {
 public:
  explicit EmulatedKernel(EntryPoint entry) : entry(entry) {}
  uint32_t max_threads() const override { return 1024; }

  EntryPoint entry;
};

/// Does everything at once, on the thread that asks.
class EmulatedQueue final : public Queue {
 public:
  void launch(const Kernel& kernel, Size3 groups, Size3 threads, uint32_t,
              std::span<const Argument> arguments) override {
    std::vector<void*> pointers;
    for (auto& argument : arguments) {
      auto* place = argument.is_memory() ? untagged(argument.memory()) + argument.byte_offset()
                                         : static_cast<const char*>(argument.bytes());
      pointers.push_back(const_cast<char*>(place));
    }
    run_groups(static_cast<const EmulatedKernel&>(kernel).entry, pointers.data(), groups, threads);
  }
  void copy_in(const void* from, Memory to, size_t to_offset, size_t bytes) override {
    std::memcpy(untagged(to) + to_offset, from, bytes);
  }
  void copy_out(Memory from, size_t from_offset, void* to, size_t bytes) override {
    std::memcpy(to, untagged(from) + from_offset, bytes);
  }
  void copy(Memory from, size_t from_offset, Memory to, size_t to_offset, size_t bytes) override {
    std::memmove(untagged(to) + to_offset, untagged(from) + from_offset, bytes);
  }
  void fill(Memory to, size_t to_offset, uint32_t pattern, uint32_t width, size_t bytes) override {
    for (size_t at = 0; at < bytes; at += width)
      std::memcpy(untagged(to) + to_offset + at, &pattern, width);
  }
  Ticket commit() override { return {this, ++committed_}; }
  void wait(Ticket) override {}
  bool reached(uint64_t number) const override { return number <= committed_; }
  void block(uint64_t) override {}
  std::optional<std::string> error() const override { return std::nullopt; }

 private:
  std::atomic<uint64_t> committed_{0};
};

class EmulatedDevice final : public Device {
 public:
  const Limits& limits() const override {
    static const Limits limits{"emulator",
                               "host",
                               Language::emulator,
                               true,
                               false,
                               32,
                               1024,
                               32 * 1024,
                               31,
                               4096,
                               {INT32_MAX, 65535, 65535},
                               4,
                               1 << 20,
                               size_t(1) << 32};
    return limits;
  }
  Memory allocate(size_t size) override {
    size_t rounded = (size + 255) / 256 * 256 + 256;
    void* place = std::aligned_alloc(256, rounded);
    if (!place) throw OutOfDeviceMemory("[emulator] There is no memory left.");
    std::memset(place, poison, rounded);
    return {reinterpret_cast<uint64_t>(place) | tag, size};
  }
  void free(Memory memory) noexcept override { std::free(untagged(memory)); }
  void release_cache() override {}
  void set_limits(size_t, size_t) override {}
  size_t cached_bytes() const override { return 0; }
  size_t free_bytes() const override { return size_t(1) << 32; }
  void* host_pointer(Memory) const override { return nullptr; }

  std::shared_ptr<const Kernel> compile(const KernelSource& source) override {
    return compile(std::span(&source, 1)).front();
  }
  std::vector<std::shared_ptr<const Kernel>> compile(
      std::span<const KernelSource> sources) override {
    std::vector<std::shared_ptr<const Kernel>> kernels;
    for (auto entry : compile_on_host(sources))
      kernels.push_back(std::make_shared<EmulatedKernel>(entry));
    return kernels;
  }
  Queue& new_queue() override {
    std::lock_guard lock(mutex_);
    return *queues_.emplace_back(std::make_unique<EmulatedQueue>());
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Queue>> queues_;
};

}  // namespace

std::unique_ptr<Device> make_device() { return std::make_unique<EmulatedDevice>(); }

bool is_available() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // Sanitizers lose track of stacks that are switched.
  return false;
#else
  return has_host_compiler();
#endif
}

}  // namespace mlx::core::gpu::emulator
