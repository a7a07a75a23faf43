#pragma once

#include <cstddef>
#include <cstdint>
#include <ios>
#include <string>

#include "mlx/api.h"

namespace mlx::core::io {

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

}  // namespace mlx::core::io
