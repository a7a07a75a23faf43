#include "runtime/pending_frees.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "mlx/errors.h"
#include "runtime/memory_pressure.h"

namespace mlx::core {

namespace {

struct PendingFree {
  gpu::Device* device;
  gpu::Memory memory;
  std::vector<DeviceUse> uses;

  bool is_idle() const {
    return std::all_of(uses.begin(), uses.end(),
                       [](const DeviceUse& use) { return use.queue->has_reached(use.ticket); });
  }
  /// Whether all work that isn't done is of this queue.
  bool is_of(const DeviceQueue* queue) const {
    return std::all_of(uses.begin(), uses.end(), [&](const DeviceUse& use) {
      return use.queue == queue || use.queue->has_reached(use.ticket);
    });
  }
};

class PendingFrees {
 public:
  void add(PendingFree pending) {
    std::lock_guard lock(mutex_);
    bytes_ += pending.memory.size;
    list_.push_back(std::move(pending));
  }

  gpu::Memory take(const gpu::Device& device, const DeviceQueue* queue, size_t bytes) {
    std::lock_guard lock(mutex_);
    auto found = std::find_if(list_.begin(), list_.end(), [&](const PendingFree& pending) {
      return pending.device == &device && pending.memory.size >= bytes &&
             pending.memory.size - bytes <= pending.memory.size / 8 && pending.is_of(queue);
    });
    if (found == list_.end()) return {};
    gpu::Memory memory = found->memory;
    bytes_ -= memory.size;
    list_.erase(found);
    return memory;
  }

  /// Returns the bytes that went back.
  size_t collect() {
    std::vector<PendingFree> idle;
    {
      std::lock_guard lock(mutex_);
      auto end = std::stable_partition(list_.begin(), list_.end(),
                                       [](const PendingFree& p) { return !p.is_idle(); });
      idle.assign(std::make_move_iterator(end), std::make_move_iterator(list_.end()));
      list_.erase(end, list_.end());
      for (auto& pending : idle) bytes_ -= pending.memory.size;
    }
    size_t freed = 0;
    for (auto& pending : idle) {
      pending.device->free(pending.memory);
      freed += pending.memory.size;
    }
    in_use_.fetch_sub(freed, std::memory_order_relaxed);
    return freed;
  }

  /// Waits for the work that the oldest one waits for; false when there is none.
  bool wait_for_oldest() {
    std::vector<DeviceUse> uses;
    {
      std::lock_guard lock(mutex_);
      if (list_.empty()) return false;
      uses = list_.front().uses;
    }
    for (auto& use : uses) use.queue->block(use.ticket);
    return true;
  }

  size_t bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
  }

  std::atomic<size_t> in_use_{0};

 private:
  mutable std::mutex mutex_;
  std::vector<PendingFree> list_;
  size_t bytes_ = 0;
};

// Leaked: arrays may be freed while the process exits.
PendingFrees& pending_frees() {
  static auto& frees = *new PendingFrees;
  return frees;
}

/// How long another thread may take to look for dead arrays.
constexpr std::chrono::milliseconds longest_collection{500};

/// Null where the device has no memory left.
gpu::Memory try_allocate(gpu::Device& device, size_t bytes) {
  try {
    return device.allocate(bytes);
  } catch (const EngineError&) {
    return {};
  }
}

}  // namespace

gpu::Memory allocate_device_memory(gpu::Device& device, DeviceQueue* queue, size_t bytes) {
  auto& frees = pending_frees();
  bytes = std::max<size_t>(bytes, 1);
  if (gpu::Memory memory = frees.take(device, queue, bytes)) return memory;
  frees.collect();
  gpu::Memory memory = try_allocate(device, bytes);
  bool collected = false;
  while (!memory) {
    if (!frees.wait_for_oldest()) {
      // Dead arrays are only found on a thread that has a handler for that.
      bool found = has_pressure_handlers() ? relieve_memory_pressure(bytes)
                                           : ask_for_relief(bytes, longest_collection);
      if (collected || !found) break;
      collected = true;
    }
    frees.collect();
    device.release_cache();
    memory = try_allocate(device, bytes);
  }
  if (!memory) memory = device.allocate(bytes);
  frees.in_use_.fetch_add(memory.size, std::memory_order_relaxed);
  return memory;
}

void free_device_memory(gpu::Device& device, gpu::Memory memory, std::vector<DeviceUse> uses) {
  if (!memory) return;
  PendingFree pending{&device, memory, std::move(uses)};
  auto& frees = pending_frees();
  if (pending.is_idle()) {
    device.free(memory);
    frees.in_use_.fetch_sub(memory.size, std::memory_order_relaxed);
  } else {
    frees.add(std::move(pending));
  }
}

void collect_pending_frees() { pending_frees().collect(); }

size_t device_memory_in_use() { return pending_frees().in_use_.load(std::memory_order_relaxed); }
size_t pending_device_memory() { return pending_frees().bytes(); }

}  // namespace mlx::core
