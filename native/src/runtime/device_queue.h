#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gpu/hal.h"
#include "mlx/stream.h"

namespace mlx::core {

/// A GPU's queue, with the work of one stream. Threads may use it at once.
class DeviceQueue {
 public:
  explicit DeviceQueue(gpu::Device& device);
  DeviceQueue(const DeviceQueue&) = delete;
  DeviceQueue& operator=(const DeviceQueue&) = delete;

  /// The queue that the calling thread puts work in; null for one that computes itself.
  static DeviceQueue* current();

  gpu::Device& device() const { return device_; }

  /// Calls `put` with the queue, and returns the number of the ticket that will be reached after
  /// what it put in. Throws EngineError when the device is lost.
  uint64_t put(const std::function<void(gpu::Queue&)>& put);
  /// The number of the ticket that is reached after all that was put in so far, well or not.
  uint64_t next_ticket();
  /// Sends what was put in on its way; the number of its ticket.
  uint64_t commit();
  /// Blocks the caller while the device has more to do than keeps it busy, or holds more memory
  /// than it should for what was freed meanwhile.
  void limit_work_in_flight();

  /// What is put in from here on comes after the other's ticket, which is committed if need be.
  void wait_for(DeviceQueue& other, uint64_t ticket);
  bool has_reached(uint64_t ticket) const { return queue_.reached(ticket); }
  /// Blocks the caller; commits the ticket if need be.
  void block(uint64_t ticket);
  /// The same for who can't handle that the host's memory is used up: tries until it is there.
  void block_surely(uint64_t ticket);
  /// Copies bytes of the device's memory to the host, after the ticket.
  void read(uint64_t ticket, gpu::Memory memory, size_t offset, void* to, size_t bytes);

  /// What went wrong on the device for good; null as long as nothing did.
  std::exception_ptr error() const;
  void throw_if_lost() const;
  /// The same, or what spoilt the work up to a ticket that was reached.
  std::exception_ptr error(uint64_t ticket) const;
  /// Makes all that GPU streams have not done yet an error, and what they are given until that is
  /// over: it may use values that will never be. `release` lets the device come to its end.
  static void spoil_work_in_flight(std::exception_ptr why, const std::function<void()>& release);

  /// Calls back, on a thread of the queue's own, once the ticket is reached.
  void when_reached(uint64_t ticket, std::function<void()> callback);

 private:
  struct Completion {
    uint64_t ticket;
    std::function<void()> callback;
  };

  /// Tickets from one to another.
  struct Spoilt {
    uint64_t from, to;
    std::exception_ptr why;
  };

  void commit_up_to(uint64_t ticket);
  void complete();
  void begin_spoiling(const std::exception_ptr& why);
  void end_spoiling();

  gpu::Device& device_;
  gpu::Queue& queue_;
  /// Recursive, as who puts work in may have to wait for some that was put in before.
  std::recursive_mutex mutex_;
  std::atomic<uint64_t> committed_{0};
  /// Tickets that may not have been reached yet, the oldest first.
  std::deque<uint64_t> in_flight_;
  bool has_work_ = false;

  std::atomic<bool> has_spoilt_{false};
  mutable std::mutex spoilt_mutex_;
  std::vector<Spoilt> spoilt_;

  std::mutex completions_mutex_;
  std::condition_variable completions_changed_;
  std::deque<Completion> completions_;
  bool has_thread_ = false;
};

/// The queue of a GPU's stream, made at first use.
DeviceQueue& device_queue(const Stream& stream);

/// Lets the calling thread put work in a queue instead of computing itself.
class PuttingScope {
 public:
  explicit PuttingScope(DeviceQueue* queue);
  ~PuttingScope();
  PuttingScope(const PuttingScope&) = delete;
  PuttingScope& operator=(const PuttingScope&) = delete;

 private:
  DeviceQueue* previous_;
};

}  // namespace mlx::core
