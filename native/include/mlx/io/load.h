#pragma once

#include <cstddef>
#include <cstdint>
#include <ios>
#include <memory>
#include <string>

#include "mlx/api.h"
#include "mlx/threadpool.h"

namespace mlx::core::io {

/// The threads that read files for ParallelFileReader.
MLX_API ThreadPool& thread_pool();

/// Bytes that arrays are loaded from, for those who keep them elsewhere than in a file. Loading
/// begins where the reader stands; arrays read their bytes when they are evaluated, so it must
/// stay usable as long as they do. One thread at a time calls it.
class MLX_API Reader {
 public:
  virtual ~Reader() = default;
  virtual bool is_open() const = 0;
  /// False once something has failed.
  virtual bool good() const = 0;
  virtual size_t tell() = 0;
  virtual void seek(int64_t off, std::ios_base::seekdir way = std::ios_base::beg) = 0;
  virtual void read(char* data, size_t n) = 0;
  /// Reads from an offset that counts from the first byte.
  virtual void read(char* data, size_t n, size_t offset) = 0;
  /// What error messages call it.
  virtual std::string label() const = 0;
};

/// Where saved bytes go, from the place where the writer stands.
class MLX_API Writer {
 public:
  virtual ~Writer() = default;
  virtual bool is_open() const = 0;
  /// False once something has failed.
  virtual bool good() const = 0;
  virtual size_t tell() = 0;
  virtual void seek(int64_t off, std::ios_base::seekdir way = std::ios_base::beg) = 0;
  virtual void write(const char* data, size_t n) = 0;
  /// What error messages call it.
  virtual std::string label() const = 0;
};

/// Reads a file, long stretches by several threads at once. A file that can't be opened is not
/// open; what else fails throws EngineError.
class MLX_API ParallelFileReader : public Reader {
 public:
  explicit ParallelFileReader(std::string file_path);
  ~ParallelFileReader() override;
  ParallelFileReader(const ParallelFileReader&) = delete;
  ParallelFileReader& operator=(const ParallelFileReader&) = delete;

  bool is_open() const override { return descriptor_ >= 0; }
  bool good() const override { return is_open() && !failed_; }
  size_t tell() override;
  void seek(int64_t off, std::ios_base::seekdir way = std::ios_base::beg) override;
  void read(char* data, size_t n) override;
  void read(char* data, size_t n, size_t offset) override;
  std::string label() const override { return "file " + label_; }

 private:
  int descriptor_;
  bool failed_ = false;
  std::string label_;
};

/// Writes a file from its begin, in place of what was in it.
class MLX_API FileWriter : public Writer {
 public:
  /// Not open.
  FileWriter() = default;
  explicit FileWriter(std::string file_path);
  ~FileWriter() override;
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&& other) noexcept;

  bool is_open() const override { return descriptor_ >= 0; }
  bool good() const override { return is_open() && !failed_; }
  size_t tell() override;
  void seek(int64_t off, std::ios_base::seekdir way = std::ios_base::beg) override;
  void write(const char* data, size_t n) override;
  std::string label() const override { return "file " + label_; }

 private:
  int descriptor_ = -1;
  bool failed_ = false;
  std::string label_;
};

}  // namespace mlx::core::io
