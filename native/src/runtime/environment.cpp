#include <pthread.h>
#include <unistd.h>

#include <cstdlib>

#include "mlx/utils.h"

#ifdef __linux__
#include <sys/syscall.h>
#endif

namespace mlx::core {

bool is_main_thread() {
#ifdef __linux__
  return ::syscall(SYS_gettid) == ::getpid();
#else
  return pthread_main_np() != 0;
#endif
}

namespace env {

int get_var(const char* name, int default_value) {
  const char* text = std::getenv(name);
  if (!text) return default_value;
  char* end;
  long value = std::strtol(text, &end, 10);
  return end == text || *end ? default_value : int(value);
}

const char* get_var(const char* name, const char* default_value) {
  const char* text = std::getenv(name);
  return text ? text : default_value;
}

bool enable_tf32() {
  static const bool value = get_var("MLX_ENABLE_TF32", 0);
  return value;
}

int bfs_max_width() {
  static const int value = get_var("MLX_BFS_MAX_WIDTH", 20);
  return value;
}
int max_ops_per_buffer(int default_value) {
  static const int value = get_var("MLX_MAX_OPS_PER_BUFFER", default_value);
  return value;
}
int max_mb_per_buffer(int default_value) {
  static const int value = get_var("MLX_MAX_MB_PER_BUFFER", default_value);
  return value;
}
bool metal_fast_synch() {
  static const bool value = get_var("MLX_METAL_FAST_SYNCH", 0);
  return value;
}
const char* metal_gpu_arch() {
  static const char* const value = get_var("MLX_METAL_GPU_ARCH", "");
  return value;
}
int nccl_timeout(int default_value) {
  static const int value = get_var("MLX_NCCL_TIMEOUT", default_value);
  return value;
}
bool residency_debug() {
  static const bool value = get_var("MLX_RESIDENCY_DEBUG", 0);
  return value;
}
int residency_set_max_pct() {
  static const int value = get_var("MLX_RESIDENCY_SET_MAX_PCT", 5);
  return value;
}

}  // namespace env
}  // namespace mlx::core
