#include "owned_resources.h"

#include <stdexcept>
#include <utility>

namespace mlx::addon {
namespace {

constexpr size_t few = 1024;

}  // namespace

OwnedResources::Id OwnedResources::add(napi_value owner, size_t bytes,
                                       std::function<void()> release) {
  Resource resource{nullptr, bytes, std::move(release)};
  if (napi_create_reference(env_, owner, 0, &resource.owner) != napi_ok)
    throw std::invalid_argument("[resource] Expected an object that owns it.");
  resources_.emplace(++last_, std::move(resource));
  bytes_ += bytes;
  return last_;
}

void OwnedResources::set_bytes(Id id, size_t bytes) {
  auto found = resources_.find(id);
  if (found == resources_.end()) return;
  bytes_ += bytes - std::exchange(found->second.bytes, bytes);
}

bool OwnedResources::is_dead(const Resource& resource) const {
  napi_handle_scope handles;
  napi_open_handle_scope(env_, &handles);
  napi_value owner = nullptr;
  napi_get_reference_value(env_, resource.owner, &owner);
  napi_close_handle_scope(env_, handles);
  return owner == nullptr;
}

size_t OwnedResources::sweep(bool all) {
  size_t freed = 0;
  // One by one: a list of the dead would need memory, of which there may be none left.
  auto look_at = [&](auto entry) {
    if (!is_dead(entry->second)) return std::next(entry);
    Resource dead = std::move(entry->second);
    auto next = resources_.erase(entry);
    freed += dead.bytes;
    bytes_ -= dead.bytes;
    napi_delete_reference(env_, dead.owner);
    dead.release();
    return next;
  };
  if (all || resources_.size() <= few) {
    for (auto entry = resources_.begin(); entry != resources_.end();) entry = look_at(entry);
  } else {
    for (Id id = swept_ + 1; id <= last_; ++id)
      if (auto entry = resources_.find(id); entry != resources_.end()) look_at(entry);
  }
  swept_ = last_;
  return freed;
}

}  // namespace mlx::addon
