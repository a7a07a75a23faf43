#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "mlx/stream.h"
#include "runtime/stream_queue.h"

namespace mlx::core {

/// All streams of the process. Queues live for ever, and dropped ones are given to later streams,
/// so that a handle on a dropped stream never dangles and short-lived threads cost nothing.
class StreamTable {
 public:
  /// Throws std::invalid_argument for a device that isn't there.
  Stream create(const Device& device);
  void drop(const Stream& stream);

  /// Throws std::out_of_range for an index that names no stream.
  Stream get(int index) const;
  std::vector<Stream> all() const;
  /// Also for a dropped stream; throws std::out_of_range for an index that was never used.
  scheduler::StreamQueue& queue(const Stream& stream) const;

 private:
  struct Entry {
    Stream stream;
    bool dropped;
    std::unique_ptr<scheduler::StreamQueue> queue;
  };

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

StreamTable& stream_table();

}  // namespace mlx::core
