#include "runtime/waiting_streams.h"

#include <atomic>
#include <mutex>
#include <set>

namespace mlx::core {

namespace {

std::atomic<bool> there_are_some{false};

struct WaitingStreams {
  std::mutex mutex;
  std::set<int> indices;
};

// Leaked: streams may still work while the process exits.
WaitingStreams& waiting_streams() {
  static WaitingStreams& streams = *new WaitingStreams;
  return streams;
}

}  // namespace

void note_waiting_stream(const Stream& stream) {
  auto& streams = waiting_streams();
  std::lock_guard lock(streams.mutex);
  streams.indices.insert(stream.index);
  there_are_some.store(true, std::memory_order_relaxed);
}

bool may_wait_for_others(const Stream& stream) {
  if (!there_are_some.load(std::memory_order_relaxed)) return false;
  auto& streams = waiting_streams();
  std::lock_guard lock(streams.mutex);
  return streams.indices.contains(stream.index);
}

}  // namespace mlx::core
