#include "io/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mlx/errors.h"

namespace mlx::core::io {

FileReader::FileReader(std::string name) : name_(std::move(name)) {
  descriptor_ = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
    std::string reason = std::strerror(errno);
    if (descriptor_ >= 0) ::close(descriptor_);
    throw EngineError("[load] Can't open " + name_ + ": " + reason + ".");
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw EngineError("[load] " + name_ + " is not a regular file.");
  }
  size_ = uint64_t(status.st_size);
}

FileReader::~FileReader() { ::close(descriptor_); }

void FileReader::read(uint64_t offset, void* out, size_t bytes) const {
  char* to = static_cast<char*>(out);
  while (bytes > 0) {
    ssize_t count = ::pread(descriptor_, to, bytes, off_t(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      throw EngineError("[load] Can't read " + name_ + ": " + std::strerror(errno) + ".");
    if (count == 0)
      throw EngineError("[load] " + name_ + " has become shorter since it was opened.");
    to += count;
    offset += uint64_t(count);
    bytes -= size_t(count);
  }
}

}  // namespace mlx::core::io
