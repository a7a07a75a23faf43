#pragma once

#include <string>

#include "distributed/transport.h"

namespace mlx::core::distributed {

/// Messages by TCP between processes that a launcher told where they are (tcp_mesh.h). Null when
/// none did, and then `reason` says so. Throws EngineError when they don't come together.
Transport* start_tcp(std::string* reason);

}  // namespace mlx::core::distributed
