#include "metal/metal_memory.h"

#include <sys/mman.h>

#include <bit>
#include <mutex>

namespace mlx::core::metal {
namespace {

constexpr size_t largest_piece = size_t(256) << 10, chunk_bytes = size_t(8) << 20;
constexpr size_t chunk_alignment = size_t(2) << 20;

size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

/// Maps more than is needed and gives back what lies before and after the aligned part.
char* map(size_t bytes) {
  size_t mapped = bytes + chunk_alignment;
  void* start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return nullptr;
  char* begin = static_cast<char*>(start);
  size_t before = -reinterpret_cast<uintptr_t>(begin) % chunk_alignment;
  if (before > 0) munmap(begin, before);
  begin += before;
  munmap(begin + bytes, chunk_alignment - before);
  return begin;
}

bool is_piece(size_t bytes) { return bytes <= largest_piece; }

/// Pieces of a size and alignment can replace each other. The size leaves the lowest bits free.
size_t kind_of(size_t bytes, size_t alignment) {
  return round_up(bytes, alignment) | size_t(std::countr_zero(alignment));
}

}  // namespace

SharedMemory::SharedMemory(const ObjectiveC& objc, Id device, size_t most_resources)
    : objc_(objc), device_(device), most_resources_(most_resources) {
  Pool pool(objc);
  Id descriptor_class = objc.get_class("MTLResidencySetDescriptor");
  if (!descriptor_class || !objc.knows(device, objc.new_residency_set)) return;
  Owned descriptor(objc, objc.new_residency_descriptor(descriptor_class));
  residency_set_ = Owned(objc, objc.new_residency_set(device, descriptor.get(), nullptr));
}

SharedMemory::~SharedMemory() {
  while (!chunks_.empty()) remove_chunk(chunks_.begin()->second.begin);
}

SharedMemory::Chunk* SharedMemory::add_chunk(size_t bytes) {
  if (chunks_.size() >= most_resources_) return nullptr;
  bytes = round_up(bytes, limit::page);
  char* begin = map(bytes);
  if (!begin) return nullptr;
  Pool pool(objc_);
  Owned buffer(objc_,
               objc_.new_buffer_over(device_, begin, bytes, value::shared_untracked, nullptr));
  if (!buffer) {
    munmap(begin, bytes);
    return nullptr;
  }
  auto [entry, added] =
      chunks_.emplace(reinterpret_cast<uintptr_t>(begin), Chunk{begin, bytes, std::move(buffer)});
  wire(entry->second);
  return &entry->second;
}

void SharedMemory::remove_chunk(const void* begin) {
  auto found = chunks_.find(reinterpret_cast<uintptr_t>(begin));
  auto& chunk = found->second;
  if (chunk.is_wired) {
    Pool pool(objc_);
    objc_.remove_allocation(residency_set_.get(), chunk.buffer.get());
    objc_.commit_set(residency_set_.get());
    wired_ -= chunk.bytes;
  }
  chunk.buffer = {};
  munmap(chunk.begin, chunk.bytes);
  chunks_.erase(found);
}

void* SharedMemory::allocate(size_t bytes, size_t alignment) {
  std::unique_lock lock(mutex_);
  if (!is_piece(bytes)) {
    Chunk* chunk = add_chunk(bytes);
    return chunk ? chunk->begin : nullptr;
  }
  auto& free = pieces_[kind_of(bytes, alignment)];
  bytes = round_up(bytes, alignment);
  if (!free.empty()) {
    void* piece = free.back();
    free.pop_back();
    return piece;
  }
  auto aligned = [&] {
    return reinterpret_cast<char*>(round_up(reinterpret_cast<uintptr_t>(next_), alignment));
  };
  if (!next_ || aligned() + bytes > end_) {
    // What is left of the last chunk is lost: less than a piece.
    Chunk* chunk = add_chunk(chunk_bytes);
    if (!chunk) return nullptr;
    next_ = chunk->begin;
    end_ = chunk->begin + chunk->bytes;
  }
  char* piece = aligned();
  next_ = piece + bytes;
  return piece;
}

void SharedMemory::free(void* address, size_t bytes, size_t alignment) {
  if (!address) return;
  std::unique_lock lock(mutex_);
  if (is_piece(bytes))
    pieces_[kind_of(bytes, alignment)].push_back(address);
  else
    remove_chunk(address);
}

SharedMemory::Place SharedMemory::find(const void* address) const {
  auto number = reinterpret_cast<uintptr_t>(address);
  std::shared_lock lock(mutex_);
  auto after = chunks_.upper_bound(number);
  if (after == chunks_.begin()) return {};
  auto& [begin, chunk] = *std::prev(after);
  return number - begin < chunk.bytes ? Place{chunk.buffer.get(), number - begin} : Place{};
}

void SharedMemory::wire(Chunk& chunk) {
  if (!residency_set_ || chunk.is_wired || wired_ + chunk.bytes > wired_limit_) return;
  objc_.add_allocation(residency_set_.get(), chunk.buffer.get());
  objc_.commit_set(residency_set_.get());
  objc_.request_residency(residency_set_.get());
  chunk.is_wired = true;
  wired_ += chunk.bytes;
}

void SharedMemory::set_wired_limit(size_t bytes) {
  Pool pool(objc_);
  std::unique_lock lock(mutex_);
  bool is_less = bytes < wired_limit_;
  wired_limit_ = bytes;
  if (is_less && wired_ > 0) {
    for (auto& [begin, chunk] : chunks_) {
      if (chunk.is_wired) objc_.remove_allocation(residency_set_.get(), chunk.buffer.get());
      chunk.is_wired = false;
    }
    objc_.commit_set(residency_set_.get());
    objc_.end_residency(residency_set_.get());
    wired_ = 0;
  }
  for (auto& [begin, chunk] : chunks_) wire(chunk);
}

}  // namespace mlx::core::metal
