#include "mlx/node_memory.h"

#include <cstdint>
#include <new>
#include <utility>

#include "runtime/poison.h"

namespace mlx::core::detail {
namespace {

constexpr size_t granularity = 16;
constexpr size_t largest_kept = 512;
/// Of one size; as much as the nodes between two collections of JavaScript's.
constexpr size_t most_kept_bytes = size_t(6) << 20;

struct FreeMemory {
  FreeMemory* next;
};

struct FreeList {
  FreeMemory* first;
  size_t bytes;
};

/// Trivial, because nodes may still die while a thread's objects are destroyed.
struct ThreadLists {
  FreeList lists[largest_kept / granularity];
  bool is_open, is_closed;
};

thread_local constinit ThreadLists thread_lists{};

/// Empties the thread's lists when it ends, and keeps them empty.
struct Closer {
  ~Closer() {
    thread_lists.is_closed = true;
    for (FreeList& list : thread_lists.lists)
      while (list.first) ::operator delete(std::exchange(list.first, list.first->next));
  }
};

void open(ThreadLists& lists) {
  lists.is_open = true;
  thread_local Closer closer;
  (void)closer;
}

// AddressSanitizer would not see what is used after it was freed.
#ifdef MLX_ADDRESS_SANITIZER
constexpr bool keeps_memory = false;
#else
constexpr bool keeps_memory = true;
#endif

size_t round_up(size_t bytes) { return (bytes + granularity - 1) / granularity * granularity; }

}  // namespace

void* take_node_memory(size_t bytes) {
  bytes = round_up(bytes);
  if (!keeps_memory || bytes == 0 || bytes > largest_kept) return ::operator new(bytes);
  FreeList& list = thread_lists.lists[bytes / granularity - 1];
  if (!list.first) return ::operator new(bytes);
  list.bytes -= bytes;
  return std::exchange(list.first, list.first->next);
}

void give_node_memory(void* memory, size_t bytes) noexcept {
  bytes = round_up(bytes);
  ThreadLists& lists = thread_lists;
  if (!keeps_memory || bytes == 0 || bytes > largest_kept || lists.is_closed)
    return ::operator delete(memory);
  FreeList& list = lists.lists[bytes / granularity - 1];
  if (list.bytes + bytes > most_kept_bytes) return ::operator delete(memory);
  if (!lists.is_open) open(lists);
  list.first = new (memory) FreeMemory{list.first};
  list.bytes += bytes;
}

}  // namespace mlx::core::detail
