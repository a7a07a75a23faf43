#pragma once

#include "mlx/stream_or_device.h"

namespace mlx::core {

/// Where something is computed that only CPUs compute: on the stream that the caller named, or on
/// the CPU's default stream. EngineError where the caller named a GPU.
Stream cpu_stream(const char* op, const StreamOrDevice& s);

}  // namespace mlx::core
