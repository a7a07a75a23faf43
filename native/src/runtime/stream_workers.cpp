#include "runtime/stream_workers.h"

#include <condition_variable>
#include <mutex>
#include <new>
#include <vector>

#include "runtime/background_thread.h"
#include "runtime/stream_queue.h"

namespace mlx::core::scheduler {

namespace {

/// Sleeping threads kept for the next busy stream.
constexpr size_t max_idle = 8;

struct IdleWorker {
  StreamQueue* queue = nullptr;
  std::condition_variable assigned;
};

struct StreamWorkers {
  std::mutex mutex;
  std::vector<IdleWorker*> idle;

  // A worker that has no place to wait at has nobody to tell.
  StreamWorkers() { idle.reserve(max_idle); }

  void work(StreamQueue* queue) {
    for (;;) {
      queue->drain();
      std::unique_lock lock(mutex);
      if (idle.size() >= max_idle) return;
      IdleWorker self;
      idle.push_back(&self);
      self.assigned.wait(lock, [&] { return self.queue != nullptr; });
      queue = self.queue;
    }
  }
};

// Leaked: workers may still run while the process exits.
StreamWorkers& workers() {
  static StreamWorkers& workers = *new StreamWorkers;
  return workers;
}

}  // namespace

bool drain_on_worker(StreamQueue& queue) try {
  StreamWorkers& all = workers();
  {
    std::lock_guard lock(all.mutex);
    if (!all.idle.empty()) {
      // The one that slept last has the warmest caches.
      IdleWorker* worker = all.idle.back();
      all.idle.pop_back();
      worker->queue = &queue;
      worker->assigned.notify_one();
      return true;
    }
  }
  return start_background_thread("mlx-stream", [&all, &queue] { all.work(&queue); });
} catch (const std::bad_alloc&) {
  return false;
}

}  // namespace mlx::core::scheduler
