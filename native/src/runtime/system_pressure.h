#pragma once

namespace mlx::core {

/// What the operating system says of the memory of the whole machine.
enum class SystemPressure { warning, critical };

/// Gives back to the system what is kept for reuse; when it is critical, what dead arrays hold too.
/// For a thread of the system's, which waits half a second at most.
void answer_system_pressure(SystemPressure pressure);

}  // namespace mlx::core
