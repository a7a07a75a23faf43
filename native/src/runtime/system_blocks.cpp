#include "runtime/system_blocks.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#include "runtime/poison.h"

namespace mlx::core::allocator {

namespace {

/// Maps more than is needed and gives back what lies before and after the aligned part.
void* map_huge_pages(size_t bytes) {
  size_t mapped = bytes + huge_page;
  void* start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return nullptr;
  char* begin = static_cast<char*>(start);
  size_t before = -reinterpret_cast<uintptr_t>(begin) % huge_page;
  if (before > 0) munmap(begin, before);
  char* data = begin + before;
  munmap(data + bytes, huge_page - before);
#ifdef MADV_HUGEPAGE
  // Only a wish: without huge pages everything works, slower.
  madvise(data, bytes, MADV_HUGEPAGE);
#endif
  return data;
}

bool is_mapped(size_t capacity) { return capacity >= huge_page; }

}  // namespace

Block* allocate_system_block(SizeClass size_class) {
  auto [index, capacity] = size_class;
  if (is_mapped(capacity)) {
    Block* block = new (std::nothrow) Block{};
    if (!block) return nullptr;
    block->data = map_huge_pages(capacity);
    if (!block->data) {
      delete block;
      return nullptr;
    }
    block->capacity = capacity;
    block->size_class = index;
    return block;
  }
  void* memory = std::aligned_alloc(alignment, sizeof(Block) + capacity);
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
    munmap(block->data, block->capacity);
    delete block;
  } else {
    std::free(block);
  }
}

bool can_cut(const Block* block, SizeClass size_class) {
  return is_mapped(size_class.capacity) && block->capacity >= size_class.capacity;
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
