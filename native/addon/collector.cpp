#include "collector.h"

#include <algorithm>
#include <string>

#include "graph/graph_walk.h"
#include "mlx/errors.h"
#include "runtime/caching_allocator.h"
#include "runtime/gpu_memory.h"
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
// The part of a GPU's memory that may be pinned by what is dead, and that is left when it is short.
constexpr size_t gpu_budget_part = 16;
// Address space that is V8's, whatever the engine needs.
constexpr size_t reserve = size_t(160) << 20;

/// Bytes of the values that are still missing for some outputs, counted until they are too many.
size_t graph_bytes(std::span<const core::array> outputs, size_t most) {
  size_t bytes = 0;
  core::topological_order({outputs.begin(), outputs.end()}, [&](const core::array& a) {
    if (a.status() != core::array::unscheduled || bytes > most) return false;
    bytes += a.nbytes();
    return true;
  });
  return bytes;
}

}  // namespace

Collector::Collector(napi_env env, SlotTable& slots, OwnedResources& resources,
                     FunctionReferences& functions)
    : env_(env),
      slots_(slots),
      resources_(resources),
      functions_(functions),
      host_(smallest_budget),
      gpu_(smallest_budget),
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

void Collector::sweep(bool all) {
  slots_.sweep(all);
  resources_.sweep(all);
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

bool Collector::is_gpu_short(size_t output_bytes) const {
  size_t limit = core::gpu_memory::known_limit();
  size_t used = core::gpu_memory::active() + core::pending_device_memory();
  return limit > 0 && used + output_bytes > limit - limit / gpu_budget_part;
}

void Collector::before_evaluation(std::span<const core::array> outputs, size_t host_bytes,
                                  size_t gpu_bytes) {
  bool is_large = host_bytes > large_outputs || (gpu_bytes > 0 && is_gpu_short(gpu_bytes));
  if (!is_large && slots_.on_host().lazy > large_graph) {
    // Most of it may belong to a graph that is still being built: a collection would only make its
    // objects old, and nobody would know of their death when it is evaluated.
    slots_.recount_lazy_bytes();
    if (slots_.on_host().lazy > large_graph) host_bytes = graph_bytes(outputs, large_graph);
    is_large = host_bytes > large_graph;
  }
  if (!is_large) return slots_.take_lazy_bytes(host_bytes);
  collect_young();
  slots_.forget_lazy_bytes();
}

void Collector::collect_young() {
  if (collecting_ || !gc_) return;
  collecting_ = true;
  run_gc(true);
  sweep(false);
  collecting_ = false;
  collect_old();
  host_.threshold = std::max(host_.threshold, host_bytes() + host_.growth / 2);
  gpu_.threshold = std::max(gpu_.threshold, gpu_bytes() + gpu_.growth / 2);
  young_limit_ = slots_.young_count() + young_slots;
}

bool Collector::collect_all() {
  if (collecting_ || !gc_) return false;
  size_t before = host_bytes() + gpu_bytes();
  collecting_ = true;
  run_gc(false);
  sweep(true);
  collecting_ = false;
  for (auto [budget, pinned] : {std::pair(&host_, host_bytes()), {&gpu_, gpu_bytes()}}) {
    budget->live_after_full = pinned;
    budget->threshold = pinned + budget->growth;
  }
  return host_bytes() + gpu_bytes() < before;
}

bool Collector::collect_old() {
  bool is_due = host_.is_full_due(host_bytes()) || gpu_.is_full_due(gpu_bytes());
  return is_due && collect_all();
}

void Collector::keep_reserve() {
  auto& memory = core::allocator::caching_allocator();
  auto is_short = [] { return core::address_space_left().value_or(reserve) < reserve; };
  if (!is_short()) return;
  memory.clear_cache();
  collect_all();
  memory.clear_cache();
  if (!is_short()) return;
  throw core::EngineError(
      "[malloc] Out of memory: the process's address space (ulimit -v) is used up but for a "
      "reserve, with " +
      std::to_string(memory.active_memory()) + " bytes of arrays in use and a memory limit of " +
      std::to_string(memory.memory_limit()) +
      " bytes (setMemoryLimit). Hold fewer arrays at a time.");
}

void Collector::collect() {
  if (collecting_) return;
  keep_reserve();
  if (!gc_) return account();
  core::answer_relief_requests();
  // It depends on what the card has free, which is known once it is used.
  gpu_.growth = std::max(smallest_budget, core::gpu_memory::known_limit() / gpu_budget_part);
  auto begin = Clock::now();
  size_t before = host_bytes();
  // A collection for the number of slots says nothing about a budget of bytes.
  const bool for_bytes = host_.is_exceeded(before, slots_.on_host().lazy);
  collecting_ = true;
  run_gc(true);
  sweep(false);
  collecting_ = false;
  collect_old();
  if (for_bytes) adapt(begin, before - std::min(before, host_bytes()), before);
  host_.threshold = host_bytes() + host_.growth;
  gpu_.threshold = gpu_bytes() + gpu_.growth;
  // What is still young has survived once; the next batch comes on top of it.
  young_limit_ = slots_.young_count() + young_slots;
}

void Collector::adapt(Clock::time_point begin, size_t freed, size_t before) {
  auto end = Clock::now();
  auto spent = end - begin, passed = end - last_end_;
  last_end_ = end;
  // A collection that frees most of what it looked at pays for itself, since buffers stay in the
  // processor's caches; a larger budget helps only while much of it survives.
  const bool productive = 2 * freed > std::min(host_.growth, before);
  const size_t limit = core::allocator::caching_allocator().memory_limit();
  if (productive)
    host_.growth = smallest_budget;
  else if (spent > time_share * passed && host_.growth <= limit / 8)
    host_.growth *= 2;
}

void Collector::account() {
  int64_t pinned = int64_t(host_bytes() + gpu_bytes());
  if (std::abs(pinned - accounted_) < accounting_step) return;
  int64_t total;
  napi_adjust_external_memory(env_, pinned - accounted_, &total);
  accounted_ = pinned;
  host_.threshold = host_bytes() + size_t(accounting_step);
  gpu_.threshold = gpu_bytes() + size_t(accounting_step);
}

void Collector::sweep_idle() {
  bool old = slots_.old_count() < few_slots || ++idle_sweeps_ % old_sweep_interval == 0;
  sweep(old);
  functions_.delete_discarded();
  if (!gc_) account();
}

}  // namespace mlx::addon
