#include "runtime/gpu_memory.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <mutex>
#include <new>
#include <sstream>
#include <string>
#include <unordered_map>

#include "mlx/errors.h"
#include "runtime/block.h"
#include "runtime/caching_allocator.h"
#include "runtime/gpu_device.h"
#include "runtime/memory_pressure.h"
#include "runtime/size_class.h"

namespace mlx::core {

namespace {

/// Bytes, and how many there may be.
class Account {
 public:
  /// False where that would be more than the limit.
  bool add(size_t bytes, size_t limit) {
    size_t now = in_use_.load(std::memory_order_relaxed);
    do {
      if (now + bytes > limit) return false;
    } while (!in_use_.compare_exchange_weak(now, now + bytes, std::memory_order_relaxed));
    size_t peak = peak_.load(std::memory_order_relaxed);
    while (now + bytes > peak &&
           !peak_.compare_exchange_weak(peak, now + bytes, std::memory_order_relaxed)) {
    }
    return true;
  }
  void remove(size_t bytes) { in_use_.fetch_sub(bytes, std::memory_order_relaxed); }

  size_t in_use() const { return in_use_.load(std::memory_order_relaxed); }
  size_t peak() const { return peak_.load(std::memory_order_relaxed); }
  void reset_peak() { peak_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<size_t> in_use_{0}, peak_{0};
};

/// 0 until it is known.
std::atomic<size_t> memory_limit{0}, cache_limit{SIZE_MAX};

// Leaked: arrays may be freed while the process exits.
Account& account() {
  static auto& account = *new Account;
  return account;
}

size_t default_limit(gpu::Device& device) {
  const char* text = std::getenv("MLX_GPU_MEMORY_LIMIT");
  if (!text || !*text) return device.free_bytes() / 5 * 4;
  char* end = nullptr;
  unsigned long long bytes = std::strtoull(text, &end, 10);
  if (*end || *text == '-' || bytes == 0)
    throw EngineError(std::string("[device] The environment variable MLX_GPU_MEMORY_LIMIT must be "
                                  "a number of bytes but is \"") +
                      text + "\".");
  return bytes;
}

size_t limit_of(gpu::Device& device) {
  size_t limit = memory_limit.load(std::memory_order_relaxed);
  if (limit == 0) {
    limit = default_limit(device);
    memory_limit.store(limit, std::memory_order_relaxed);
    device.set_limits(limit, cache_limit);
  }
  return limit;
}

allocator::Buffer buffer_of(gpu::Memory memory) {
  return allocator::Buffer(reinterpret_cast<void*>(memory.handle));
}

struct PendingFree {
  /// Null for a buffer of memory that is the host's too: the handle is its record's.
  gpu::Device* device;
  gpu::Memory memory;
  std::vector<DeviceUse> uses;
  /// Counts up.
  uint64_t number = 0;

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

/// By size, since there may be thousands of small ones; the oldest of each size first.
class PendingFrees {
 public:
  /// Leaves it as it is when there is no memory to note it.
  bool add(PendingFree& pending) {
    std::lock_guard lock(mutex_);
    const size_t size = pending.memory.size;
    pending.number = ++last_number_;
    try {
      by_size_[key_of(pending.device, size)].push_back(std::move(pending));
    } catch (const std::bad_alloc&) {
      return false;
    }
    bytes_ += size;
    return true;
  }

  /// What another queue still uses lies anywhere; looking at both ends finds nearly all the rest.
  gpu::Memory take(const gpu::Device* device, const DeviceQueue* queue, size_t bytes) {
    std::lock_guard lock(mutex_);
    auto found = by_size_.find(key_of(device, bytes));
    if (found == by_size_.end()) return {};
    auto& list = found->second;
    auto fits = [&](const PendingFree& p) { return p.device == device && p.is_of(queue); };
    gpu::Memory memory;
    if (!list.empty() && fits(list.back())) {
      memory = list.back().memory;
      list.pop_back();
    } else if (!list.empty() && fits(list.front())) {
      memory = list.front().memory;
      list.pop_front();
    }
    bytes_ -= memory.size;
    return memory;
  }

