#pragma once

#include <vector>

#include "gpu/commands.h"
#include "mlx/array.h"
#include "runtime/device_side.h"
#include "runtime/function_ref.h"

namespace mlx::core::gpu {

/// Gives the calling thread's queue the work of one primitive. What the work reads and writes is
/// named first: values are brought to the device, and other queues' work that must come before is
/// waited for there.
class Encoder {
 public:
  Encoder();

  Place read(const array& a);
  /// The values before don't matter.
  Place write(array& a);
  StridedPlace strided(const array& a);
  /// Puts in work on the places so far.
  void encode(FunctionRef<void(Commands&)> work);

 private:
  struct Use {
    DeviceSide* side;
    bool writes;
  };

  DeviceQueue& queue_;
  std::vector<Use> uses_;
};

/// Gives the array a row-contiguous buffer on the device.
void allocate(array& a);

/// One number that the host knows: it goes into a launch by value, so that it needs no copy and no
/// order. Null for any other array.
const void* host_scalar(const array& a);

}  // namespace mlx::core::gpu
