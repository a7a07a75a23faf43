#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "cuda/driver.h"

namespace mlx::core::cuda {

/// One card's context, shared by all that runs on it, with the state of being lost: an illegal
/// address or the like ends a context for good. Every call on the device then throws one
/// EngineError.
class DeviceContext {
 public:
  /// Makes the context, which takes a few tenths of a second. Throws EngineError.
  explicit DeviceContext(int ordinal);

  const Driver& driver() const { return driver_; }
  DeviceNumber number() const { return number_; }
  int attribute(int which) const;

  /// Lets the calling thread use the context. Throws when the device is lost or the process forked.
  void enter() const;
  /// Notes a lost device, and throws EngineError for every result but success. `what` is what was
  /// tried: "copying to the GPU".
  void check(Result result, const char* what) const;
  /// The same without throwing: for destructors, frees and waits.
  void note(Result result, const char* what) const noexcept;

  /// Why the device is lost, if it is.
  std::optional<std::string> error() const;

 private:
  void lose(Result result, const char* what) const noexcept;

  const Driver& driver_;
  DeviceNumber number_ = 0;
  Context context_ = nullptr;
  mutable std::atomic<bool> is_lost_{false};
  mutable std::mutex mutex_;
  mutable std::string reason_;
};

}  // namespace mlx::core::cuda
