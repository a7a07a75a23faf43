#include "runtime/caching_allocator.h"

#include <chrono>
#include <new>
#include <sstream>

#include "mlx/errors.h"
#include "runtime/device_side.h"
#include "runtime/gpu_memory.h"
#include "runtime/machine_memory.h"
#include "runtime/memory_pressure.h"
#include "runtime/memory_source.h"
#include "runtime/poison.h"
#include "runtime/slab_thread_cache.h"
#include "runtime/system_blocks.h"
#include "runtime/thread_pool.h"
#include "runtime/work_in_flight.h"

namespace mlx::core::allocator {

namespace {

Block* block_of(const Buffer& buffer) {
  return static_cast<Block*>(const_cast<void*>(buffer.ptr()));
}

/// How long another thread may take to look for dead arrays.
constexpr std::chrono::milliseconds longest_collection{500};

bool is_foreign(const Block* block) { return block->capacity == 0; }

void drop_device_side(Block& block) {
  if (block.device.load(std::memory_order_relaxed)) [[unlikely]]
    delete block.device.exchange(nullptr);
}

void* host_bytes(BufferRecord& record, bool may_write) {
  DeviceSide* side = record.device.load(std::memory_order_acquire);
  return side ? side->on_host(record, may_write) : record.data;
}

}  // namespace

void* Buffer::raw_ptr() { return ptr_ ? host_bytes(*record(), true) : nullptr; }
const void* Buffer::raw_ptr() const { return ptr_ ? host_bytes(*record(), false) : nullptr; }

CachingAllocator::CachingAllocator(size_t memory_limit)
    : cache_(memory_limit / 4), memory_limit_(memory_limit) {}

Buffer CachingAllocator::malloc(size_t size) {
  if (size > max_size || fails_on_purpose()) [[unlikely]]
    throw_out_of_memory(size);
  SizeClass wanted = size_class(size);
  Block* block = try_allocate(wanted);
  if (!block) [[unlikely]]
    block = allocate_under_pressure(size, wanted);
  block->size = size;
  poison(block->data, block->capacity);
  unpoison(block->data, size);
  return Buffer(block);
}

void CachingAllocator::free(Buffer buffer) {
  Block* block = block_of(buffer);
  if (!block) return;
  if (is_foreign(block)) return release(buffer);
  if (DeviceSide* side = block->device.load(std::memory_order_relaxed)) [[unlikely]] {
    auto uses = side->take_uses_of_shared();
    drop_device_side(*block);
    if (!uses.empty()) return free_when_done(buffer, std::move(uses));
  }
  size_t active = active_.fetch_sub(block->capacity, std::memory_order_relaxed);
  poison(block->data, block->capacity);
  if (block->size_class < slab_classes)
    free_slab_block(slabs_, block);
  else
    cache_.put(block, active);
}

size_t CachingAllocator::size(Buffer buffer) const {
  const Block* block = block_of(buffer);
  if (!block) return 0;
  return block->is_reused ? block->capacity : block->size;
}

size_t CachingAllocator::bytes_asked_for(Buffer buffer) const {
  return buffer.ptr() ? block_of(buffer)->size : 0;
}

Buffer CachingAllocator::make_buffer(void* ptr, size_t size) {
  if (!ptr) return Buffer(nullptr);
  Block* block = new (std::nothrow) Block{};
  if (!block) throw_out_of_memory(sizeof(Block));
  block->data = ptr;
  block->size = size;
  return Buffer(block);
}

void CachingAllocator::release(Buffer buffer) {
  Block* block = block_of(buffer);
  if (block) drop_device_side(*block);
  delete block;
}

void CachingAllocator::clear_cache() {
  cache_.shrink_to(0);
  flush_slab_thread_cache(slabs_);
  slabs_.trim();
}

size_t CachingAllocator::set_memory_limit(size_t limit) {
  size_t previous = memory_limit_.exchange(limit, std::memory_order_relaxed);
  fit_cache();
  return previous;
}

bool CachingAllocator::count_down_to_failure() {
  return allocations_until_failure_.fetch_sub(1, std::memory_order_relaxed) == 1;
}

Block* CachingAllocator::try_allocate(SizeClass wanted) {
  if (!reserve(wanted.capacity)) return nullptr;
  Block* block;
  if (wanted.in_slab()) {
    block = allocate_slab_block(slabs_, wanted.index);
  } else {
    block = cache_.take(wanted);
    if (!block) block = cache_.take_from_others(wanted, active_memory());
    bool is_reused = block != nullptr;
    if (!block) {
      fit_cache();
      block = allocate_system_block(wanted);
    }
    if (block) block->is_reused = is_reused;
  }
  if (!block) active_.fetch_sub(wanted.capacity, std::memory_order_relaxed);
  return block;
}

Block* CachingAllocator::allocate_under_pressure(size_t size, SizeClass wanted) {
  auto& work = scheduler::work_in_flight();
  // Asked before each try, so that a task that ends in between isn't missed.
  uint64_t tasks_done = work.tasks_done();
  clear_cache();
  if (Block* block = try_allocate(wanted)) return block;
  if (relieve_memory_pressure(wanted.capacity)) {
    clear_cache();
    if (Block* block = try_allocate(wanted)) return block;
  }
  // A GPU that shares the memory may still use what was freed, and another thread have dead arrays.
  if (memory_source()) {
    if (DeviceQueue::current()) ask_for_relief(wanted.capacity, longest_collection);
    while (finish_oldest_free()) {
      clear_cache();
      if (Block* block = try_allocate(wanted)) return block;
    }
  }
  // A helper of a task would wait for that very task.
  while (!inside_parallel_for() && work.wait_for_a_task(tasks_done)) {
    tasks_done = work.tasks_done();
    clear_cache();
    if (Block* block = try_allocate(wanted)) return block;
  }
  throw_out_of_memory(size);
}

void CachingAllocator::throw_out_of_memory(size_t size) const {
  std::ostringstream message;
  message << "[malloc] Out of memory: asked for " << size << " bytes with " << active_memory()
          << " bytes in use and a memory limit of " << memory_limit() << " bytes. ";
  if (size <= max_size && size_class(size).capacity + active_memory() <= memory_limit())
    message << "The system has no more: free arrays, use smaller batches, close other programs, or "
               "set a lower limit (setMemoryLimit), so that memory is freed in time.";
  else
    message << "Free arrays, use smaller batches or raise the limit (setMemoryLimit).";
  throw EngineError(message.str());
}

bool CachingAllocator::reserve(size_t bytes) {
  size_t limit = memory_limit(), active = active_memory();
  do {
    if (active + bytes > limit) [[unlikely]]
      return false;
  } while (!active_.compare_exchange_weak(active, active + bytes, std::memory_order_relaxed));
  active += bytes;
  size_t peak = peak_memory();
  while (active > peak && !peak_.compare_exchange_weak(peak, active, std::memory_order_relaxed)) {
  }
  return true;
}

void CachingAllocator::fit_cache() {
  size_t limit = memory_limit(), active = active_memory();
  size_t room = limit > active ? limit - active : 0;
  if (cache_.bytes() > room) cache_.shrink_to(room);
}

CachingAllocator& caching_allocator() {
  // Leaked: arrays may be freed by other threads and by destructors of statics while the process
  // exits. The fifth that isn't ours is for the program around us and the system.
  static CachingAllocator& instance = *new CachingAllocator(usable_memory() / 5 * 4);
  return instance;
}

Allocator& allocator() { return caching_allocator(); }

}  // namespace mlx::core::allocator
