#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

#include "mlx/api.h"
#include "mlx/stream.h"

namespace mlx::core {

class DeviceQueue;

/// Something that happens once, well or with an error. Copies are handles on the same event.
class MLX_API Event {
 public:
  /// No event: valid() is false and everything else is an error.
  Event() = default;
  /// An event that work on the stream will signal.
  explicit Event(Stream stream);

  bool valid() const { return state_ != nullptr; }

  /// Blocks until the event is signaled; rethrows its error.
  void wait() const;
  /// Holds later work of the stream back until the event is signaled. An error stays in the event
  /// for that work to ask after (`has_error`, or `wait` to rethrow it).
  void wait(Stream stream) const;

  void signal();
  /// Signals when the stream has done the work enqueued so far.
  void signal(Stream stream);
  /// Signals with an error, which every wait() rethrows. The first signal of either kind counts.
  void set_error(std::exception_ptr error);
  /// The same for all but the first parts of the work, which were done well.
  void set_error(std::exception_ptr error, uint32_t parts_done);
  /// The same event for who only needs one part of the work, counted from 0.
  Event part(uint32_t number) const;

  /// Work that a GPU does: signaled when its queue has reached the ticket.
  void submit(DeviceQueue& queue, uint64_t ticket);
  /// Lets what a GPU's queue does from here on come after the event; the GPU waits for work that
  /// was submitted, the caller for all other.
  void wait(DeviceQueue& queue) const;
  /// Calls back when it is signaled: at once, or later on whatever thread signals it.
  void on_done(std::function<void()> callback) const;

  bool is_signaled() const;
  bool has_error() const;
  /// The error that it was signaled with; null for none.
  std::exception_ptr load_error() const;
  /// Throws that error.
  void check_error() const;

  /// A number that users may give it; it is signaled once all the same.
  uint64_t value() const;
  void set_value(uint64_t value);
  /// Throws std::runtime_error on no event.
  const Stream& stream() const;

  friend bool operator==(const Event& a, const Event& b) { return a.state_ == b.state_; }

 private:
  struct State;
  State& state() const;

  std::exception_ptr error() const;

  std::shared_ptr<State> state_;
  uint32_t part_ = UINT32_MAX;
};

}  // namespace mlx::core
