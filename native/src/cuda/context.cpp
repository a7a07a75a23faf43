#include "cuda/context.h"

#include "mlx/errors.h"

namespace mlx::core::cuda {
namespace {

const Driver& require_driver() {
  std::string reason;
  if (auto* driver = find_driver(&reason)) return *driver;
  throw EngineError("[gpu] There is no usable CUDA device: " + reason + ".");
}

thread_local const DeviceContext* entered = nullptr;

}  // namespace

DeviceContext::DeviceContext(int ordinal) : driver_(require_driver()) {
  check(driver_.device_get(&number_, ordinal), "looking for the device");
  check(driver_.context_retain(&context_, number_), "making a context on the device");
}

int DeviceContext::attribute(int which) const {
  int value = 0;
  check(driver_.device_attribute(&value, which, number_), "asking for the device's limits");
  return value;
}

void DeviceContext::enter() const {
  if (is_lost_.load(std::memory_order_acquire)) throw EngineError(*error());
  // A child of fork has its parent's thread, but not its context.
  if (!find_driver()) require_driver();
  if (entered == this) return;
  check(driver_.context_set(context_), "entering the device's context");
  entered = this;
}

void DeviceContext::check(Result result, const char* what) const {
  if (result == result::success) return;
  if (is_fatal(result)) {
    lose(result, what);
    throw EngineError(*error());
  }
  throw EngineError("[gpu] " + std::string(what) + " failed: " + describe(driver_, result) + ".");
}

void DeviceContext::note(Result result, const char* what) const noexcept {
  if (is_fatal(result)) lose(result, what);
}

void DeviceContext::lose(Result result, const char* what) const noexcept {
  std::lock_guard lock(mutex_);
  if (!reason_.empty()) return;
  reason_ = "[gpu] The device is lost: " + describe(driver_, result) + ", seen while " + what +
            ". Arrays on it are gone; the CPU goes on, and a new process can use the device again.";
  is_lost_.store(true, std::memory_order_release);
}

std::optional<std::string> DeviceContext::error() const {
  if (!is_lost_.load(std::memory_order_acquire)) return std::nullopt;
  std::lock_guard lock(mutex_);
  return reason_;
}

}  // namespace mlx::core::cuda
