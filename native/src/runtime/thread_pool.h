#pragma once

#include <cstddef>

#include "runtime/function_ref.h"

namespace mlx::core {

/// Threads that parallel_for may use, the caller included: the smaller of the process's CPU
/// affinity and its cgroup's CPU quota; the environment variable MLX_NUM_THREADS overrides both.
int num_threads();
/// Changes it from the next parallel_for on; for tests.
void set_num_threads(int count);

/// Runs body over [0, n) in chunks of exactly `grain` (the last may be shorter) and returns when
/// all are done. Chunk borders depend on n and grain alone. Threads of the pool and the caller take
/// the chunks as they come; one chunk, one thread, a busy pool and calls from within a body run on
/// the caller. The exception of the lowest chunk that threw is rethrown; chunks above it may not
/// have run.
void parallel_for(size_t n, size_t grain, FunctionRef<void(size_t begin, size_t end)> body);

/// Whether the calling thread runs a body of parallel_for, which must not wait for others.
bool inside_parallel_for();

}  // namespace mlx::core
