#pragma once

#include "runtime/block.h"

namespace mlx::core::allocator {

/// A block from the operating system: from 2 MiB on it has huge pages of its own, from 64 KiB on it
/// shares some. Null when the system has no memory.
Block* allocate_system_block(SizeClass size_class);
void free_system_block(Block* block);

/// Memory from 64 KiB to 2 MiB, which lies side by side with others on huge pages: a first touch of
/// fresh memory costs a page's fault, for every 4 KiB where pages are small. The alignment is a
/// power of two up to the size of a huge page. Null when the system has no memory.
void* take_shared_pages(size_t bytes, size_t alignment);
/// With the size and alignment that were asked for.
void give_back_shared_pages(void* memory, size_t bytes, size_t alignment);

/// Whether blocks can be split into smaller ones: a device's buffer lies over all of a block.
bool can_split();
/// Makes a mapped block one of a smaller mapped class without moving it. Returns what is left of
/// it, as a chain of blocks that were freed when it was; what is too small for one goes back to the
/// system.
Block* split_system_block(Block* block, SizeClass size_class);

}  // namespace mlx::core::allocator
