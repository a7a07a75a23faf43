#pragma once

#include <cstddef>

#include "mlx/array.h"

namespace mlx::core {

/// Copies bytes of an available array from its first element on. From a GPU come these alone, and
/// the buffer gets no copy on the host.
void copy_host_bytes(const array& a, void* to, size_t bytes);

}  // namespace mlx::core
