#pragma once

#include <array>
#include <mutex>

#include "cuda/context.h"

namespace mlx::core::cuda {

/// Pinned memory in a few pieces, through which large copies go: the card moves one piece while the
/// processors fill or empty another. Copies from and to ordinary memory alone reach a fifth of
/// that.
class CopyRing {
 public:
  explicit CopyRing(const DeviceContext& context) : context_(context) {}

  /// The host's bytes have been read when this returns; the copy itself is in the stream.
  void copy_in(const void* from, Address to, size_t bytes, Stream stream);
  /// The bytes are there when this returns.
  void copy_out(Address from, void* to, size_t bytes, Stream stream);

 private:
  static constexpr size_t piece_bytes = size_t(4) << 20;

  struct Piece {
    char* host = nullptr;
    /// Done once the last copy from or to it is.
    Event event = nullptr;
    bool is_used = false;
  };

  /// Makes all pieces at the first large copy.
  void prepare();
  void wait_for(Piece& piece);

  const DeviceContext& context_;
  std::mutex mutex_;
  std::array<Piece, 4> pieces_;
  size_t next_ = 0;
};

}  // namespace mlx::core::cuda
