#pragma once

#include <functional>

#include "metal/objective_c.h"

namespace mlx::core::metal {

/// Hears of it when the machine's memory runs short, as long as it lives and where the system has
/// libdispatch. Handlers are called on a thread of the system's, one at a time.
class PressureSignal {
 public:
  using Handler = std::function<void(bool is_critical)>;

  PressureSignal(const ObjectiveC& objc, Handler handler);
  /// A call that has begun ends by itself.
  ~PressureSignal();
  PressureSignal(const PressureSignal&) = delete;
  PressureSignal& operator=(const PressureSignal&) = delete;

 private:
  const ObjectiveC& objc_;
  void* source_ = nullptr;
};

}  // namespace mlx::core::metal