  /// Those at the front of each size, until one is still used.
  void collect() {
    std::vector<PendingFree> idle;
    {
      std::lock_guard lock(mutex_);
      for (auto entry = by_size_.begin(); entry != by_size_.end();) {
        auto& list = entry->second;
        while (!list.empty() && list.front().is_idle()) {
          bytes_ -= list.front().memory.size;
          idle.push_back(std::move(list.front()));
          list.pop_front();
        }
        entry = list.empty() ? by_size_.erase(entry) : std::next(entry);
      }
    }
    for (auto& pending : idle) release(pending);
  }

  /// Waits for the work that the oldest one waits for; false when there is none.
  bool wait_for_oldest() {
    std::vector<DeviceUse> uses;
    {
      std::lock_guard lock(mutex_);
      const PendingFree* oldest = nullptr;
      for (auto& [size, list] : by_size_)
        if (!list.empty() && (!oldest || list.front().number < oldest->number))
          oldest = &list.front();
      if (!oldest) return false;
      uses = oldest->uses;
    }
    for (auto& use : uses) use.queue->block(use.ticket);
    return true;
  }

  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  static void release(const PendingFree& pending) {
    if (!pending.device) return allocator::free(buffer_of(pending.memory));
    pending.device->free(pending.memory);
    account().remove(pending.memory.size);
  }

 private:
  /// Sizes are even.
  static size_t key_of(const gpu::Device* device, size_t size) { return size + (device ? 0 : 1); }

