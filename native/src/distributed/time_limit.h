#pragma once

#include <chrono>
#include <functional>

namespace mlx::core::distributed {

/// How long a process waits for others, without a sign from them, before that is an error.
std::chrono::duration<double> time_limit();

/// Runs what may wait for other processes without a limit of its own, on a thread that is left
/// behind when the time is over; then this returns false. What `body` needs must live as long as it
/// runs.
bool run_in_time(std::function<void()> body);

/// Paces somebody who polls: at once again at first, then in sleeps that grow to a millisecond.
class Patience {
 public:
  Patience() { reset(); }

  /// Something moved on: the time starts anew.
  void reset();
  /// Lets time pass. Returns false once the limit is over. Throws EngineError when the work is no
  /// longer wanted.
  bool pass();

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point began_;
  std::chrono::microseconds sleep_;
};

}  // namespace mlx::core::distributed
