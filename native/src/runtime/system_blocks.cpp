#include "runtime/system_blocks.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <mutex>
#include <new>

#include "runtime/memory_source.h"
#include "runtime/poison.h"

namespace mlx::core::allocator {

namespace {

/// On a multiple of the alignment: maps more than is needed and gives back what lies before and
/// after.
void* map_huge_pages(size_t bytes, size_t alignment = huge_page) {
  size_t mapped = bytes + alignment;
  void* start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return nullptr;
  char* begin = static_cast<char*>(start);
  size_t before = -reinterpret_cast<uintptr_t>(begin) % alignment;
  if (before > 0) munmap(begin, before);
  char* data = begin + before;
  munmap(data + bytes, alignment - before);
#ifdef MADV_HUGEPAGE
  // Only a wish: without huge pages everything works, slower.
  madvise(data, bytes, MADV_HUGEPAGE);
#endif
  return data;
}

constexpr size_t chunk_bytes = 4 * huge_page;

/// Pieces of memory lie in it one behind the other; it goes when the last of them does. Stands at
/// its begin, on a multiple of its size.
struct alignas(alignment) Chunk {
  size_t used = sizeof(Chunk);
  size_t pieces = 0;

  char* begin() { return reinterpret_cast<char*>(this); }
  /// Null when there is no room.
  void* take(size_t bytes, size_t alignment) {
    const size_t place = (used + alignment - 1) & ~(alignment - 1);
    if (place + bytes > chunk_bytes) return nullptr;
    used = place + bytes;
    ++pieces;
    return begin() + place;
  }
  static Chunk* make() {
    void* memory = map_huge_pages(chunk_bytes, chunk_bytes);
    return memory ? new (memory) Chunk : nullptr;
  }
  static Chunk* of(void* piece) {
    return reinterpret_cast<Chunk*>(reinterpret_cast<uintptr_t>(piece) & ~(chunk_bytes - 1));
  }
};

/// All chunks; the current one is cut.
struct Chunks {
  std::mutex mutex;
  Chunk* current = nullptr;
};

Chunks& chunks() {
  // Leaked: arrays are freed while the process exits.
  static Chunks& instance = *new Chunks;
  return instance;
}

/// The system may have whole pages back before the chunk goes.
void drop_pages(void* memory, size_t bytes) {
  const uintptr_t page = uintptr_t(sysconf(_SC_PAGESIZE)), first = uintptr_t(memory);
  const uintptr_t begin = (first + page - 1) & ~(page - 1), end = (first + bytes) & ~(page - 1);
  if (end > begin) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

bool is_mapped(size_t capacity) { return capacity >= huge_page; }

void* map(size_t bytes) {
  if (MemorySource* source = memory_source()) return source->allocate(bytes, huge_page);
  return map_huge_pages(bytes);
}

void unmap(void* memory, size_t bytes) {
  if (MemorySource* source = memory_source())
    source->free(memory, bytes, huge_page);
  else
    munmap(memory, bytes);
}

}  // namespace

void* take_shared_pages(size_t bytes, size_t alignment) {
  if (MemorySource* source = memory_source()) return source->allocate(bytes, alignment);
  Chunks& all = chunks();
  std::lock_guard lock(all.mutex);
  void* piece = all.current ? all.current->take(bytes, alignment) : nullptr;
  if (piece) return piece;
  Chunk* fresh = Chunk::make();
  if (!fresh) return nullptr;
  all.current = fresh;
  return fresh->take(bytes, alignment);
}

void give_back_shared_pages(void* memory, size_t bytes, size_t alignment) {
  if (MemorySource* source = memory_source()) return source->free(memory, bytes, alignment);
  drop_pages(memory, bytes);
  Chunks& all = chunks();
  std::lock_guard lock(all.mutex);
  Chunk* chunk = Chunk::of(memory);
  if (--chunk->pieces > 0) return;
  if (chunk == all.current)
    chunk->used = sizeof(Chunk);
  else
    munmap(chunk, chunk_bytes);
}

Block* allocate_system_block(SizeClass size_class) {
  auto [index, capacity] = size_class;
  if (is_mapped(capacity)) {
    Block* block = new (std::nothrow) Block{};
    if (!block) return nullptr;
    block->data = map(capacity);
    if (!block->data) {
      delete block;
      return nullptr;
    }
    block->capacity = capacity;
    block->size_class = index;
    return block;
  }
  void* memory = take_shared_pages(sizeof(Block) + capacity, alignment);
  if (!memory) return nullptr;
  Block* block = new (memory) Block{};
  block->data = block + 1;
  block->capacity = capacity;
  block->size_class = index;
  return block;
}

void free_system_block(Block* block) {
  unpoison(block->data, block->capacity);
  if (is_mapped(block->capacity)) {
    unmap(block->data, block->capacity);
    delete block;
  } else {
    give_back_shared_pages(block, sizeof(Block) + block->capacity, alignment);
  }
}

bool can_cut(const Block* block, SizeClass size_class) {
  // A device's buffer lies over all of a block.
  return is_mapped(size_class.capacity) && block->capacity >= size_class.capacity &&
         !memory_source();
}

void cut_system_block(Block* block, SizeClass size_class) {
  auto [index, capacity] = size_class;
  if (block->capacity > capacity) {
    char* end = static_cast<char*>(block->data) + capacity;
    unpoison(end, block->capacity - capacity);
    munmap(end, block->capacity - capacity);
  }
  block->capacity = capacity;
  block->size_class = index;
}

}  // namespace mlx::core::allocator
