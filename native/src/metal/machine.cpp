#include "metal/machine.h"

#include <cstdio>

#include "metal/self_test.h"
#include "mlx/errors.h"
#include "runtime/system_pressure.h"

namespace mlx::core::metal {
namespace {

/// An error's sentence as the end of another one.
std::string reason_of(const EngineError& error) {
  std::string text = error.what();
  if (text.starts_with("[gpu] ")) text.erase(0, 6);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

/// The allocator's memory, from the device's chunks.
class Machine::Source final : public MemorySource {
 public:
  explicit Source(MetalDevice& device) : memory_(device.context().memory()) {}

  void* allocate(size_t bytes, size_t alignment) override {
    return memory_.allocate(bytes, alignment);
  }
  void free(void* address, size_t bytes, size_t alignment) override {
    memory_.free(address, bytes, alignment);
  }
  bool holds(const void* address) const override { return memory_.find(address).buffer; }
  void set_wired_limit(size_t bytes) override { memory_.set_wired_limit(bytes); }

 private:
  SharedMemory& memory_;
};

Machine::Machine(const ObjectiveC* objc, std::string reason)
    : objc_(objc), problem_(std::move(reason)) {}
Machine::~Machine() = default;

MetalDevice* Machine::find() {
  std::call_once(found_, [&] {
    if (!objc_) return;
    try {
      device_ = make_device(*objc_);
      source_ = std::make_unique<Source>(*device_);
      pressure_ = std::make_unique<PressureSignal>(*objc_, [](bool is_critical) {
        answer_system_pressure(is_critical ? SystemPressure::critical : SystemPressure::warning);
      });
    } catch (const EngineError& error) {
      problem_ = reason_of(error);
    }
  });
  return device_.get();
}

bool Machine::is_usable() {
  std::call_once(tested_, [&] {
    if (find()) problem_ = self_test(*device_);
    // Where there is no Metal at all, nobody expects it.
    if (objc_ && !problem_.empty())
      std::fprintf(stderr, "mlx: Metal is not used, all is computed on the CPU: %s.\n",
                   problem_.c_str());
  });
  return device_ && problem_.empty();
}

std::string Machine::why_not() {
  is_usable();
  return problem_;
}

DeviceInfo Machine::info() {
  if (!find()) return {};
  bool is_good = is_usable();
  auto info = device_info(*device_);
  info["self_test"] = is_good ? "passed" : problem_;
  return info;
}

MetalDevice& Machine::open() {
  if (!is_usable()) throw EngineError("[gpu] There is no usable Metal device: " + problem_ + ".");
  return *device_;
}

MemorySource* Machine::memory_source() {
  find();
  return source_.get();
}

Machine& system_machine() {
  // Leaked: other threads may still compute while the process exits.
  static auto& machine = *[] {
    std::string reason;
    auto* objc = ObjectiveC::find(&reason);
    return new Machine(objc, reason);
  }();
  return machine;
}

}  // namespace mlx::core::metal
