#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace mlx::core {

/// Which CPUs the helpers of a thread run on. Linux may wake a helper on its caller's CPU although
/// others are idle: on virtual machines an idle CPU looks like one that the host took away.
class HelperPlacement {
 public:
  /// What a helper keeps of itself.
  class Seat {
   public:
    /// By the helper, before it helps.
    void arrive();

   private:
    friend class HelperPlacement;
    std::atomic<int> thread_{0}, cpu_{-1};
  };

  /// For the next helper; null when there are more than are cared for.
  Seat* add();
  /// By the caller: moves helpers that ran on the caller's CPU last to the others that they may
  /// use.
  void make_room();

 private:
  static constexpr size_t kMost = 256;
  std::array<Seat, kMost> seats_;
  size_t count_ = 0;
};

}  // namespace mlx::core
