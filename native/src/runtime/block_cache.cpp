#include "runtime/block_cache.h"

#include "runtime/system_blocks.h"

namespace mlx::core::allocator {

Block* BlockCache::take(SizeClass size_class) {
  std::lock_guard lock(mutex_);
  Block* block = lists_[size_class.index].newest;
  if (block) unlink(block);
  return block;
}

void BlockCache::put(Block* block) {
  // One that can never fit must not push all others out.
  if (block->capacity > limit()) return free_system_block(block);
  Block* chain;
  {
    std::lock_guard lock(mutex_);
    List& list = lists_[block->size_class];
    block->freed_at = ++frees_;
    block->previous = nullptr;
    block->next = list.newest;
    (list.newest ? list.newest->previous : list.oldest) = block;
    list.newest = block;
    bytes_.store(bytes() + block->capacity, std::memory_order_relaxed);
    chain = evict_to(limit());
  }
  free_chain(chain);
}

void BlockCache::shrink_to(size_t bytes) {
  Block* chain;
  {
    std::lock_guard lock(mutex_);
    chain = evict_to(bytes);
  }
  free_chain(chain);
}

size_t BlockCache::set_limit(size_t limit) {
  size_t previous = limit_.exchange(limit, std::memory_order_relaxed);
  shrink_to(limit);
  return previous;
}

void BlockCache::unlink(Block* block) {
  List& list = lists_[block->size_class];
  (block->previous ? block->previous->next : list.newest) = block->next;
  (block->next ? block->next->previous : list.oldest) = block->previous;
  bytes_.store(bytes() - block->capacity, std::memory_order_relaxed);
}

Block* BlockCache::oldest_of(int first_class, int last_class) const {
  Block* oldest = nullptr;
  for (int i = first_class; i < last_class; ++i) {
    Block* block = lists_[i].oldest;
    if (block && (!oldest || block->freed_at < oldest->freed_at)) oldest = block;
  }
  return oldest;
}

Block* BlockCache::evict_to(size_t limit) {
  constexpr int first_large = size_class(huge_page).index;
  Block* chain = nullptr;
  while (bytes() > limit) {
    Block* block = oldest_of(first_large, class_count);
    if (!block) block = oldest_of(slab_classes, first_large);
    unlink(block);
    block->next = chain;
    chain = block;
  }
  return chain;
}

// Called without the mutex: unmapping takes the system milliseconds.
void BlockCache::free_chain(Block* chain) {
  while (chain) {
    Block* next = chain->next;
    free_system_block(chain);
    chain = next;
  }
}

}  // namespace mlx::core::allocator
