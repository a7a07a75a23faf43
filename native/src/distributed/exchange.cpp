#include "distributed/exchange.h"

#include <algorithm>
#include <set>

namespace mlx::core::distributed {

Exchange::~Exchange() {
  bool is_open = false;
  for (auto& entry : transfers_) {
    if (entry.is_done) continue;
    is_open = true;
    transport_.abandon(entry.transfer);
  }
  // The other process may still write there.
  if (is_open) new std::vector(std::move(kept_));
}

std::byte* Exchange::allocate(size_t bytes) {
  std::shared_ptr<std::byte[]> memory(new std::byte[bytes]);
  auto* first = memory.get();
  keep(std::move(memory));
  return first;
}

void Exchange::send(int peer, int to, int tag, const void* bytes, size_t count) {
  size_t begin = 0;
  do {
    size_t part = std::min(count - begin, Transport::largest_message);
    auto* first = static_cast<const std::byte*>(bytes) + begin;
    transfers_.push_back({transport_.send(to, tag, first, part), peer, false});
    begin += part;
  } while (begin < count);
}

void Exchange::receive(int peer, int from, int tag, void* bytes, size_t count) {
  size_t begin = 0;
  do {
    size_t part = std::min(count - begin, Transport::largest_message);
    auto* first = static_cast<std::byte*>(bytes) + begin;
    transfers_.push_back({transport_.receive(from, tag, first, part), peer, false});
    begin += part;
  } while (begin < count);
}

/// Whether one more message is done.
bool Exchange::poll(size_t end) {
  bool moved = false;
  // Those behind the end are looked at too: any of them shows that a process lives.
  for (size_t i = first_open_; i < transfers_.size(); ++i) {
    auto& entry = transfers_[i];
    if (entry.is_done) continue;
    entry.is_done = transport_.is_done(entry.transfer);
    moved |= entry.is_done;
  }
  while (first_open_ < end && transfers_[first_open_].is_done) ++first_open_;
  return moved;
}

bool Exchange::wait(size_t count) {
  Patience patience;
  while (first_open_ < count) {
    if (poll(count))
      patience.reset();
    else if (!patience.pass())
      return false;
  }
  return true;
}

std::vector<int> Exchange::late_peers() const {
  std::set<int> peers;
  for (auto& entry : transfers_)
    if (!entry.is_done) peers.insert(entry.peer);
  return {peers.begin(), peers.end()};
}

}  // namespace mlx::core::distributed
