#include "runtime/slab_thread_cache.h"

#include <cstdint>
#include <utility>

namespace mlx::core::allocator {

namespace {

/// Two magazines a class: a thread that allocates and frees about as much as one holds goes to the
/// shared store only when both are empty or full.
struct ThreadCache {
  enum State : uint8_t { unused, in_use, ended };

  State state;
  Magazine loaded[slab_classes];
  Magazine spare[slab_classes];
};

// Without a destructor, so that buffers may be freed even after this thread's clean-up.
constinit thread_local ThreadCache cache{};

/// Whether the thread may keep blocks: its first call arranges that they are handed back.
bool begin_use(SlabAllocator& slabs) {
  if (cache.state == ThreadCache::ended) return false;
  struct AtThreadEnd {
    SlabAllocator& slabs;
    ~AtThreadEnd() {
      flush_slab_thread_cache(slabs);
      cache.state = ThreadCache::ended;
    }
  };
  thread_local AtThreadEnd at_thread_end{slabs};
  cache.state = ThreadCache::in_use;
  return true;
}

/// Fills the empty magazine; false when there is no memory.
bool refill(SlabAllocator& slabs, Magazine& loaded, Magazine& spare, int size_class) {
  if (spare.count > 0)
    std::swap(loaded, spare);
  else
    loaded = slabs.take(size_class);
  return loaded.count > 0;
}

Block* allocate_uncached(SlabAllocator& slabs, int size_class) {
  Magazine magazine = slabs.take(size_class);
  if (magazine.count == 0) return nullptr;
  Block* block = magazine.pop();
  slabs.put(size_class, magazine);
  return block;
}

void free_uncached(SlabAllocator& slabs, Block* block) {
  Magazine magazine;
  magazine.push(block);
  slabs.put(block->size_class, magazine);
}

}  // namespace

Block* allocate_slab_block(SlabAllocator& slabs, int size_class) {
  ThreadCache& own = cache;
  if (own.state != ThreadCache::in_use && !begin_use(slabs)) [[unlikely]]
    return allocate_uncached(slabs, size_class);
  Magazine& loaded = own.loaded[size_class];
  if (loaded.count == 0 && !refill(slabs, loaded, own.spare[size_class], size_class))
    return nullptr;
  return loaded.pop();
}

void free_slab_block(SlabAllocator& slabs, Block* block) {
  ThreadCache& own = cache;
  if (own.state != ThreadCache::in_use && !begin_use(slabs)) [[unlikely]]
    return free_uncached(slabs, block);
  int size_class = block->size_class;
  Magazine& loaded = own.loaded[size_class];
  if (loaded.count == SlabAllocator::magazine_size(size_class)) {
    Magazine& spare = own.spare[size_class];
    slabs.put(size_class, std::exchange(spare, std::exchange(loaded, {})));
  }
  loaded.push(block);
}

void flush_slab_thread_cache(SlabAllocator& slabs) {
  for (int i = 0; i < slab_classes; ++i) {
    slabs.put(i, std::exchange(cache.loaded[i], {}));
    slabs.put(i, std::exchange(cache.spare[i], {}));
  }
}

}  // namespace mlx::core::allocator
