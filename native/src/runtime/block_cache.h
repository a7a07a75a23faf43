#pragma once

#include <atomic>
#include <mutex>

#include "runtime/block.h"

namespace mlx::core::allocator {

/// Freed system blocks, kept for reuse up to a limit. When they are too many, those of 2 MiB and
/// more go first, and among them the ones that lay longest. What work repeats finds its blocks
/// here; work on ever new sizes doesn't, so a size that isn't here takes its memory from the others
/// once these are more than recent work needed at once: one is split, since fresh memory costs far
/// more than memory that was touched before. What nobody takes for long goes back to the system.
class BlockCache {
 public:
  explicit BlockCache(size_t limit) : limit_(limit) {}

  /// The latest freed block of the class; null when there is none.
  Block* take(SizeClass size_class);
  /// For when there was none, with the bytes in use, the new block's included: if blocks of other
  /// classes are too many, returns a piece of one or makes room among them.
  Block* take_from_others(SizeClass size_class, size_t bytes_in_use);
  /// With the bytes that were in use, the block's included.
  void put(Block* block, size_t bytes_in_use);
  /// Gives blocks back to the system until at most that many bytes are left.
  void shrink_to(size_t bytes);

  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  size_t limit() const { return limit_.load(std::memory_order_relaxed); }
  /// Returns the previous limit.
  size_t set_limit(size_t limit);

 private:
  struct List {
    Block* newest = nullptr;
    Block* oldest = nullptr;
  };

  /// The most bytes in use at once, lately: over the last one to two windows.
  class RecentPeak {
   public:
    void note(size_t bytes);
    size_t value() const { return current_ > previous_ ? current_ : previous_; }

   private:
    static constexpr int window = 1 << 14;

    size_t current_ = 0, previous_ = 0;
    int notes_ = 0;
  };

  void link_newest(Block* block);
  void link_oldest(Block* block);
  void unlink(Block* block);
  Block* oldest_of(int first_class, int last_class) const;
  /// Takes blocks out until at most that many bytes are left; a chain for free_chain.
  Block* evict_to(size_t bytes);
  /// Now and then, with the bytes that are in use and cached: takes out some that lay for long.
  Block* evict_unused(size_t bytes_held);
  static void free_chain(Block* chain);

  std::mutex mutex_;
  List lists_[class_count];
  RecentPeak recent_peak_;
  uint64_t bytes_freed_ = 0;
  /// At how many bytes freed to look for blocks that lie unused.
  uint64_t next_look_ = 0;
  // Written with the mutex held, read without.
  std::atomic<size_t> bytes_{0};
  std::atomic<size_t> limit_;
};

}  // namespace mlx::core::allocator
