#pragma once

#include <exception>
#include <memory>

#include "mlx/api.h"
#include "mlx/stream.h"

namespace mlx::core {

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

  bool is_signaled() const;
  bool has_error() const;
  /// Throws std::runtime_error on no event.
  const Stream& stream() const;

  friend bool operator==(const Event& a, const Event& b) { return a.state_ == b.state_; }

 private:
  struct State;
  State& state() const;

  std::shared_ptr<State> state_;
};

}  // namespace mlx::core
