#include "runtime/memory_pressure.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace mlx::core {

std::atomic<size_t> detail::relief_wanted{0};

namespace {

using detail::relief_wanted;

thread_local std::vector<std::pair<int, PressureHandler>> handlers;
thread_local bool inside_handler = false;

/// What a thread without handlers asks of the others.
struct Relief {
  std::mutex mutex;
  std::condition_variable answered;
  uint64_t answers = 0;
  bool freed = false;
  std::mutex listeners_mutex;
  std::vector<std::pair<int, std::function<void()>>> listeners;
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
  relief_wanted.store(std::max<size_t>(bytes_needed, 1), std::memory_order_relaxed);
  {
    std::lock_guard listening(all.listeners_mutex);
    for (auto& [id, listener] : all.listeners) listener();
  }
  bool answered = all.answered.wait_for(lock, at_most, [&] { return all.answers != seen; });
  relief_wanted.store(0, std::memory_order_relaxed);
  return answered && all.freed;
}

int add_relief_listener(std::function<void()> listener) {
  static std::atomic<int> next_id{0};
  Relief& all = relief();
  std::lock_guard lock(all.listeners_mutex);
  all.listeners.emplace_back(next_id.fetch_add(1), std::move(listener));
  return all.listeners.back().first;
}

void remove_relief_listener(int id) {
  Relief& all = relief();
  std::lock_guard lock(all.listeners_mutex);
  std::erase_if(all.listeners, [id](const auto& entry) { return entry.first == id; });
}

void answer_relief_requests() {
  size_t bytes = relief_wanted.load(std::memory_order_relaxed);
  if (bytes == 0 || handlers.empty() || inside_handler) return;
  bool freed = relieve_memory_pressure(bytes);
  Relief& all = relief();
  std::lock_guard lock(all.mutex);
  ++all.answers;
  all.freed = freed;
  relief_wanted.store(0, std::memory_order_relaxed);
  all.answered.notify_all();
}

}  // namespace mlx::core
