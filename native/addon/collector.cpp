#include "collector.h"

#include <algorithm>
#include <string>

#include "mlx/errors.h"
#include "mlx/memory.h"
#include "runtime/machine_memory.h"

namespace mlx::addon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t smallest_budget = size_t(64) << 20;
constexpr size_t young_slots = 4096;
// Outputs of this size are worth a collection before they are computed, and so are intermediate
// values that are stored only because nobody knows that their objects are dead.
constexpr size_t large_outputs = size_t(4) << 20;
constexpr size_t large_graph = size_t(8) << 20;
// Collections may take this part of the time before the budget grows.
constexpr double time_share = 0.03;
// Without gc, V8 is told of memory in steps of this size.
constexpr int64_t accounting_step = int64_t(4) << 20;
// Sweeps of the old between idle sweeps of the young, when there are many old.
constexpr size_t old_sweep_interval = 16;
constexpr size_t few_slots = 4096;
// Address space that is V8's, whatever the engine needs.
constexpr size_t reserve = size_t(160) << 20;

}  // namespace

Collector::Collector(napi_env env, SlotTable& slots, OwnedResources& resources,
                     FunctionReferences& functions)
    : env_(env),
      slots_(slots),
      resources_(resources),
      functions_(functions),
      budget_(smallest_budget),
      threshold_(smallest_budget),
      young_limit_(young_slots) {}

void Collector::set_gc(napi_value function) {
  if (gc_) return;
  napi_value options, kind;
  napi_create_object(env_, &options);
  napi_create_string_utf8(env_, "minor", NAPI_AUTO_LENGTH, &kind);
  napi_set_named_property(env_, options, "type", kind);
  napi_create_reference(env_, options, 1, &minor_options_);
  napi_create_reference(env_, function, 1, &gc_);
}

size_t Collector::sweep(bool all) {
  size_t freed = slots_.sweep(all);
  return freed + resources_.sweep(all);
}

bool Collector::run_gc(bool minor) {
  if (!gc_) return false;
  functions_.delete_discarded();
  napi_handle_scope handles;
  napi_open_handle_scope(env_, &handles);
  napi_value function, receiver, options, result;
  napi_get_reference_value(env_, gc_, &function);
  napi_get_undefined(env_, &receiver);
  napi_get_reference_value(env_, minor_options_, &options);
  napi_status status =
      napi_call_function(env_, receiver, function, minor ? 1 : 0, &options, &result);
  napi_close_handle_scope(env_, handles);
  ++collections_;
  return status == napi_ok;
}

void Collector::before_evaluation(size_t output_bytes) {
  if (output_bytes > large_outputs || slots_.lazy_bytes() > large_graph) collect_young();
  slots_.forget_lazy_bytes();
}

void Collector::collect_young() {
  if (collecting_ || !gc_) return;
  collecting_ = true;
  run_gc(true);
  sweep(false);
  collecting_ = false;
  collect_old();
  threshold_ = std::max(threshold_, pinned_bytes() + budget_ / 2);
  young_limit_ = slots_.young_count() + young_slots;
}

bool Collector::collect_all() {
  if (collecting_ || !gc_) return false;
  collecting_ = true;
  run_gc(false);
  size_t freed = sweep(true);
  collecting_ = false;
  live_after_full_ = pinned_bytes();
  threshold_ = live_after_full_ + budget_;
  return freed > 0;
}

bool Collector::collect_old() {
  return pinned_bytes() > 2 * live_after_full_ + budget_ && collect_all();
}

void Collector::keep_reserve() {
  auto is_short = [] { return core::address_space_left().value_or(reserve) < reserve; };
  if (!is_short()) return;
  core::clear_cache();
  collect_all();
  core::clear_cache();
  if (!is_short()) return;
  throw core::EngineError(
      "[malloc] Out of memory: the process's address space (ulimit -v) is used up but for a "
      "reserve, with " +
      std::to_string(core::get_active_memory()) + " bytes of arrays in use and a memory limit of " +
      std::to_string(core::get_memory_limit()) +
      " bytes (setMemoryLimit). Hold fewer arrays at a time.");
}

void Collector::collect() {
  if (collecting_) return;
  keep_reserve();
  if (!gc_) return account();
  auto begin = Clock::now();
  size_t before = pinned_bytes();
  // A collection for the number of slots says nothing about a budget of bytes.
  const bool for_bytes = is_over_budget();
  collecting_ = true;
  run_gc(true);
  size_t freed = sweep(false);
  collecting_ = false;
  if (collect_old()) freed = before - pinned_bytes();
  if (for_bytes) adapt(begin, freed, before);
  threshold_ = pinned_bytes() + budget_;
  // What is still young has survived once; the next batch comes on top of it.
  young_limit_ = slots_.young_count() + young_slots;
}

void Collector::adapt(Clock::time_point begin, size_t freed, size_t before) {
  auto end = Clock::now();
  auto spent = end - begin, passed = end - last_end_;
  last_end_ = end;
  // A collection that frees most of what it looked at pays for itself, since buffers stay in the
  // processor's caches; a larger budget helps only while much of it survives.
  const bool productive = 2 * freed > std::min(budget_, before);
  if (productive)
    budget_ = smallest_budget;
  else if (spent > time_share * passed && budget_ <= core::get_memory_limit() / 8)
    budget_ *= 2;
}

void Collector::account() {
  int64_t pinned = int64_t(pinned_bytes());
  if (std::abs(pinned - accounted_) < accounting_step) return;
  int64_t total;
  napi_adjust_external_memory(env_, pinned - accounted_, &total);
  accounted_ = pinned;
  threshold_ = size_t(pinned + accounting_step);
}

void Collector::sweep_idle() {
  bool old = slots_.old_count() < few_slots || ++idle_sweeps_ % old_sweep_interval == 0;
  sweep(old);
  functions_.delete_discarded();
  if (!gc_) account();
}

}  // namespace mlx::addon
