#pragma once

#include <chrono>

namespace mlx::core::distributed {

/// How long a process waits for others, without a sign from them, before that is an error.
std::chrono::duration<double> time_limit();

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
