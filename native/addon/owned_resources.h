#pragma once

#include <node_api.h>

#include <cstdint>
#include <functional>
#include <unordered_map>

namespace mlx::addon {

/// What JavaScript objects other than arrays own in the engine: compiled functions, functions from
/// files. A FinalizationRegistry hears of dead owners only when the event loop turns, so they are
/// looked for as those of arrays are, and the bytes that they pin count with those of arrays.
class OwnedResources {
 public:
  using Id = uint32_t;

  explicit OwnedResources(napi_env env) : env_(env) {}

  /// `release` is called on this thread once the owner is found dead; not when the environment ends
  /// before.
  Id add(napi_value owner, size_t bytes, std::function<void()> release);
  void set_bytes(Id id, size_t bytes);
  size_t bytes() const { return bytes_; }

  /// Releases what dead objects owned and returns its bytes. When there are many, those that were
  /// looked at before are left to full sweeps.
  size_t sweep(bool all);

 private:
  struct Resource {
    /// Weak.
    napi_ref owner;
    size_t bytes;
    std::function<void()> release;
  };

  bool is_dead(const Resource& resource) const;

  napi_env env_;
  std::unordered_map<Id, Resource> resources_;
  Id last_ = 0;
  /// The largest number that a sweep has seen.
  Id swept_ = 0;
  size_t bytes_ = 0;
};

}  // namespace mlx::addon
