#pragma once

#include "runtime/slab_allocator.h"

namespace mlx::core::allocator {

/// A block of a slab class, from the calling thread's magazines if they have one. Null when the
/// system has no memory.
Block* allocate_slab_block(SlabAllocator& slabs, int size_class);
void free_slab_block(SlabAllocator& slabs, Block* block);
/// Hands the calling thread's free blocks to the slab allocator.
void flush_slab_thread_cache(SlabAllocator& slabs);

}  // namespace mlx::core::allocator
