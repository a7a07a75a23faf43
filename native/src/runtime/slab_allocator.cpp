#include "runtime/slab_allocator.h"

#include <algorithm>
#include <cstdint>
#include <new>

#include "runtime/poison.h"
#include "runtime/system_blocks.h"

namespace mlx::core::allocator {

namespace {

constexpr size_t slab_bytes = size_t(64) << 10;

constexpr size_t capacity_of(int size_class) { return (size_t(size_class) + 1) * alignment; }

}  // namespace

/// Stands at the begin of a slab, which lies on a multiple of its size.
struct alignas(alignment) SlabAllocator::Slab {
  /// Blocks cut so far.
  size_t cut = 0;
  /// For trim: how many of them it found free.
  size_t found = 0;
  Slab* next_empty = nullptr;

  static Slab* make() {
    void* memory = take_shared_pages(slab_bytes, slab_bytes);
    return memory ? new (memory) Slab : nullptr;
  }
  static Slab* of(Block* block) {
    return reinterpret_cast<Slab*>(reinterpret_cast<uintptr_t>(block) & ~(slab_bytes - 1));
  }
  bool is_empty() const { return found == cut; }

  /// Null when the slab is used up.
  Block* cut_block(int size_class) {
    size_t stride = sizeof(Block) + capacity_of(size_class);
    size_t begin = sizeof(Slab) + cut * stride;
    if (begin + stride > slab_bytes) return nullptr;
    ++cut;
    Block* block = new (reinterpret_cast<char*>(this) + begin) Block{};
    block->data = block + 1;
    block->capacity = capacity_of(size_class);
    block->size_class = size_class;
    return block;
  }
};

Magazine SlabAllocator::take(int size_class) {
  ClassState& state = classes_[size_class];
  std::lock_guard lock(state.mutex);
  return state.magazines ? state.pop(capacity_of(size_class)) : cut(state, size_class);
}

void SlabAllocator::put(int size_class, Magazine magazine) {
  if (magazine.count == 0) return;
  ClassState& state = classes_[size_class];
  std::lock_guard lock(state.mutex);
  state.push(magazine, capacity_of(size_class));
  if (state.free_bytes > state.trim_at) trim(state, size_class);
}

void SlabAllocator::trim() {
  for (int i = 0; i < slab_classes; ++i) {
    std::lock_guard lock(classes_[i].mutex);
    trim(classes_[i], i);
  }
}

void SlabAllocator::ClassState::push(Magazine magazine, size_t block_bytes) {
  magazine.head->size = magazine.count;
  magazine.head->previous = magazines;
  magazines = magazine.head;
  free_bytes += magazine.count * block_bytes;
}

Magazine SlabAllocator::ClassState::pop(size_t block_bytes) {
  Magazine magazine{magazines, magazines->size};
  magazines = magazines->previous;
  free_bytes -= magazine.count * block_bytes;
  return magazine;
}

Magazine SlabAllocator::cut(ClassState& state, int size_class) {
  Magazine magazine;
  while (magazine.count < magazine_size(size_class)) {
    Block* block = state.current ? state.current->cut_block(size_class) : nullptr;
    if (block) {
      magazine.push(block);
    } else if (magazine.count > 0 || !(state.current = Slab::make())) {
      // Rather a short magazine than memory that may not be needed.
      break;
    }
  }
  return magazine;
}

void SlabAllocator::trim(ClassState& state, int size_class) {
  size_t block_bytes = capacity_of(size_class);
  Magazine all;
  Slab* empty = nullptr;
  while (state.magazines) {
    for (Magazine magazine = state.pop(block_bytes); magazine.count > 0;) {
      Block* block = magazine.pop();
      all.push(block);
      Slab* slab = Slab::of(block);
      ++slab->found;
      if (slab->is_empty()) {
        slab->next_empty = empty;
        empty = slab;
      }
    }
  }

  Magazine kept;
  while (all.count > 0) {
    Block* block = all.pop();
    Slab* slab = Slab::of(block);
    if (slab->is_empty()) continue;
    slab->found = 0;
    kept.push(block);
    if (kept.count == magazine_size(size_class)) {
      state.push(kept, block_bytes);
      kept = {};
    }
  }
  if (kept.count > 0) state.push(kept, block_bytes);

  while (empty) {
    Slab* next = empty->next_empty;
    if (empty == state.current) state.current = nullptr;
    unpoison(empty, slab_bytes);
    give_back_shared_pages(empty, slab_bytes, slab_bytes);
    empty = next;
  }
  state.trim_at = std::max(min_trim_at, 2 * state.free_bytes);
}

}  // namespace mlx::core::allocator
