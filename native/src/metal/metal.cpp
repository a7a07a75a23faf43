#include "mlx/backend/metal/metal.h"

#include "mlx/errors.h"

namespace mlx::core::metal {
namespace {

[[noreturn]] void throw_unavailable(const char* name) {
  throw EngineError(std::string("[metal.") + name +
                    "] Metal is not available on this machine, or this build has none.");
}

}  // namespace

bool is_available() { return false; }

const std::unordered_map<std::string, std::variant<std::string, size_t>>& device_info() {
  throw_unavailable("device_info");
}

void start_capture(std::string) { throw_unavailable("start_capture"); }
void stop_capture() { throw_unavailable("stop_capture"); }

}  // namespace mlx::core::metal
