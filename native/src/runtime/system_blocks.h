#pragma once

#include "runtime/block.h"

namespace mlx::core::allocator {

/// A block of its own from the operating system: from 2 MiB on it begins on a huge page and asks
/// for more of them. Null when the system has no memory.
Block* allocate_system_block(SizeClass size_class);
void free_system_block(Block* block);

/// Whether the block can become one of a smaller class without moving.
bool can_cut(const Block* block, SizeClass size_class);
/// Gives the memory that is too much back to the system.
void cut_system_block(Block* block, SizeClass size_class);

}  // namespace mlx::core::allocator
