#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "metal/metal_device.h"
#include "metal/pressure_signal.h"
#include "runtime/memory_source.h"

namespace mlx::core::metal {

/// A machine's GPU as far as it is trusted: only after the self-test agreed does it count.
class Machine {
 public:
  /// Apple's libraries, or the tests' fake; without them the reason.
  Machine(const ObjectiveC* objc, std::string reason);
  ~Machine();

  /// Runs the self-test at the first call. If it doesn't agree, says why on stderr.
  bool is_usable();
  /// Why it isn't, as the end of a sentence.
  std::string why_not();
  /// What MLX tells, and what came of the self-test; nothing where there is no device.
  DeviceInfo info();
  /// Throws EngineError where it isn't usable.
  MetalDevice& open();
  /// Memory for host and device, which needs no self-test; null where there is no device.
  MemorySource* memory_source();

 private:
  class Source;

  MetalDevice* find();

  const ObjectiveC* objc_;
  std::once_flag found_, tested_;
  std::string problem_;
  std::unique_ptr<MetalDevice> device_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<PressureSignal> pressure_;
};

/// This machine's.
Machine& system_machine();

}  // namespace mlx::core::metal
