#include "runtime/block_cache.h"

#include <algorithm>
#include <utility>

#include "runtime/system_blocks.h"

namespace mlx::core::allocator {

namespace {

/// So many bytes, in use and cached, are no burden.
constexpr size_t always_kept = size_t(256) << 20;

}  // namespace

void BlockCache::RecentPeak::note(size_t bytes) {
  current_ = std::max(current_, bytes);
  if (++notes_ < window) return;
  notes_ = 0;
  previous_ = std::exchange(current_, 0);
}

Block* BlockCache::take(SizeClass size_class) {
  std::lock_guard lock(mutex_);
  Block* block = lists_[size_class.index].newest;
  if (block) unlink(block);
  return block;
}

Block* BlockCache::take_from_others(SizeClass wanted, size_t bytes_in_use) {
  Block* chain;
  {
    std::lock_guard lock(mutex_);
    // Blocks of one step's sizes may well add up to more than its peak.
    const size_t kept = std::max(always_kept, 2 * recent_peak_.value());
    if (bytes_in_use + bytes() <= kept) return nullptr;
    chain = evict_to(kept - std::min(kept, bytes_in_use));
  }
  Block** best = nullptr;
  for (Block** link = &chain; *link; link = &(*link)->next)
    if (can_cut(*link, wanted) && (!best || (*link)->capacity < (*best)->capacity)) best = link;
  Block* block = nullptr;
  if (best) {
    block = *best;
    *best = block->next;
    cut_system_block(block, wanted);
  }
  free_chain(chain);
  return block;
}

void BlockCache::put(Block* block, size_t bytes_in_use) {
  // One that can never fit must not push all others out.
  if (block->capacity > limit()) return free_system_block(block);
  Block* chain;
  {
    std::lock_guard lock(mutex_);
    List& list = lists_[block->size_class];
    recent_peak_.note(bytes_in_use);
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
