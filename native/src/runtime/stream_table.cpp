#include "runtime/stream_table.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "runtime/gpu_device.h"

namespace mlx::core {

Stream StreamTable::create(const Device& device) {
  if (!is_available(device)) {
    std::ostringstream message;
    message << "[new_stream] " << device << " is not available: " << why_unavailable(device) << ".";
    throw std::invalid_argument(message.str());
  }
  std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    // One that isn't idle may be held up by work that its last owner left behind.
    if (entry.dropped && entry.stream.device == device && entry.queue->is_idle()) {
      entry.dropped = false;
      return entry.stream;
    }
  }
  Stream stream(int(entries_.size()), device);
  entries_.push_back({stream, false, std::make_unique<scheduler::StreamQueue>()});
  return stream;
}

void StreamTable::drop(const Stream& stream) {
  std::lock_guard lock(mutex_);
  entries_.at(stream.index).dropped = true;
}

Stream StreamTable::get(int index) const {
  std::lock_guard lock(mutex_);
  if (index < 0 || size_t(index) >= entries_.size() || entries_[index].dropped)
    throw std::out_of_range("[get_stream] There is no stream " + std::to_string(index) + ".");
  return entries_[index].stream;
}

std::vector<Stream> StreamTable::all() const {
  std::lock_guard lock(mutex_);
  std::vector<Stream> streams;
  for (const Entry& entry : entries_)
    if (!entry.dropped) streams.push_back(entry.stream);
  return streams;
}

scheduler::StreamQueue& StreamTable::queue(const Stream& stream) const {
  std::lock_guard lock(mutex_);
  if (stream.index < 0 || size_t(stream.index) >= entries_.size())
    throw std::out_of_range("[stream] There is no stream " + std::to_string(stream.index) + ".");
  return *entries_[stream.index].queue;
}

// Leaked: other threads may still use it while the process exits.
StreamTable& stream_table() {
  static StreamTable& table = *new StreamTable;
  return table;
}

}  // namespace mlx::core
