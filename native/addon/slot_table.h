#pragma once

#include <node_api.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "mlx/array.h"

namespace mlx::addon {

using core::array;

/// Number of a slot; 0 is none.
using SlotId = uint32_t;

enum class SlotState : uint8_t {
  empty,
  live,
  /// The payload was dropped by dispose, using or tidy while the JavaScript object lives on.
  released,
  /// A value that existed only while vmap or compile traced a function.
  leaked,
};

struct Slot {
  std::optional<array> value;
  /// Weak; null until a JavaScript object is attached.
  napi_ref reference = nullptr;
  /// What the collector counts for it.
  size_t bytes = 0;
  /// The innermost tidy scope that made it, 0 for none.
  uint32_t scope = 0;
  /// The serial number of the latest trace when it was made or assigned.
  uint32_t trace = 0;
  SlotState state = SlotState::empty;
  uint8_t sweeps_survived = 0;
  /// Whether its bytes are, or will be, a GPU's.
  bool on_gpu = false;
};

/// What slots hold on the host, or on a GPU.
struct PinnedBytes {
  size_t all = 0;
  /// Of arrays that were made without values since the last sweep, less what was evaluated.
  size_t lazy = 0;
};

/// The arrays that JavaScript holds. Each JavaScript object owns one slot until it is collected,
/// so a number never comes to mean another array while its object lives.
class SlotTable {
 public:
  explicit SlotTable(napi_env env) : env_(env), slots_(1) {}

  /// A slot for an array that `object` stands for.
  SlotId make(array value, napi_value object);
  /// A slot whose object is attached later.
  SlotId make_unattached(array value);
  void attach(SlotId id, napi_value object);

  /// The array, or an error that tells why there is none.
  const array& at(SlotId id) const {
    if (id < slots_.size() && slots_[id].state == SlotState::live) return *slots_[id].value;
    throw_missing(id);
  }
  SlotState state(SlotId id) const {
    return id < slots_.size() ? slots_[id].state : SlotState::empty;
  }
  /// Gives the slot another array.
  void assign(SlotId id, array value);
  /// Drops the payload; the slot stays until its object is collected.
  void release(SlotId id, SlotState state = SlotState::released);

  /// Frees the slots of collected objects: the young ones, or all.
  void sweep(bool all);

  const PinnedBytes& on_host() const { return pinned_[0]; }
  const PinnedBytes& on_gpu() const { return pinned_[1]; }
  void forget_lazy_bytes() { pinned_[0].lazy = pinned_[1].lazy = 0; }
  /// Counts those bytes anew, from the arrays that still have no values.
  void recount_lazy_bytes();
  /// So many of the host's will soon be values; all of the GPUs' count as evaluated.
  void take_lazy_bytes(size_t host_bytes) {
    pinned_[0].lazy -= std::min(pinned_[0].lazy, host_bytes);
    pinned_[1].lazy = 0;
  }
  size_t live_count() const { return live_count_; }
  size_t young_count() const { return young_.size(); }
  size_t old_count() const { return old_.size(); }

  // ---- Scopes of tidy

  uint32_t open_scope(uint32_t parent);
  void set_scope(uint32_t scope) { scope_ = scope; }
  uint32_t scope() const { return scope_; }
  /// Releases what the scope made, but for `kept`, which its parent takes over.
  void close_scope(uint32_t scope, const std::vector<SlotId>& kept);

  // ---- Traces

  /// Begins a trace; what is made or assigned from now on carries at least this number.
  uint32_t begin_trace() { return ++trace_; }
  uint32_t trace() const { return trace_; }
  /// Calls visit with the number and array of each live slot touched since a trace began.
  template <typename Visit>
  void for_each_since(uint32_t trace, Visit&& visit) {
    for (SlotId id = 1; id < slots_.size(); ++id)
      if (slots_[id].state == SlotState::live && slots_[id].trace >= trace)
        visit(id, *slots_[id].value);
  }

 private:
  struct Scope {
    uint32_t id;
    uint32_t parent;
    std::vector<SlotId> made;
  };

  void add_free_slot();
  SlotId allocate(array value);
  void free(SlotId id);
  void count(Slot& slot, const array& value);
  void sweep_list(std::vector<SlotId>& list, std::vector<SlotId>* promoted);
  Scope* find_scope(uint32_t id);
  [[noreturn]] void throw_missing(SlotId id) const;

  napi_env env_;
  std::vector<Slot> slots_;
  std::vector<SlotId> free_, young_, old_;
  std::vector<Scope> scopes_;
  /// By Slot::on_gpu.
  PinnedBytes pinned_[2];
  size_t live_count_ = 0;
  uint32_t scope_ = 0;
  uint32_t last_scope_ = 0;
  uint32_t trace_ = 0;
};

}  // namespace mlx::addon
