#include "gpu/kernel_cache.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace mlx::core::gpu {
namespace {

struct NamedKernel final : Kernel {
  explicit NamedKernel(std::string name) : name(std::move(name)) {}
  uint32_t max_threads() const override { return 1; }
  std::string name;
};

/// Counts what it compiles; a name that begins with "bad" doesn't compile, "disk" need not.
class CountingDevice final : public Device {
 public:
  const Limits& limits() const override { return limits_; }
  Memory allocate(size_t) override { return {}; }
  void free(Memory) noexcept override {}
  void release_cache() override {}
  void set_limits(size_t, size_t) override {}
  size_t cached_bytes() const override { return 0; }
  size_t free_bytes() const override { return 0; }
  void* host_pointer(Memory) const override { return nullptr; }
  std::shared_ptr<const Kernel> load(const KernelSource& source) override {
    if (!source.name.starts_with("disk")) return nullptr;
    return std::make_shared<NamedKernel>(source.name);
  }
  std::shared_ptr<const Kernel> compile(const KernelSource& source) override {
    ++compiled;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (source.name.starts_with("bad")) throw EngineError("[gpu] " + source.name);
    return std::make_shared<NamedKernel>(source.name);
  }
  std::vector<std::shared_ptr<const Kernel>> compile(std::span<const KernelSource>) override {
    return {};
  }
  Queue& new_queue() override { throw EngineError("no queues"); }

  std::atomic<int> compiled{0};

 private:
  Limits limits_{};
};

const Kernel* ask(KernelCache& cache, const std::string& name) {
  return cache.find_soon(name, [&] { return KernelSource{"", "", name}; });
}

const Kernel* ask_until_there(KernelCache& cache, const std::string& name) {
  for (int i = 0; i < 5000; ++i) {
    if (auto* kernel = ask(cache, name)) return kernel;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return nullptr;
}

}  // namespace

TEST_CASE("kernel cache: what comes back is compiled by another thread, once") {
  CountingDevice device;
  KernelCache cache(device);
  CHECK(ask(cache, "chain") == nullptr);
  CHECK(device.compiled == 0);
  CHECK(ask(cache, "chain") == nullptr);
  auto* kernel = ask_until_there(cache, "chain");
  REQUIRE(kernel != nullptr);
  CHECK(static_cast<const NamedKernel*>(kernel)->name == "chain");
  CHECK(ask(cache, "chain") == kernel);
  CHECK(device.compiled == 1);
}

TEST_CASE("kernel cache: what the disk has is there at once") {
  CountingDevice device;
  KernelCache cache(device);
  CHECK(ask(cache, "disk") != nullptr);
  CHECK(device.compiled == 0);
}

TEST_CASE("kernel cache: an error of another thread comes to who asks") {
  CountingDevice device;
  KernelCache cache(device);
  ask(cache, "bad");
  CHECK_THROWS_AS(ask_until_there(cache, "bad"), EngineError);
}

TEST_CASE("kernel cache: goes while another thread compiles") {
  CountingDevice device;
  {
    KernelCache cache(device);
    for (int round = 0; round < 2; ++round)
      for (int i = 0; i < 20; ++i) ask(cache, std::to_string(i));
  }
  CHECK(device.compiled < 20);
}

TEST_CASE("kernel cache: thousands that never come back are forgotten") {
  CountingDevice device;
  KernelCache cache(device);
  for (int i = 0; i < 10'000; ++i) CHECK(ask(cache, std::to_string(i)) == nullptr);
  CHECK(device.compiled == 0);
  CHECK(ask_until_there(cache, "0") != nullptr);
}

}  // namespace mlx::core::gpu
