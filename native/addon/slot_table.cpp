#include "slot_table.h"

#include <algorithm>
#include <stdexcept>

#include "mlx/primitives.h"
#include "runtime/gpu_memory.h"

namespace mlx::addon {
namespace {

// A node, its weak reference and its JavaScript object; so that tiny arrays count too.
constexpr size_t bytes_per_slot = 512;
// Below this it doesn't matter whether an array is a view.
constexpr size_t small_array = size_t(1) << 20;
// Sweeps that an array survives before it is looked at in full collections only.
constexpr uint8_t young_sweeps = 2;
// References read within one handle scope.
constexpr size_t handles_per_scope = 1024;

size_t estimate_bytes(const array& a) {
  size_t bytes = a.nbytes();
  if (bytes > small_array) {
    if (a.status() != array::unscheduled) {
      bytes = std::min(bytes, a.data_size() * a.itemsize());
    } else if (a.has_primitive() && a.primitive().role() == core::Primitive::Role::broadcast) {
      bytes = 0;
    }
  }
  return bytes + bytes_per_slot;
}

bool is_on_gpu(const array& a) {
  // Nobody who has no GPU pays for the question.
  if (core::gpu_memory::known_limit() == 0) return false;
  if (a.status() != array::available && a.has_primitive())
    return a.primitive().stream().device.type == core::Device::gpu;
  return a.data_shared_ptr() && !a.is_on_host();
}

}  // namespace

void SlotTable::count(Slot& slot, const array& value) {
  slot.bytes = estimate_bytes(value);
  slot.on_gpu = is_on_gpu(value);
  pinned_[slot.on_gpu].all += slot.bytes;
}

void SlotTable::add_free_slot() {
  if (slots_.size() == slots_.capacity()) {
    const size_t more = 2 * slots_.size();
    // Each list has room for all slots, so that sweeping needs no memory.
    for (auto* list : {&free_, &young_, &old_}) list->reserve(more);
    slots_.reserve(more);
  }
  free_.push_back(SlotId(slots_.size()));
  slots_.emplace_back();
}

SlotId SlotTable::allocate(array value) {
  if (free_.empty()) add_free_slot();
  const SlotId id = free_.back();
  if (scope_) [[unlikely]]
    if (Scope* scope = find_scope(scope_)) scope->made.push_back(id);
  free_.pop_back();
  Slot& slot = slots_[id];
  count(slot, value);
  if (value.status() == array::unscheduled) pinned_[slot.on_gpu].lazy += slot.bytes;
  slot.value = std::move(value);
  slot.state = SlotState::live;
  slot.sweeps_survived = 0;
  slot.scope = scope_;
  slot.trace = trace_;
  ++live_count_;
  return id;
}

SlotId SlotTable::make(array value, napi_value object) {
  SlotId id = allocate(std::move(value));
  attach(id, object);
  return id;
}

SlotId SlotTable::make_unattached(array value) { return allocate(std::move(value)); }

void SlotTable::attach(SlotId id, napi_value object) {
  if (napi_create_reference(env_, object, 0, &slots_[id].reference) != napi_ok) {
    free(id);
    throw std::invalid_argument("[array] The result needs an object to hold it.");
  }
  young_.push_back(id);
}

void SlotTable::assign(SlotId id, array value) {
  at(id);
  Slot& slot = slots_[id];
  pinned_[slot.on_gpu].all -= slot.bytes;
  count(slot, value);
  slot.value = std::move(value);
  slot.trace = trace_;
}

void SlotTable::release(SlotId id, SlotState state) {
  Slot& slot = slots_[id];
  if (slot.state != SlotState::live) return;
  slot.value.reset();
  slot.state = state;
  pinned_[slot.on_gpu].all -= slot.bytes;
  slot.bytes = 0;
  --live_count_;
}

void SlotTable::free(SlotId id) {
  Slot& slot = slots_[id];
  if (slot.reference) napi_delete_reference(env_, slot.reference);
  slot.reference = nullptr;
  release(id);
  slot.state = SlotState::empty;
  slot.scope = 0;
  free_.push_back(id);
}

void SlotTable::sweep_list(std::vector<SlotId>& list, std::vector<SlotId>* promoted) {
  size_t kept = 0;
  for (size_t begin = 0; begin < list.size(); begin += handles_per_scope) {
    napi_handle_scope handles;
    napi_open_handle_scope(env_, &handles);
    size_t end = std::min(list.size(), begin + handles_per_scope);
    for (size_t i = begin; i < end; ++i) {
      SlotId id = list[i];
      napi_value object = nullptr;
      napi_get_reference_value(env_, slots_[id].reference, &object);
      if (!object) {
        free(id);
      } else if (promoted && ++slots_[id].sweeps_survived >= young_sweeps) {
        promoted->push_back(id);
      } else {
        list[kept++] = id;
      }
    }
    napi_close_handle_scope(env_, handles);
  }
  list.resize(kept);
}

void SlotTable::sweep(bool all) {
  if (all) sweep_list(old_, nullptr);
  forget_lazy_bytes();
  sweep_list(young_, &old_);
}

void SlotTable::recount_lazy_bytes() {
  forget_lazy_bytes();
  for (auto& slot : slots_)
    if (slot.state == SlotState::live && slot.value->status() == array::unscheduled)
      pinned_[slot.on_gpu].lazy += slot.bytes;
}

SlotTable::Scope* SlotTable::find_scope(uint32_t id) {
  // Scopes nest, so the one looked for is nearly always the last.
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (scope->id == id) return &*scope;
  return nullptr;
}

uint32_t SlotTable::open_scope(uint32_t parent) {
  scopes_.push_back({++last_scope_, parent, {}});
  return last_scope_;
}

void SlotTable::close_scope(uint32_t id, const std::vector<SlotId>& kept) {
  Scope* found = find_scope(id);
  if (!found) return;
  Scope scope = std::move(*found);
  scopes_.erase(scopes_.begin() + (found - scopes_.data()));
  if (scope_ == id) scope_ = scope.parent;
  Scope* parent = scope.parent ? find_scope(scope.parent) : nullptr;
  for (SlotId slot : kept) {
    if (slot >= slots_.size() || slots_[slot].scope != id) continue;
    slots_[slot].scope = parent ? scope.parent : 0;
    if (parent) parent->made.push_back(slot);
  }
  // A collected array's slot may have gone to another, which then has another scope.
  for (SlotId slot : scope.made)
    if (slots_[slot].scope == id) release(slot);
}

void SlotTable::throw_missing(SlotId id) const {
  switch (state(id)) {
    case SlotState::released:
      throw std::invalid_argument(
          "[array] This array was released by dispose, using or tidy; its value is gone. Return it "
          "from tidy, or dispose of it later.");
    case SlotState::leaked:
      throw std::invalid_argument(
          "[array] This array was made while vmap or compile traced a function and has no value "
          "outside of it. Return it from the function instead of storing it, or give compile the "
          "state that holds it as `outputs`.");
    default:
      throw std::invalid_argument("[array] This is not an array of this environment.");
  }
}

}  // namespace mlx::addon
