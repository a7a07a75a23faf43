#pragma once

#include <cstddef>
#include <cstdint>

#include "mlx/allocator.h"
#include "runtime/size_class.h"

namespace mlx::core::allocator {

/// The record of one buffer: what a Buffer points to. One cache line, in front of the bytes where
/// they are our own and not mapped.
struct alignas(alignment) Block : BufferRecord {
  /// Bytes asked for by who has it.
  size_t size;
  /// Bytes of its class; 0 for foreign memory.
  size_t capacity;
  /// Neighbours in the list of free blocks that it is in.
  Block* next;
  Block* previous;
  /// When it was freed, counted in bytes freed.
  uint64_t freed_at;
  int size_class;
  /// Whether somebody had it before.
  bool is_reused;
};

static_assert(sizeof(Block) == alignment);

}  // namespace mlx::core::allocator
