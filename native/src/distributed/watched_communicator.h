#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "distributed/peer_group.h"
#include "gpu/collectives.h"
#include "runtime/device_queue.h"

namespace mlx::core::distributed {

/// A communicator whose calls are given to a GPU's queues, with a thread that looks at those under
/// way. When one takes too long, another process is gone or the library says that something broke,
/// it ends the communicator, which frees the GPU, and all that the GPU had under way is an error.
class WatchedCommunicator : public std::enable_shared_from_this<WatchedCommunicator> {
 public:
  WatchedCommunicator(std::unique_ptr<gpu::Communicator> communicator,
                      std::shared_ptr<PeerGroup> hosts)
      : communicator_(std::move(communicator)), hosts_(std::move(hosts)) {}

  /// Throws EngineError when the system allows no thread.
  void start_watch();
  /// Nobody makes calls any more.
  void stop_watch() { is_over_ = true; }

  /// Ends it, for this reason, with all that the GPU has under way.
  void end(const std::string& reason);

  /// Calls `put` to put a call in the queue, after what it has so far.
  void put_in(CallKind kind, DeviceQueue& queue,
              const std::function<void(gpu::Communicator&)>& put);

 private:
  using Clock = std::chrono::steady_clock;

  struct Call {
    CallKind kind;
    DeviceQueue* queue;
    /// Tickets: what comes before it is done, and the call.
    uint64_t ready, done;
    /// When it had nothing but the other processes to wait for.
    std::optional<Clock::time_point> began;
  };

  void watch();
  std::optional<std::string> find_problem();

  const std::unique_ptr<gpu::Communicator> communicator_;
  const std::shared_ptr<PeerGroup> hosts_;
  std::atomic<bool> is_over_{false};

  std::mutex mutex_;
  /// Under way, the oldest first.
  std::deque<Call> calls_;
  /// The library may wait for other processes while it is called, too.
  std::optional<Clock::time_point> in_library_since_;
  CallKind in_library_ = CallKind::init;
  /// Why it was ended.
  std::string reason_;
};

/// That a call was not done in time, to which all processes came.
std::string late_text(CallKind kind);

}  // namespace mlx::core::distributed
