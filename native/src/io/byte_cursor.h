#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "io/byte_source.h"

namespace mlx::core::io {

/// Walks through a source from its begin, reading it in pieces.
class ByteCursor {
 public:
  explicit ByteCursor(const ByteSource& source) : source_(source) {}

  uint64_t position() const { return position_; }
  uint64_t remaining() const { return source_.size() - position_; }

  /// The next bytes; false, and none of them, where there are not so many.
  bool read(void* out, size_t bytes) {
    if (bytes > remaining()) return false;
    auto* to = static_cast<uint8_t*>(out);
    while (bytes > 0) {
      if (position_ < piece_begin_ || position_ >= piece_begin_ + piece_.size()) fill();
      size_t at = position_ - piece_begin_;
      size_t count = std::min(bytes, piece_.size() - at);
      std::memcpy(to, piece_.data() + at, count);
      to += count;
      position_ += count;
      bytes -= count;
    }
    return true;
  }

 private:
  void fill() {
    constexpr uint64_t piece_bytes = 1 << 16;
    piece_.resize(std::min(piece_bytes, remaining()));
    piece_begin_ = position_;
    source_.read(position_, piece_.data(), piece_.size());
  }

  const ByteSource& source_;
  std::vector<uint8_t> piece_;
  uint64_t piece_begin_ = 0, position_ = 0;
};

}  // namespace mlx::core::io
