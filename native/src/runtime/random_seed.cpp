#include "runtime/random_seed.h"

#include <sys/random.h>
#include <unistd.h>

#include <chrono>

namespace mlx::core {

// Not std::random_device: libstdc++'s archive would ask for a newer glibc than the engine needs.
uint64_t random_seed() {
  uint64_t seed = 0;
  if (::getentropy(&seed, sizeof(seed)) == 0) return seed;
  // Only kernels older than the supported ones come here.
  return uint64_t(std::chrono::steady_clock::now().time_since_epoch().count()) ^
         uint64_t(::getpid()) << 32;
}

}  // namespace mlx::core
