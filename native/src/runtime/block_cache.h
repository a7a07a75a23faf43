#pragma once

#include <atomic>
#include <mutex>

#include "runtime/block.h"

namespace mlx::core::allocator {

/// Freed system blocks, kept for reuse up to a limit. When they are too many, those of 2 MiB and
/// more go first, and among them the ones that lay longest.
class BlockCache {
 public:
  explicit BlockCache(size_t limit) : limit_(limit) {}

  /// The latest freed block of the class; null when there is none.
  Block* take(SizeClass size_class);
  void put(Block* block);
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

  void unlink(Block* block);
  Block* oldest_of(int first_class, int last_class) const;
  /// Takes blocks out until at most that many bytes are left; a chain for free_chain.
  Block* evict_to(size_t bytes);
  static void free_chain(Block* chain);

  std::mutex mutex_;
  List lists_[class_count];
  uint64_t frees_ = 0;
  // Written with the mutex held, read without.
  std::atomic<size_t> bytes_{0};
  std::atomic<size_t> limit_;
};

}  // namespace mlx::core::allocator
