#pragma once

#include <memory>
#include <string>

#include "distributed/transport.h"

namespace mlx::core::distributed {

/// Whether this process was started by mpirun or its like.
bool is_started_by_mpi();

/// Messages by MPI between all processes that mpirun started. Null when this process stands alone
/// or there is no MPI, and then `reason` says so. Throws EngineError when MPI does not start within
/// the time limit, as when another process never asks for it.
Transport* start_mpi(std::string* reason);

}  // namespace mlx::core::distributed
