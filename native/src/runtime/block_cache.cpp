#include "runtime/block_cache.h"

#include <algorithm>
#include <utility>

#include "runtime/system_blocks.h"

namespace mlx::core::allocator {

namespace {

/// So many bytes, in use and cached, are no burden.
constexpr size_t always_kept = size_t(256) << 20;
/// A block lies unused when so many times the bytes held were freed since it was: whatever repeats
/// frees less in a turn.
constexpr uint64_t turns_of_unused = 64;
constexpr int first_large = size_class(huge_page).index;

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
  Block *block = nullptr, *chain = nullptr;
  {
    std::lock_guard lock(mutex_);
    // Blocks of one step's sizes may well add up to more than its peak.
    const size_t kept = std::max(always_kept, 2 * recent_peak_.value());
    if (bytes_in_use + bytes() <= kept) return nullptr;
    if (wanted.index >= first_large && can_split()) block = oldest_of(wanted.index, class_count);
    if (block) {
      unlink(block);
      Block* rest = split_system_block(block, wanted);
      while (rest) link_oldest(std::exchange(rest, rest->next));
    }
    // A few at a time: the system takes milliseconds for each, which one result shall not pay.
    const size_t enough = bytes() - std::min(bytes(), 2 * wanted.capacity);
    chain = evict_to(std::max(kept - std::min(kept, bytes_in_use), enough));
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
    recent_peak_.note(bytes_in_use);
    bytes_freed_ += block->capacity;
    block->freed_at = bytes_freed_;
    link_newest(block);
    chain = evict_to(limit());
    if (!chain && bytes_freed_ >= next_look_) [[unlikely]]
      chain = evict_unused(bytes_in_use - block->capacity + bytes());
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

void BlockCache::link_newest(Block* block) {
  List& list = lists_[block->size_class];
  block->previous = nullptr;
  block->next = list.newest;
  (list.newest ? list.newest->previous : list.oldest) = block;
  list.newest = block;
  bytes_.store(bytes() + block->capacity, std::memory_order_relaxed);
}

void BlockCache::link_oldest(Block* block) {
  List& list = lists_[block->size_class];
  block->next = nullptr;
  block->previous = list.oldest;
  (list.oldest ? list.oldest->next : list.newest) = block;
  list.oldest = block;
  bytes_.store(bytes() + block->capacity, std::memory_order_relaxed);
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

Block* BlockCache::evict_unused(size_t bytes_held) {
  constexpr uint64_t looks_a_turn = 16;
  constexpr int most_at_once = 64;
  next_look_ = bytes_freed_ + bytes_held / looks_a_turn;
  if (bytes_held <= always_kept) return nullptr;
  auto lies_unused = [&](const Block* block) {
    return block && (bytes_freed_ - block->freed_at) / turns_of_unused >= bytes_held;
  };
  Block* chain = nullptr;
  for (int i = 0; i < most_at_once && (!chain || chain->capacity < huge_page); ++i) {
    Block* block = oldest_of(first_large, class_count);
    if (!lies_unused(block)) block = oldest_of(slab_classes, first_large);
    if (!lies_unused(block)) break;
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
