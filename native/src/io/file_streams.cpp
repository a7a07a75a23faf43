#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "io/open_descriptor.h"
#include "mlx/errors.h"
#include "mlx/io/load.h"

namespace mlx::core::io {

namespace {

constexpr size_t reading_threads = 4;
/// What one thread reads at a time.
constexpr size_t stretch_bytes = size_t(8) << 20;

[[noreturn]] void fail(const char* what, const std::string& label, const std::string& reason) {
  throw EngineError(std::string(what) + label + ": " + reason + ".");
}

size_t position(int descriptor, int64_t offset, int whence, const std::string& label) {
  off_t place = ::lseek(descriptor, off_t(offset), whence);
  if (place < 0) fail("[seek] Can't move in ", label, std::strerror(errno));
  return size_t(place);
}

int whence_of(std::ios_base::seekdir way) {
  return way == std::ios_base::beg ? SEEK_SET : way == std::ios_base::cur ? SEEK_CUR : SEEK_END;
}

/// Reads all the bytes; returns the errno of a failure, -1 at the file's end.
int read_at(int descriptor, char* to, size_t bytes, size_t offset) {
  while (bytes > 0) {
    ssize_t count = ::pread(descriptor, to, bytes, off_t(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : -1;
    to += count;
    offset += size_t(count);
    bytes -= size_t(count);
  }
  return 0;
}

}  // namespace

ThreadPool& thread_pool() {
  // Leaked: its threads may still read while the process exits.
  static ThreadPool& pool = *new ThreadPool(reading_threads);
  return pool;
}

// ---- Reading

ParallelFileReader::ParallelFileReader(std::string file_path)
    : descriptor_(open_descriptor(file_path, O_RDONLY)), label_(std::move(file_path)) {}

ParallelFileReader::~ParallelFileReader() {
  if (is_open()) ::close(descriptor_);
}

size_t ParallelFileReader::tell() { return position(descriptor_, 0, SEEK_CUR, label_); }

void ParallelFileReader::seek(int64_t off, std::ios_base::seekdir way) {
  position(descriptor_, off, whence_of(way), label_);
}

void ParallelFileReader::read(char* data, size_t n) {
  size_t begin = tell();
  read(data, n, begin);
  seek(int64_t(begin + n));
}

void ParallelFileReader::read(char* data, size_t n, size_t offset) {
  // The caller reads the first stretch, and others what is left.
  std::vector<std::future<int>> others;
  for (size_t begin = stretch_bytes; begin < n; begin += stretch_bytes)
    others.push_back(thread_pool().enqueue(read_at, descriptor_, data + begin,
                                           std::min(stretch_bytes, n - begin), offset + begin));
  int error = read_at(descriptor_, data, std::min(stretch_bytes, n), offset);
  for (auto& other : others) {
    int its_error = other.get();
    if (!error) error = its_error;
  }
  if (!error) return;
  failed_ = true;
  fail(
      "[read] Can't read ", label_,
      error < 0 ? "it ends before " + std::to_string(offset + n) + " bytes" : std::strerror(error));
}

// ---- Writing

FileWriter::FileWriter(std::string file_path)
    : descriptor_(::open(file_path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644)),
      label_(std::move(file_path)) {}

FileWriter::~FileWriter() {
  if (is_open()) ::close(descriptor_);
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      failed_(other.failed_),
      label_(std::move(other.label_)) {}

FileWriter& FileWriter::operator=(FileWriter&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(failed_, other.failed_);
  std::swap(label_, other.label_);
  return *this;
}

size_t FileWriter::tell() { return position(descriptor_, 0, SEEK_CUR, label_); }

void FileWriter::seek(int64_t off, std::ios_base::seekdir way) {
  position(descriptor_, off, whence_of(way), label_);
}

void FileWriter::write(const char* data, size_t n) {
  while (n > 0) {
    ssize_t count = ::write(descriptor_, data, n);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      failed_ = true;
      fail("[write] Can't write ", label_, std::strerror(errno));
    }
    data += count;
    n -= size_t(count);
  }
}

}  // namespace mlx::core::io
