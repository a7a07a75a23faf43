#include "array/raw_booleans.h"
#include "runtime/caching_allocator.h"

#include <cstring>

namespace mlx::core {
namespace {

/// What marks a buffer.
struct FreeRawBooleans {
  void operator()(allocator::Buffer buffer) const { allocator::free(buffer); }
};

}  // namespace

bool has_raw_booleans(const array& a) {
  return a.dtype() == bool_ && a.data_shared_ptr() &&
         a.data_shared_ptr()->deleter.target<FreeRawBooleans>();
}

void mark_raw_booleans(array& view) {
  const auto* bytes = view.data<uint8_t>();
  uint8_t seen = 0;
  for (size_t i = 0; i < view.size(); ++i) seen |= bytes[i];
  if (seen <= 1) return;
  // The buffer may be shared with arrays on other threads.
  auto buffer = allocator::malloc(view.size());
  std::memcpy(buffer.raw_ptr(), bytes, view.size());
  view.set_data(buffer, FreeRawBooleans{});
}

void mark_copy_of_raw_booleans(array& copy) { copy.data_shared_ptr()->deleter = FreeRawBooleans{}; }

array plain_booleans(const array& a) {
  if (!has_raw_booleans(a)) return a;
  // The whole buffer, so that any strides fit.
  size_t size = allocator::caching_allocator().bytes_asked_for(a.buffer());
  auto buffer = allocator::malloc(size);
  const auto* from = static_cast<const uint8_t*>(a.buffer().raw_ptr());
  auto* to = static_cast<uint8_t*>(buffer.raw_ptr());
  for (size_t i = 0; i < size; ++i) to[i] = from[i] != 0;
  array plain(a.shape(), bool_, nullptr, {});
  plain.copy_shared_buffer(array(buffer, Shape{1}, bool_), a.strides(), a.flags(), a.data_size(),
                           a.offset());
  plain.set_status(array::available);
  return plain;
}

}  // namespace mlx::core