  std::mutex mutex_;
  std::unordered_map<size_t, std::deque<PendingFree>> by_size_;
  uint64_t last_number_ = 0;
  std::atomic<size_t> bytes_{0};
};

// Leaked: arrays may be freed while the process exits.
PendingFrees& pending_frees() {
  static auto& frees = *new PendingFrees;
  return frees;
}

/// Called by destructors, which have nobody to tell that the host's memory is used up.
void free_when_idle(PendingFree& pending) {
  if (!pending.is_idle() && pending_frees().add(pending)) return;
  for (auto& use : pending.uses) use.queue->block_surely(use.ticket);
  PendingFrees::release(pending);
}

/// Interchangeable sizes, so that what is freed is found again.
size_t rounded(size_t bytes) {
  constexpr size_t smallest = 256;
  if (bytes > allocator::max_size) throw EngineError("[malloc] No GPU has so much memory.");
  size_t capacity = allocator::size_class(std::max(bytes, smallest)).capacity;
  return (capacity + smallest - 1) / smallest * smallest;
}

/// How long another thread may take to look for dead arrays.
constexpr std::chrono::milliseconds longest_collection{500};

/// Null where the limit is reached or the device has no memory left.
gpu::Memory try_allocate(gpu::Device& device, size_t bytes) {
  if (!account().add(bytes, limit_of(device))) return {};
  try {
    gpu::Memory memory = device.allocate(bytes);
    // What goes back is counted by the memory's own size.
    if (memory.size != bytes) account().add(memory.size - bytes, SIZE_MAX);
    return memory;
  } catch (const gpu::OutOfDeviceMemory&) {
    account().remove(bytes);
    return {};
  } catch (...) {
    account().remove(bytes);
    throw;
  }
}

[[noreturn]] void throw_out_of_memory(gpu::Device& device, size_t bytes) {
  std::ostringstream message;
  message
      << "[malloc] The GPU is out of memory: asked for " << bytes << " bytes with "
      << account().in_use() << " bytes in use, a memory limit of " << limit_of(device)
      << " bytes and " << device.free_bytes() << " bytes free on the device. Free arrays, use "
      << "smaller batches or raise the limit (setMemoryLimit with the GPU as default device, or "
      << "MLX_GPU_MEMORY_LIMIT).";
  throw EngineError(message.str());
}

}  // namespace

gpu::Memory allocate_device_memory(gpu::Device& device, DeviceQueue* queue, size_t bytes) {
  auto& frees = pending_frees();
  bytes = rounded(bytes);
  if (gpu::Memory memory = frees.take(&device, queue, bytes)) return memory;
  frees.collect();
  gpu::Memory memory = try_allocate(device, bytes);
  bool collected = false;
  // Others may wait for it, who are short themselves.
  if (!memory && queue) queue->commit();
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
  if (!memory) throw_out_of_memory(device, bytes);
  return memory;
}

void free_device_memory(gpu::Device& device, gpu::Memory memory, std::vector<DeviceUse> uses) {
  if (!memory) return;
  PendingFree pending{&device, memory, std::move(uses)};
  free_when_idle(pending);
}

allocator::Buffer allocate_shared_buffer(DeviceQueue* queue, size_t bytes) {
  size_t capacity = allocator::size_class(std::min(bytes, allocator::max_size)).capacity;
  gpu::Memory memory = pending_frees().take(nullptr, queue, capacity);
  if (!memory) return allocator::malloc(bytes);
  allocator::Buffer buffer = buffer_of(memory);
  auto* block = static_cast<allocator::Block*>(buffer.ptr());
  block->size = bytes;
  block->is_reused = true;
  return buffer;
}

void free_when_done(allocator::Buffer buffer, std::vector<DeviceUse> uses) {
  size_t capacity = static_cast<allocator::Block*>(buffer.ptr())->capacity;
  PendingFree pending{
      nullptr, {reinterpret_cast<uint64_t>(buffer.ptr()), capacity}, std::move(uses)};
  free_when_idle(pending);
}

bool finish_oldest_free() {
  // Others may wait for what the caller has put in.
  if (DeviceQueue* queue = DeviceQueue::current()) queue->commit();
  if (!pending_frees().wait_for_oldest()) return false;
  collect_pending_frees();
  return true;
}

void collect_pending_frees() { pending_frees().collect(); }
size_t pending_device_memory() { return pending_frees().bytes(); }

namespace gpu_memory {

namespace {

/// Of memory that is the host's too, the allocator keeps account.
allocator::CachingAllocator& host() { return allocator::caching_allocator(); }

}  // namespace

size_t active() {
  if (memory_source()) return host().active_memory();
  size_t waiting = pending_device_memory(), all = account().in_use();
  return all - std::min(all, waiting);
}
size_t peak() { return memory_source() ? host().peak_memory() : account().peak(); }
void reset_peak() {
  if (memory_source()) return host().reset_peak_memory();
  account().reset_peak();
}
size_t known_limit() {
  return memory_source() ? host().memory_limit() : memory_limit.load(std::memory_order_relaxed);
}
size_t limit() { return memory_source() ? host().memory_limit() : limit_of(gpu_device()); }
size_t cache() {
  if (memory_source()) return host().cache_memory();
  return known_limit() ? gpu_device().cached_bytes() : 0;
}

void clear_cache() {
  if (memory_source()) {
    collect_pending_frees();
    return host().clear_cache();
  }
  if (!known_limit()) return;
  collect_pending_frees();
  gpu_device().release_cache();
}

size_t set_limit(size_t bytes) {
  if (memory_source()) return host().set_memory_limit(bytes);
  size_t previous = limit();
  // 0 is the word for a limit that isn't known yet.
  memory_limit.store(std::max<size_t>(bytes, 1), std::memory_order_relaxed);
  gpu_device().set_limits(bytes, cache_limit);
  return previous;
}

size_t set_cache_limit(size_t bytes) {
  if (memory_source()) return host().set_cache_limit(bytes);
  size_t now = limit(), previous = cache_limit.exchange(bytes);
  gpu_device().set_limits(now, bytes);
  return std::min(previous, now);
}

}  // namespace gpu_memory

}  // namespace mlx::core
