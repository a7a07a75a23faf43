#pragma once

#include <node_api.h>

#include <chrono>
#include <span>

#include "js_function.h"
#include "owned_resources.h"
#include "runtime/memory_pressure.h"
#include "slot_table.h"

namespace mlx::addon {

/// Decides when dead JavaScript objects are looked for. V8 doesn't know how large arrays are, and
/// finalizers run only when the event loop turns; so when live slots pin more than a budget, it
/// asks for a collection and sweeps.
class Collector {
 public:
  Collector(napi_env env, SlotTable& slots, OwnedResources& resources,
            FunctionReferences& functions);
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  /// The `gc` function of V8; the first one counts.
  void set_gc(napi_value function);

  /// Called when a slot was made, or a resource began to pin bytes.
  void after_allocation() {
    if (is_over_budget() || slots_.young_count() > young_limit_ || core::is_relief_wanted())
        [[unlikely]]
      collect();
  }
  /// Called when a graph is about to be computed for outputs of this many bytes: what is dead by
  /// then is fused away or donated if it is found. A GPU computes in less time than that takes, so
  /// there it is done only when memory is short.
  void before_evaluation(std::span<const core::array> outputs, size_t host_bytes, size_t gpu_bytes);
  /// Within the budget again, by a minor collection if that is enough.
  void collect();
  /// A minor collection and a sweep of the young.
  void collect_young();
  /// A full collection and a sweep of all; returns whether something was freed.
  bool collect_all();
  /// Without a collection: what V8 found dead by itself.
  void sweep_idle();

  size_t collections() const { return collections_; }

 private:
  /// What a device's live slots may pin until dead ones are looked for.
  struct Budget {
    /// By how much it may grow from one collection to the next.
    size_t growth;
    size_t threshold;
    size_t live_after_full = 0;

    explicit Budget(size_t growth) : growth(growth), threshold(growth) {}
    /// Arrays that wait to be computed hold no memory yet: a collection among them frees nothing.
    bool is_exceeded(size_t pinned, size_t lazy) const { return pinned > threshold + lazy; }
    bool is_full_due(size_t pinned) const { return pinned > 2 * live_after_full + growth; }
  };

  bool is_over_budget() const {
    return host_.is_exceeded(host_bytes(), slots_.on_host().lazy) ||
           gpu_.is_exceeded(gpu_bytes(), slots_.on_gpu().lazy);
  }
  size_t host_bytes() const { return slots_.on_host().all + resources_.bytes(); }
  size_t gpu_bytes() const { return slots_.on_gpu().all; }
  bool is_gpu_short(size_t output_bytes) const;
  /// Objects that got old before they died are found by a full collection only, which is worth its
  /// time when there may be as many as are alive. Returns whether something was freed.
  bool collect_old();
  bool run_gc(bool minor);
  /// Frees what dead objects owned.
  void sweep(bool all);
  /// Throws EngineError when hardly any address space is left (ulimit -v), since V8 ends the
  /// process when it gets none.
  void keep_reserve();
  void adapt(std::chrono::steady_clock::time_point begin, size_t freed, size_t before);
  void account();

  napi_env env_;
  SlotTable& slots_;
  OwnedResources& resources_;
  FunctionReferences& functions_;
  napi_ref gc_ = nullptr;
  napi_ref minor_options_ = nullptr;
  Budget host_, gpu_;
  /// Young slots at which to collect, so that what tiny arrays touch stays in the caches.
  size_t young_limit_;
  size_t collections_ = 0;
  size_t idle_sweeps_ = 0;
  /// Bytes that V8 was told of, where there is no gc function.
  int64_t accounted_ = 0;
  bool collecting_ = false;
  std::chrono::steady_clock::time_point last_end_ = std::chrono::steady_clock::now();
};

}  // namespace mlx::addon
