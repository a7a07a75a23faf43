#include "mlx/backend/metal/metal.h"

#include <mutex>

#include "mlx/errors.h"

namespace mlx::core::metal {
namespace {

[[noreturn]] void throw_unavailable(const char* name) {
  throw EngineError(std::string("[metal.") + name +
                    "] Metal is not available on this machine, or this build has none.");
}

// Leaked: other threads may still ask while the process exits.
std::mutex& path_mutex() {
  static std::mutex& mutex = *new std::mutex;
  return mutex;
}
std::string& metallib_path() {
  static std::string& path = *new std::string;
  return path;
}

}  // namespace

bool is_available() { return false; }

const std::unordered_map<std::string, std::variant<std::string, size_t>>& device_info() {
  throw_unavailable("device_info");
}

std::string get_metallib_path() {
  std::lock_guard lock(path_mutex());
  return metallib_path();
}
void set_metallib_path(const std::string& path) {
  std::lock_guard lock(path_mutex());
  metallib_path() = path;
}

void start_capture(std::string) { throw_unavailable("start_capture"); }
void stop_capture() { throw_unavailable("stop_capture"); }

}  // namespace mlx::core::metal
