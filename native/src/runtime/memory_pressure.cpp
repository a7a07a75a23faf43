#include "runtime/memory_pressure.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

namespace mlx::core {

namespace {

thread_local std::vector<std::pair<int, PressureHandler>> handlers;
thread_local bool inside_handler = false;

}  // namespace

int add_pressure_handler(PressureHandler handler) {
  static std::atomic<int> next_id{0};
  int id = next_id.fetch_add(1, std::memory_order_relaxed);
  handlers.emplace_back(id, std::move(handler));
  return id;
}

void remove_pressure_handler(int id) {
  std::erase_if(handlers, [id](const auto& entry) { return entry.first == id; });
}

bool relieve_memory_pressure(size_t bytes_needed) {
  if (inside_handler) return false;
  struct Reset {
    ~Reset() { inside_handler = false; }
  } reset;
  inside_handler = true;
  // A copy, because a handler may remove itself.
  auto copy = handlers;
  bool freed = false;
  for (auto& [id, handler] : copy) freed |= handler(bytes_needed);
  return freed;
}

}  // namespace mlx::core
