#include "runtime/cpu_stream.h"

#include <sstream>

#include "mlx/errors.h"

namespace mlx::core {

Stream cpu_stream(const char* op, const StreamOrDevice& s) {
  Stream stream = to_stream(s, Device::cpu);
  if (stream.device == Device::cpu) return stream;
  std::ostringstream message;
  message << "[" << op << "] Only the CPU computes this, not " << stream.device
          << ": name no stream or device, or the CPU.";
  throw EngineError(message.str());
}

}  // namespace mlx::core
