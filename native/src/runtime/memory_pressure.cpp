#include "runtime/memory_pressure.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace mlx::core {

namespace {

thread_local std::vector<std::pair<int, PressureHandler>> handlers;
thread_local bool inside_handler = false;

/// What a thread without handlers asks of the others.
struct Relief {
  std::atomic<size_t> bytes_wanted{0};
  std::mutex mutex;
  std::condition_variable answered;
  uint64_t answers = 0;
  bool freed = false;
};

// Leaked: other threads may still ask while the process exits.
Relief& relief() {
  static Relief& relief = *new Relief;
  return relief;
}

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

bool has_pressure_handlers() { return !handlers.empty(); }

bool ask_for_relief(size_t bytes_needed, std::chrono::milliseconds at_most) {
  Relief& all = relief();
  std::unique_lock lock(all.mutex);
  uint64_t seen = all.answers;
  all.bytes_wanted.store(bytes_needed, std::memory_order_relaxed);
  bool answered = all.answered.wait_for(lock, at_most, [&] { return all.answers != seen; });
  all.bytes_wanted.store(0, std::memory_order_relaxed);
  return answered && all.freed;
}

void answer_relief_requests() {
  Relief& all = relief();
  size_t bytes = all.bytes_wanted.load(std::memory_order_relaxed);
  if (bytes == 0 || handlers.empty() || inside_handler) return;
  bool freed = relieve_memory_pressure(bytes);
  std::lock_guard lock(all.mutex);
  ++all.answers;
  all.freed = freed;
  all.bytes_wanted.store(0, std::memory_order_relaxed);
  all.answered.notify_all();
}

}  // namespace mlx::core
