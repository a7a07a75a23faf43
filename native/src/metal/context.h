#pragma once

#include <sys/types.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "metal/metal_memory.h"
#include "metal/objective_c.h"

namespace mlx::core::metal {

/// A device with its memory, shared by all that runs on it, with the state of being lost: after a
/// command buffer failed nothing that it should have made can be trusted, and every call throws one
/// EngineError.
class DeviceContext {
 public:
  DeviceContext(const ObjectiveC& objc, Owned device);

  const ObjectiveC& objc() const { return objc_; }
  Id device() const { return device_.get(); }
  SharedMemory& memory() { return memory_; }
  size_t most_resources() const { return most_resources_; }

  /// Throws when the device is lost or the process forked.
  void enter() const;
  /// Why the device is lost, if it is.
  std::optional<std::string> error() const;
  bool is_lost() const { return is_lost_.load(std::memory_order_acquire); }
  /// Only the first reason stays.
  void lose(const std::string& reason);

 private:
  const ObjectiveC& objc_;
  Owned device_;
  size_t most_resources_;
  SharedMemory memory_;
  pid_t process_;
  std::atomic<bool> is_lost_{false};
  mutable std::mutex mutex_;
  std::string reason_;
};

}  // namespace mlx::core::metal
