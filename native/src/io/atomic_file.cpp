#include "io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "io/open_descriptor.h"
#include "mlx/errors.h"
#include "runtime/random_seed.h"

namespace mlx::core::io {

namespace {

/// For the time of a scope, a file that grows beyond the process's limit is an error of writing and
/// not the signal that ends the process.
class FileSizeSignal {
 public:
  FileSizeSignal() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  ~FileSizeSignal() {
    sigset_t pending;
    int ignored;
    if (!sigismember(&before_, SIGXFSZ) && sigpending(&pending) == 0 &&
        sigismember(&pending, SIGXFSZ))
      sigwait(&signal_, &ignored);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  FileSizeSignal(const FileSizeSignal&) = delete;
  FileSizeSignal& operator=(const FileSizeSignal&) = delete;

 private:
  sigset_t signal_, before_;
};

}  // namespace

AtomicFile::AtomicFile(std::string operation, const std::string& name)
    : operation_(std::move(operation)), name_(name) {
  if (name.find('\0') != std::string::npos)
    throw std::invalid_argument("[" + operation_ + "] A file's name has a NUL in it.");
  // A link stays a link: what it names is replaced.
  std::error_code ignored;
  if (std::filesystem::is_symlink(name_, ignored)) {
    auto target = std::filesystem::weakly_canonical(name_, ignored);
    if (!ignored) name_ = target.string();
  }
  struct stat older;
  bool exists = ::stat(name_.c_str(), &older) == 0;
  if (exists && !S_ISREG(older.st_mode))
    throw EngineError("[" + operation_ + "] " + name_ + " is not a regular file.");

  do {
    temporary_name_ = name_ + "." + std::to_string(random_seed()) + ".tmp";
    descriptor_ = open_descriptor(temporary_name_, O_WRONLY | O_CREAT | O_EXCL);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail("create");
  if (!exists || ::fchmod(descriptor_, older.st_mode & 07777) == 0) return;
  int error = errno;
  discard();
  errno = error;
  fail("keep the permissions of");
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_name_.c_str());
  descriptor_ = -1;
}

void AtomicFile::write(const void* data, size_t bytes) {
  overwrite(position_, data, bytes);
  position_ += bytes;
}

void AtomicFile::overwrite(uint64_t offset, const void* data, size_t bytes) {
  const char* from = static_cast<const char*>(data);
  FileSizeSignal blocked;
  while (bytes > 0) {
    ssize_t count = ::pwrite(descriptor_, from, bytes, off_t(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write");
    from += count;
    offset += uint64_t(count);
    bytes -= size_t(count);
  }
}

void AtomicFile::commit() {
  // A crash of the system after the renaming must not leave a name without contents.
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail("finish");
  // Some file systems report a full disk only now.
  int descriptor = descriptor_;
  descriptor_ = -1;
  bool done = ::close(descriptor) == 0 && std::rename(temporary_name_.c_str(), name_.c_str()) == 0;
  if (done) return;
  int error = errno;
  ::unlink(temporary_name_.c_str());
  errno = error;
  fail("finish");
}

void AtomicFile::fail(const char* what) const {
  throw EngineError("[" + operation_ + "] Can't " + what + " " + name_ + ": " +
                    std::strerror(errno) + ".");
}

}  // namespace mlx::core::io
