#include "cuda/copy_ring.h"

#include <algorithm>
#include <cstring>

#include "runtime/thread_pool.h"

namespace mlx::core::cuda {
namespace {

// The driver has pinned memory of its own for copies up to here.
constexpr size_t small_copy = 64 * 1024;
// A processor's core copies this in about 20 us.
constexpr size_t copy_grain = 256 * 1024;

void copy_on_host(char* to, const char* from, size_t bytes) {
  parallel_for(bytes, copy_grain, [&](size_t begin, size_t end) {
    std::memcpy(to + begin, from + begin, end - begin);
  });
}

}  // namespace

void CopyRing::prepare() {
  if (pieces_.front().host) return;
  auto& driver = context_.driver();
  void* memory = nullptr;
  context_.check(driver.host_allocate(&memory, pieces_.size() * piece_bytes, host_memory_portable),
                 "allocating pinned memory");
  for (auto& piece : pieces_)
    context_.check(driver.event_create(&piece.event, event_disable_timing), "making an event");
  for (size_t i = 0; i < pieces_.size(); ++i)
    pieces_[i].host = static_cast<char*>(memory) + i * piece_bytes;
}

void CopyRing::wait_for(Piece& piece) {
  if (!piece.is_used) return;
  context_.check(context_.driver().event_synchronize(piece.event), "copying");
  piece.is_used = false;
}

void CopyRing::copy_in(const void* from, Address to, size_t bytes, Stream stream) {
  auto& driver = context_.driver();
  constexpr auto what = "copying to the GPU";
  if (bytes <= small_copy) {
    context_.check(driver.copy_in(to, from, bytes, stream), what);
    return;
  }
  std::lock_guard lock(mutex_);
  prepare();
  for (size_t at = 0; at < bytes; at += piece_bytes) {
    auto& piece = pieces_[next_++ % pieces_.size()];
    size_t count = std::min(piece_bytes, bytes - at);
    wait_for(piece);
    copy_on_host(piece.host, static_cast<const char*>(from) + at, count);
    context_.check(driver.copy_in(to + at, piece.host, count, stream), what);
    context_.check(driver.event_record(piece.event, stream), what);
    piece.is_used = true;
  }
}

void CopyRing::copy_out(Address from, void* to, size_t bytes, Stream stream) {
  auto& driver = context_.driver();
  constexpr auto what = "copying from the GPU";
  if (bytes <= small_copy) {
    context_.check(driver.copy_out(to, from, bytes, stream), what);
    context_.check(driver.stream_synchronize(stream), what);
    return;
  }
  std::lock_guard lock(mutex_);
  prepare();
  size_t pieces = (bytes + piece_bytes - 1) / piece_bytes, ahead = pieces_.size() - 1,
         first = next_;
  auto piece_of = [&](size_t i) -> Piece& { return pieces_[(first + i) % pieces_.size()]; };
  auto count_of = [&](size_t i) { return std::min(piece_bytes, bytes - i * piece_bytes); };
  for (size_t i = 0; i < pieces + ahead; ++i) {
    if (i < pieces) {
      auto& piece = piece_of(i);
      wait_for(piece);
      context_.check(driver.copy_out(piece.host, from + i * piece_bytes, count_of(i), stream),
                     what);
      context_.check(driver.event_record(piece.event, stream), what);
      piece.is_used = true;
    }
    if (i < ahead) continue;
    size_t done = i - ahead;
    wait_for(piece_of(done));
    copy_on_host(static_cast<char*>(to) + done * piece_bytes, piece_of(done).host, count_of(done));
  }
  next_ = first + pieces;
}

}  // namespace mlx::core::cuda
