#pragma once

#include <mutex>

#include "runtime/block.h"

namespace mlx::core::allocator {

/// A list of free blocks of one class.
struct Magazine {
  Block* head = nullptr;
  size_t count = 0;

  void push(Block* block) {
    block->next = head;
    head = block;
    ++count;
  }
  Block* pop() {
    Block* block = head;
    head = block->next;
    --count;
    return block;
  }
};

/// The blocks of up to 1 KiB of all threads. They are cut from slabs of 64 KiB and travel between
/// threads by the magazine (Bonwick and Adams, "Magazines and Vmem", 2001), so that a lock is taken
/// once in many allocations, and what one thread frees another reuses.
class SlabAllocator {
 public:
  /// How many blocks a full magazine holds; 8 KiB at most.
  static constexpr size_t magazine_size(int size_class) { return size_class < 4 ? 32 : 8; }

  /// One to magazine_size free blocks; none when the system has no memory.
  Magazine take(int size_class);
  void put(int size_class, Magazine magazine);

  /// Gives the slabs of which every block is here back to the system.
  void trim();

 private:
  struct Slab;

  struct ClassState {
    std::mutex mutex;
    /// Chained by the heads' `previous`; a head's `size` holds the count.
    Block* magazines = nullptr;
    size_t free_bytes = 0;
    /// Free bytes past which a trim is worth its walk over all free blocks.
    size_t trim_at = min_trim_at;
    /// The slab that isn't wholly cut up yet.
    Slab* current = nullptr;

    void push(Magazine magazine, size_t block_bytes);
    Magazine pop(size_t block_bytes);
  };

  static constexpr size_t min_trim_at = size_t(1) << 20;

  static Magazine cut(ClassState& state, int size_class);
  static void trim(ClassState& state, int size_class);

  ClassState classes_[slab_classes];
};

}  // namespace mlx::core::allocator
