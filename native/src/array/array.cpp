#include "mlx/array.h"

#include <algorithm>

#include "array/axes.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "runtime/device_side.h"

namespace mlx::core {
namespace {

size_t checked_size(const Shape& shape) {
  size_t size = 1;
  for (auto n : shape) {
    if (n < 0) throw ShapeError(concat_text("[array] Negative dimension in shape ", shape, "."));
    // One below the sign bit, and room for 16 bytes an element.
    if (__builtin_mul_overflow(size, size_t(n), &size) || size > (size_t(1) << 58))
      throw ShapeError(concat_text("[array] Shape ", shape, " has too many elements."));
  }
  return size;
}

/// Whether strides describe the dense layout that runs through the axes in this direction.
template <bool row>
bool is_dense(const Shape& shape, const Strides& strides) {
  // Unsigned, since beside a size of 0 the others may have any product.
  uint64_t step = 1;
  size_t n = shape.size();
  for (size_t k = 0; k < n; ++k) {
    size_t i = row ? n - 1 - k : k;
    if (shape[i] != 1 && strides[i] != int64_t(step)) return false;
    step *= uint64_t(shape[i]);
  }
  return true;
}

DeviceSide* device_side_of(const allocator::Buffer& buffer) {
  auto* record = buffer.record();
  return record ? record->device.load(std::memory_order_acquire) : nullptr;
}

/// No GPU has float64. Found where the node is made, since it would be evaluated far from there.
void refuse_float64(Primitive& primitive, Dtype dtype, const std::vector<array>& inputs) {
  auto is_double = [](const array& input) { return input.dtype() == float64; };
  if (dtype != float64 && std::none_of(inputs.begin(), inputs.end(), is_double)) return;
  throw DtypeError(concat_text("[", primitive.name(), "] ", primitive.device(),
                               " has no float64. Use float32, or name the CPU: mx.cpu."));
}

array::Flags dense_flags(const Shape& shape, const Strides& strides) {
  return {true, true, is_dense<false>(shape, strides)};
}

}  // namespace

// ---- The life of nodes

array::ArrayDesc::ArrayDesc(Shape shape_, Dtype dtype_)
    : dtype(dtype_), size(checked_size(shape_)), shape(std::move(shape_)) {
  strides = row_contiguous_strides(shape);
}

array::ArrayDesc* array::make_desc(Shape shape, Dtype dtype) {
  void* memory = detail::take_node_memory(sizeof(ArrayDesc));
  try {
    return new (memory) ArrayDesc(std::move(shape), dtype);
  } catch (...) {
    detail::give_node_memory(memory, sizeof(ArrayDesc));
    throw;
  }
}

void array::destroy(ArrayDesc* desc) {
  // Freeing a node frees its inputs; a list instead of recursion, so that a chain of any length
  // can die without running out of stack.
  thread_local ArrayDesc* waiting = nullptr;
  thread_local bool draining = false;
  desc->next_dead = waiting;
  waiting = desc;
  if (draining) return;
  draining = true;
  while (waiting) {
    ArrayDesc* next = waiting;
    waiting = next->next_dead;
    next->~ArrayDesc();
    detail::give_node_memory(next, sizeof(ArrayDesc));
  }
  draining = false;
}

void array::abandon(ArrayDesc* desc) {
  SiblingGroup* group = desc->group;
  if (!group) return destroy(desc);
  // Only nodes that are still to be computed need a place for their siblings' values.
  if (desc->status.load(std::memory_order_acquire) != unscheduled) desc->data.reset();
  if (group->alive.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    // They are freed with a member, so that a chain of groups can die without recursion too.
    group->members[0]->inputs = std::move(group->inputs);
    for (ArrayDesc* member : group->members) destroy(member);
    delete group;
  }
}

array array::revive(ArrayDesc* desc) {
  if (desc->references.fetch_add(1, std::memory_order_acq_rel) == 0)
    desc->group->alive.fetch_add(1, std::memory_order_acq_rel);
  return array(desc);
}

array& array::operator=(const array& other) & {
  array copy(other);
  std::swap(desc_, copy.desc_);
  return *this;
}

array& array::operator=(array&& other) & noexcept {
  std::swap(desc_, other.desc_);
  return *this;
}

// ---- Making nodes

array::array(Shape shape, Dtype dtype) : desc_(make_desc(std::move(shape), dtype)) {}

array::array(Shape shape, Dtype dtype, std::shared_ptr<Primitive> primitive,
             std::vector<array> inputs)
    : desc_(make_desc(std::move(shape), dtype)) {
  if (detail::in_tracing()) {
    for (auto& input : inputs) desc_->is_tracer |= input.desc_->is_tracer;
  }
  if (primitive && primitive->device().type != Device::cpu) [[unlikely]]
    refuse_float64(*primitive, dtype, inputs);
  desc_->primitive = std::move(primitive);
  desc_->inputs = std::move(inputs);
}

std::vector<array> array::make_arrays(std::vector<Shape> shapes, const std::vector<Dtype>& dtypes,
                                      const std::shared_ptr<Primitive>& primitive,
                                      const std::vector<array>& inputs) {
  if (shapes.size() == 1) return {array(std::move(shapes[0]), dtypes[0], primitive, inputs)};
  if (primitive->device().type != Device::cpu && !dtypes.empty())
    refuse_float64(*primitive, dtypes[0], inputs);
  bool is_tracer = false;
  if (detail::in_tracing())
    for (auto& input : inputs) is_tracer |= input.desc_->is_tracer;
  std::vector<array> outputs;
  outputs.reserve(shapes.size());
  for (size_t i = 0; i < shapes.size(); ++i)
    outputs.push_back(array(std::move(shapes[i]), dtypes[i], primitive, {}));
  if (outputs.empty()) return outputs;
  // One list for all: with a copy for each, a call with hundreds of both would take long.
  std::vector<ArrayDesc*> members;
  for (auto& output : outputs) members.push_back(output.desc_);
  auto* group = new SiblingGroup{std::move(members), inputs, {uint32_t(outputs.size())}};
  for (size_t i = 0; i < outputs.size(); ++i) {
    ArrayDesc* desc = outputs[i].desc_;
    desc->position = uint16_t(i);
    desc->is_tracer = is_tracer;
    desc->group = group;
  }
  return outputs;
}

array::array(allocator::Buffer data, Shape shape, Dtype dtype, Deleter deleter)
    : array(std::move(shape), dtype) {
  set_data(data, std::move(deleter));
  set_status(available);
}

array::array(void* data, Shape shape, Dtype dtype, const std::function<void(void*)>& deleter)
    : array(std::move(shape), dtype) {
  auto buffer = allocator::make_buffer(data, nbytes());
  set_data(buffer, [deleter](allocator::Buffer b) {
    void* pointer = b.raw_ptr();
    allocator::release(b);
    deleter(pointer);
  });
  set_status(available);
}

array array::unsafe_weak_copy(const array& other) {
  array copy(other.shape(), other.dtype());
  ArrayDesc& desc = *copy.desc_;
  desc.data = std::shared_ptr<Data>(std::shared_ptr<Data>(), other.desc_->data.get());
  desc.strides = other.strides();
  desc.flags = other.flags();
  desc.data_size = other.data_size();
  desc.offset = other.offset();
  copy.set_status(available);
  return copy;
}

std::vector<array> array::outputs() const {
  if (!desc_->group) return {*this};
  std::vector<array> outputs;
  outputs.reserve(desc_->group->members.size());
  for (ArrayDesc* member : desc_->group->members) outputs.push_back(revive(member));
  return outputs;
}

std::vector<array> array::siblings() const {
  auto siblings = outputs();
  siblings.erase(siblings.begin() + desc_->position);
  return siblings;
}

void array::set_siblings(const std::vector<array>& siblings, uint16_t position) {
  if (desc_->group) return;
  std::vector<ArrayDesc*> members;
  for (auto& sibling : siblings) members.push_back(sibling.desc_);
  members.insert(members.begin() + std::min<size_t>(position, members.size()), desc_);
  for (ArrayDesc* member : members)
    if (member->group)
      throw std::invalid_argument("[set_siblings] An output has other siblings already.");
  auto* group = new SiblingGroup{members, std::move(desc_->inputs), {uint32_t(members.size())}};
  for (size_t i = 0; i < members.size(); ++i) {
    members[i]->position = uint16_t(i);
    members[i]->inputs = {};
    members[i]->group = group;
  }
}

void array::detach() {
  auto dropped = std::move(inputs());
  inputs() = {};
  desc_->primitive = nullptr;
  if (!desc_->group) return;
  for (ArrayDesc* member : desc_->group->members) member->primitive = nullptr;
}

// ---- Values

void array::eval() {
  if (status() == unscheduled) {
    core::eval(std::vector<array>{*this});
  } else {
    wait();
  }
}

bool array::is_available() const {
  if (status() == available) return true;
  if (status() == evaluated && event().valid() && event().is_signaled() && !event().has_error()) {
    set_status(available);
    return true;
  }
  return false;
}

void array::wait() {
  if (is_available()) return;
  // A copy, because evaluating again after an error attaches another event.
  Event done = event();
  if (done.valid()) done.wait();
  set_status(available);
}

bool array::is_tracer() const {
  return (desc_->is_tracer && detail::in_tracing()) || detail::retain_graph();
}

void check_item(const array& a) {
  if (a.size() != 1)
    throw std::invalid_argument(
        concat_text("[item] Only arrays with one element have an item; this"
                    " one has shape ",
                    a.shape(), "."));
}

array::ArrayIterator::ArrayIterator(const array& source, int index)
    : source_(source), index_(index) {
  if (source.ndim() == 0) throw std::invalid_argument("[array] Cannot iterate over a scalar.");
}

array::ArrayIterator::reference array::ArrayIterator::operator*() const {
  Shape start(source_.ndim(), 0), stop = source_.shape();
  start[0] = index_;
  stop[0] = index_ + 1;
  return squeeze(slice(source_, start, stop), 0);
}

bool array::is_on_host() const {
  DeviceSide* side = desc_->data ? device_side_of(desc_->data->buffer) : nullptr;
  return !side || side->is_on_host();
}

void* array::fetch_host_bytes(bool may_write) const {
  auto& buffer = desc_->data->buffer;
  void* bytes = device_side_of(buffer)->on_host(*buffer.record(), may_write);
  return static_cast<char*>(bytes) + desc_->offset;
}

const void* array::first_element(std::byte (&place)[16]) const {
  DeviceSide* side = desc_->data ? device_side_of(desc_->data->buffer) : nullptr;
  if (!side) return data<void>();
  side->read(*desc_->data->buffer.record(), size_t(desc_->offset), place, itemsize());
  return place;
}

// ---- Buffers and views

void array::allocate() {
  set_data(allocator::malloc(nbytes()));
  set_status(available);
}

void array::set_data(allocator::Buffer buffer, Deleter deleter) {
  ArrayDesc& desc = *desc_;
  desc.data = std::allocate_shared<Data>(detail::NodeAllocator<Data>(), buffer, std::move(deleter));
  desc.data_size = desc.size;
  desc.offset = 0;
  desc.strides = row_contiguous_strides(desc.shape);
  desc.flags = dense_flags(desc.shape, desc.strides);
}

void array::set_data(allocator::Buffer buffer, size_t data_size, Strides strides, Flags flags,
                     Deleter deleter) {
  set_data(buffer, data_size, std::move(strides), flags, 0, std::move(deleter));
}

void array::set_data(allocator::Buffer buffer, size_t data_size, Strides strides, Flags flags,
                     int64_t offset, Deleter deleter) {
  ArrayDesc& desc = *desc_;
  desc.data = std::allocate_shared<Data>(detail::NodeAllocator<Data>(), buffer, std::move(deleter));
  desc.data_size = data_size;
  desc.offset = offset;
  desc.strides = std::move(strides);
  desc.flags = flags;
}

void array::copy_shared_buffer(const array& other, const Strides& strides, Flags flags,
                               size_t data_size, int64_t offset) {
  ArrayDesc& desc = *desc_;
  desc.data = other.desc_->data;
  desc.strides = strides;
  desc.flags = flags;
  desc.data_size = data_size;
  desc.offset = other.desc_->offset + offset * int64_t(itemsize());
}

void array::copy_shared_buffer(const array& other) {
  copy_shared_buffer(other, other.strides(), other.flags(), other.data_size());
}

size_t array::normalize(int dim) const {
  return size_t(axis_in_range(dim, int(ndim()), "[array] "));
}

void array::check_count(size_t count) const {
  if (count != size())
    throw ShapeError(concat_text("[array] ", count, " values were given for shape ", shape(), "."));
}

}  // namespace mlx::core
