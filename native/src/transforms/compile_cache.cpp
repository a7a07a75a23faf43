#include "transforms/compile_cache.h"

#include <utility>

namespace mlx::core {
namespace {

/// Sizes are left out, since some traces serve several.
uint64_t hash_of(const TraceKey& key, const std::vector<Dtype>& dtypes) {
  uint64_t hash = 0xcbf29ce484222325u;
  auto mix = [&](uint64_t value) { hash = (hash ^ value) * 0x100000001b3u; };
  mix(key.function);
  for (uint64_t constant : key.constants) mix(constant);
  mix(uint64_t(key.mode));
  mix(uint64_t(key.stream.index));
  for (auto dtype : dtypes) mix(uint64_t(dtype.val()));
  return hash ^ hash >> 32;
}

std::vector<Dtype> dtypes_of(const std::vector<array>& arrays) {
  std::vector<Dtype> dtypes;
  dtypes.reserve(arrays.size());
  for (auto& a : arrays) dtypes.push_back(a.dtype());
  return dtypes;
}

bool has_dtypes_of(const CompiledTrace& trace, const std::vector<array>& inputs) {
  if (trace.dtypes.size() != inputs.size()) return false;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (trace.dtypes[i] != inputs[i].dtype()) return false;
  return true;
}

bool has_ranks_of(const CompiledTrace& trace, const std::vector<array>& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (trace.shapes[i].size() != inputs[i].ndim()) return false;
  return true;
}

}  // namespace

bool CompiledTrace::has_shapes_of(const std::vector<array>& inputs) const {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (shapes[i] != inputs[i].shape()) return false;
  return true;
}

bool CompiledTrace::serves(const std::vector<array>& inputs) const {
  if (has_shapes_of(inputs)) return true;
  if (is_exact) return false;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!fits_free_axes(inputs[i].shape(), shapes[i], free_axes[i])) return false;
  return true;
}

CompileCache& CompileCache::of_this_thread() {
  thread_local CompileCache cache;
  return cache;
}

std::shared_ptr<CompiledTrace> CompileCache::find(const TraceKey& key,
                                                  const std::vector<array>& inputs) {
  auto [begin, end] = index_.equal_range(hash_of(key, dtypes_of(inputs)));
  for (auto entry = begin; entry != end; ++entry) {
    CompiledTrace& trace = **entry->second;
    if (!(trace.key == key) || !has_dtypes_of(trace, inputs) || !trace.serves(inputs)) continue;
    recent_.splice(recent_.begin(), recent_, entry->second);
    return *entry->second;
  }
  return nullptr;
}

std::shared_ptr<CompiledTrace> CompileCache::find_relative(const TraceKey& key,
                                                           const std::vector<array>& inputs) {
  auto [begin, end] = index_.equal_range(hash_of(key, dtypes_of(inputs)));
  for (auto entry = begin; entry != end; ++entry) {
    CompiledTrace& trace = **entry->second;
    if (!trace.is_exact && trace.key == key && has_dtypes_of(trace, inputs) &&
        has_ranks_of(trace, inputs))
      return *entry->second;
  }
  return nullptr;
}

void CompileCache::insert(std::shared_ptr<CompiledTrace> trace) {
  trace->number = ++last_number_;
  // Destructors drop traces, and may not fail.
  if (records_dropped_) dropped_.reserve(dropped_.size() + recent_.size() + 1);
  recent_.push_front(trace);
  index_.emplace(hash_of(trace->key, trace->dtypes), recent_.begin());
  if (recent_.size() > max_traces) drop(std::prev(recent_.end()));
}

void CompileCache::drop(Traces::iterator trace) {
  auto [begin, end] = index_.equal_range(hash_of((*trace)->key, (*trace)->dtypes));
  for (auto entry = begin; entry != end; ++entry) {
    if (entry->second != trace) continue;
    index_.erase(entry);
    break;
  }
  if (records_dropped_) dropped_.push_back((*trace)->number);
  recent_.erase(trace);
}

void CompileCache::erase(std::uintptr_t function) {
  for (auto trace = recent_.begin(); trace != recent_.end();) {
    auto current = trace++;
    if ((*current)->key.function == function) drop(current);
  }
}

void CompileCache::clear() {
  while (!recent_.empty()) drop(recent_.begin());
}

size_t CompileCache::bytes(std::uintptr_t function) const {
  size_t bytes = 0;
  for (auto& trace : recent_)
    if (trace->key.function == function)
      for (auto& constant : trace->graph.constants) bytes += constant.nbytes();
  return bytes;
}

std::vector<uint64_t> CompileCache::take_dropped() {
  records_dropped_ = true;
  dropped_.reserve(recent_.size());
  std::vector<uint64_t> numbers = dropped_;
  dropped_.clear();
  return numbers;
}

}  // namespace mlx::core
