#include "runtime/compilation_gate.h"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

namespace mlx::core {
namespace {

// A kernel takes a tenth of a second, a large one on a busy core some seconds.
constexpr std::chrono::seconds longest_wait{5};

struct InFlight {
  std::mutex mutex;
  std::condition_variable none;
  int count = 0;
  bool is_closed = false;
};

// Leaked: other threads may still ask while the process ends.
InFlight& in_flight() {
  static auto& in_flight = *new InFlight;
  return in_flight;
}

void close() {
  auto& all = in_flight();
  std::unique_lock lock(all.mutex);
  all.is_closed = true;
  all.none.wait_for(lock, longest_wait, [&] { return all.count == 0; });
}

}  // namespace

CompilationGate::CompilationGate() {
  auto& all = in_flight();
  std::lock_guard lock(all.mutex);
  is_open_ = !all.is_closed;
  if (is_open_) ++all.count;
}

CompilationGate::~CompilationGate() {
  if (!is_open_) return;
  auto& all = in_flight();
  std::lock_guard lock(all.mutex);
  if (--all.count == 0) all.none.notify_all();
}

void CompilationGate::close_before_clean_up() {
  in_flight();
  std::atexit(close);
}

}  // namespace mlx::core
