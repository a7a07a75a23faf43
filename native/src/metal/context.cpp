#include "metal/context.h"

#include <unistd.h>

#include "mlx/errors.h"

#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

namespace mlx::core::metal {
namespace {

size_t resource_limit() {
  size_t limit = 0;
#ifdef __APPLE__
  size_t length = sizeof(limit);
  sysctlbyname("iogpu.rsrc_limit", &limit, &length, nullptr, 0);
#endif
  return limit ? limit : limit::resources;
}

}  // namespace

DeviceContext::DeviceContext(const ObjectiveC& objc, Owned device)
    : objc_(objc),
      device_(std::move(device)),
      most_resources_(resource_limit()),
      memory_(objc, device_.get(), most_resources_),
      process_(getpid()) {}

void DeviceContext::enter() const {
  if (is_lost()) throw EngineError(*error());
  // A child of fork has its parent's objects, but not what is behind them.
  if (getpid() != process_)
    throw EngineError("[gpu] Metal was used before this process forked; the child can't use it.");
}

std::optional<std::string> DeviceContext::error() const {
  if (!is_lost()) return std::nullopt;
  std::lock_guard lock(mutex_);
  return reason_;
}

void DeviceContext::lose(const std::string& reason) {
  std::lock_guard lock(mutex_);
  if (!reason_.empty()) return;
  reason_ = "[gpu] The device is lost: a command buffer failed: " + reason +
            ". What it was to compute is gone; the CPU goes on, and a new process can use the "
            "device again.";
  is_lost_.store(true, std::memory_order_release);
}

}  // namespace mlx::core::metal
