#include "io/open_descriptor.h"

#include <fcntl.h>

#include <cerrno>

#include "runtime/memory_pressure.h"

namespace mlx::core::io {

bool is_out_of_descriptors() { return errno == EMFILE || errno == ENFILE; }

int open_descriptor(const std::string& name, int flags) {
  int descriptor = ::open(name.c_str(), flags | O_CLOEXEC, 0666);
  if (descriptor >= 0 || !is_out_of_descriptors()) return descriptor;
  // Arrays that nobody needs any more may keep files open.
  int error = errno;
  if (relieve_memory_pressure(0)) return ::open(name.c_str(), flags | O_CLOEXEC, 0666);
  errno = error;
  return -1;
}

}  // namespace mlx::core::io
