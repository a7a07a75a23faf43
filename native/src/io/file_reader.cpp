#include "io/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <tuple>

#include "io/open_descriptor.h"
#include "mlx/errors.h"
#include "mlx/utils.h"

namespace mlx::core::io {

namespace {

/// What a name stands for, as errors tell of it.
struct FileName {
  std::string_view operation;
  const std::string& name;

  std::string prefix() const { return concat_text("[", operation, "] "); }
  [[noreturn]] void fail_to_open(const std::string& reason) const {
    throw EngineError(prefix() + "Can't open " + name + ": " + reason + ".");
  }
  void check_regular(const struct stat& status) const {
    if (!S_ISREG(status.st_mode)) throw EngineError(prefix() + name + " is not a regular file.");
  }
};

/// What tells a file, as it is now, from others.
using Identity = std::tuple<std::string, dev_t, ino_t, off_t, int64_t, int64_t>;

int64_t nanoseconds(const timespec& time) {
  return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Identity identity_of(const std::string& name, const struct stat& status) {
#ifdef __APPLE__
  const timespec &modified = status.st_mtimespec, &changed = status.st_ctimespec;
#else
  const timespec &modified = status.st_mtim, &changed = status.st_ctim;
#endif
  return {name,           status.st_dev,         status.st_ino,
          status.st_size, nanoseconds(modified), nanoseconds(changed)};
}

/// The files that are open. Never destroyed: arrays may die while the process ends.
struct OpenFiles {
  std::mutex mutex;
  std::map<Identity, std::weak_ptr<const FileReader>> readers;

  void forget_closed() {
    std::erase_if(readers, [](auto& entry) { return entry.second.expired(); });
  }
};

OpenFiles& open_files() {
  static auto* files = new OpenFiles;
  return *files;
}

}  // namespace

std::shared_ptr<const FileReader> FileReader::open(const std::string& name,
                                                   std::string_view operation) {
  FileName file{operation, name};
  if (name.find('\0') != std::string::npos)
    throw std::invalid_argument(file.prefix() + "A file's name has a NUL in it.");
  // Whatever else a name stands for isn't opened, since that may block.
  struct stat status;
  if (::stat(name.c_str(), &status) != 0) file.fail_to_open(std::strerror(errno));
  file.check_regular(status);
  OpenFiles& files = open_files();
  {
    std::lock_guard lock(files.mutex);
    auto found = files.readers.find(identity_of(name, status));
    if (found != files.readers.end())
      if (auto reader = found->second.lock()) return reader;
  }
  // Another file may have the name by now, which must not block either.
  int descriptor = open_descriptor(name, O_RDONLY | O_NONBLOCK);
  if (descriptor < 0) {
    std::string reason = std::strerror(errno);
    if (is_out_of_descriptors())
      reason += "; arrays from other files wait to be read, and are by mx.eval";
    file.fail_to_open(reason);
  }
  std::shared_ptr<FileReader> reader(new FileReader(name, descriptor));
  if (::fstat(descriptor, &status) != 0) file.fail_to_open(std::strerror(errno));
  file.check_regular(status);
  reader->size_ = uint64_t(status.st_size);
  std::lock_guard lock(files.mutex);
  files.forget_closed();
  files.readers.insert_or_assign(identity_of(name, status), reader);
  return reader;
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
