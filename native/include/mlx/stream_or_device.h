#pragma once

#include <variant>

#include "mlx/api.h"
#include "mlx/device.h"
#include "mlx/stream.h"

namespace mlx::core {

/// Where an operation runs: a stream, a device (its default stream), or neither (the default
/// device's default stream).
using StreamOrDevice = std::variant<std::monostate, Stream, Device>;

MLX_API Stream to_stream(StreamOrDevice s);
/// The same with another default device.
MLX_API Stream to_stream(StreamOrDevice s, Device default_device);

/// Makes a stream or device the calling thread's default in its scope. Throws std::runtime_error
/// when given neither.
struct MLX_API StreamContext {
  StreamContext(StreamOrDevice s);
  ~StreamContext();
  StreamContext(const StreamContext&) = delete;
  StreamContext& operator=(const StreamContext&) = delete;

 private:
  Stream stream_;
  Device previous_device_;
  Stream previous_stream_;
};

}  // namespace mlx::core
