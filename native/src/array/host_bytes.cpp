#include "array/host_bytes.h"

#include <cstring>

#include "runtime/device_side.h"

namespace mlx::core {

void copy_host_bytes(const array& a, void* to, size_t bytes) {
  auto& record = *a.buffer().record();
  if (DeviceSide* side = record.device.load(std::memory_order_acquire))
    side->read(record, size_t(a.offset()), to, bytes);
  else
    std::memcpy(to, a.data<void>(), bytes);
}

}  // namespace mlx::core
