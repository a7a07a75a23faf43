#pragma once

#include "mlx/stream.h"

namespace mlx::core {

/// Notes that work of the stream waits for other processes, which may take any time.
void note_waiting_stream(const Stream& stream);

/// Whether the stream ever had such work: then nobody runs it who has to be back soon. Costs a load
/// in a process that works alone.
bool may_wait_for_others(const Stream& stream);

}  // namespace mlx::core
