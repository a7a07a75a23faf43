#include "runtime/system_blocks.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
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

constexpr size_t least_on_shared_pages = size_t(64) << 10;
constexpr size_t chunk_bytes = 4 * huge_page;

size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) & ~(unit - 1); }

size_t small_page() {
  static const size_t bytes = size_t(sysconf(_SC_PAGESIZE));
  return bytes;
}

/// Pieces of memory lie in it one behind the other, each on pages of its own, which go back to the
/// system when the piece does; the chunk goes with the last of them. Stands at its begin, on a
/// multiple of its size.
struct Chunk {
  size_t used = small_page();
  size_t pieces = 0;
  bool is_thinning = false;

  /// Null when there is no room.
  void* take(size_t bytes, size_t alignment) {
    const size_t place = round_up(used, std::max(alignment, small_page()));
    if (place + bytes > chunk_bytes) return nullptr;
    used = place + bytes;
    ++pieces;
    return reinterpret_cast<char*>(this) + place;
  }
  /// The system would fill the gaps with huge pages again.
  void stay_thin() {
#ifdef MADV_NOHUGEPAGE
    if (!is_thinning) madvise(this, chunk_bytes, MADV_NOHUGEPAGE);
#endif
    is_thinning = true;
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

bool is_mapped(size_t capacity) { return capacity >= huge_page; }
bool shares_pages(size_t capacity) { return capacity >= least_on_shared_pages || memory_source(); }

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
  madvise(memory, round_up(bytes, small_page()), MADV_DONTNEED);
  Chunks& all = chunks();
  std::lock_guard lock(all.mutex);
  Chunk* chunk = Chunk::of(memory);
  if (--chunk->pieces > 0) {
    if (chunk != all.current) chunk->stay_thin();
  } else if (chunk == all.current) {
    chunk->used = small_page();
  } else {
    munmap(chunk, chunk_bytes);
  }
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
  const size_t bytes = sizeof(Block) + capacity;
  void* memory = shares_pages(capacity) ? take_shared_pages(bytes, alignment)
                                        : std::aligned_alloc(alignment, bytes);
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
  } else if (shares_pages(block->capacity)) {
    give_back_shared_pages(block, sizeof(Block) + block->capacity, alignment);
  } else {
    std::free(block);
  }
}

bool can_split() { return !memory_source(); }

Block* split_system_block(Block* block, SizeClass wanted) {
  char* end = static_cast<char*>(block->data) + block->capacity;
  char* rest = static_cast<char*>(block->data) + wanted.capacity;
  block->capacity = wanted.capacity;
  block->size_class = wanted.index;
  Block* chain = nullptr;
  while (size_t(end - rest) >= huge_page) {
    auto [index, capacity] = largest_class_within(size_t(end - rest));
    Block* piece = new (std::nothrow) Block{};
    if (!piece) break;
    piece->data = rest;
    piece->capacity = capacity;
    piece->size_class = index;
    piece->freed_at = block->freed_at;
    piece->next = chain;
    chain = piece;
    rest += capacity;
  }
  if (rest < end) {
    unpoison(rest, size_t(end - rest));
    munmap(rest, size_t(end - rest));
  }
  return chain;
}

}  // namespace mlx::core::allocator
