#include "fake_dispatch.h"

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fake_objc.h"

namespace fake_dispatch {
namespace {

using fake_objc::misuse;

struct Source {
  uintptr_t mask = 0, data = 0;
  void *context = nullptr, *context_of_handler = nullptr;
  void (*handler)(void*) = nullptr;
  void (*finalizer)(void*) = nullptr;
  bool is_active = false, is_cancelled = false, is_in_handler = false;
  std::atomic<int> references{1};
};

const char memory_pressure_type = 0;
std::atomic<bool> is_present{true};
std::mutex mutex;
std::vector<Source*> sources;

Source* create(const void* type, uintptr_t handle, uintptr_t mask, void* queue) {
  if (type != &memory_pressure_type || handle != 0 || mask == 0 || (mask & ~uintptr_t(7)) || queue)
    misuse("a dispatch source is asked for that is not of memory's pressure.");
  auto* source = new Source;
  source->mask = mask;
  std::lock_guard lock(mutex);
  sources.push_back(source);
  return source;
}

void set_context(Source* source, void* context) { source->context = context; }
void set_finalizer(Source* source, void (*finalizer)(void*)) { source->finalizer = finalizer; }
void set_handler(Source* source, void (*handler)(void*)) {
  source->handler = handler;
  source->context_of_handler = source->context;
}
void activate(Source* source) {
  if (source->is_active || !source->handler)
    misuse("a dispatch source is activated twice, or without a handler.");
  source->is_active = true;
}
void cancel(Source* source) { source->is_cancelled = true; }
uintptr_t data_of(Source* source) {
  if (!source->is_in_handler) misuse("a dispatch source is asked for data outside its handler.");
  return source->data;
}

void release(Source* source) {
  if (--source->references > 0) return;
  if (!source->is_active) misuse("a dispatch source goes that was never activated.");
  {
    std::lock_guard lock(mutex);
    std::erase(sources, source);
  }
  if (source->finalizer) source->finalizer(source->context);
  delete source;
}

}  // namespace

void* find_symbol(const char* name) {
  if (!is_present) return nullptr;
  static const auto& symbols = *new std::map<std::string, void*>{
      {"_dispatch_source_type_memorypressure", const_cast<char*>(&memory_pressure_type)},
      {"dispatch_source_create", reinterpret_cast<void*>(create)},
      {"dispatch_source_set_event_handler_f", reinterpret_cast<void*>(set_handler)},
      {"dispatch_source_get_data", reinterpret_cast<void*>(data_of)},
      {"dispatch_source_cancel", reinterpret_cast<void*>(cancel)},
      {"dispatch_set_context", reinterpret_cast<void*>(set_context)},
      {"dispatch_set_finalizer_f", reinterpret_cast<void*>(set_finalizer)},
      {"dispatch_activate", reinterpret_cast<void*>(activate)},
      {"dispatch_release", reinterpret_cast<void*>(release)}};
  auto found = symbols.find(name);
  return found == symbols.end() ? nullptr : found->second;
}

void set_presence(bool is_there) { is_present = is_there; }

void tell(uintptr_t events) {
  std::vector<Source*> told;
  {
    std::lock_guard lock(mutex);
    for (Source* source : sources)
      if (source->is_active && !source->is_cancelled && (source->mask & events)) {
        ++source->references;
        told.push_back(source);
      }
  }
  // As a queue of the system's would, on a thread that is none of the program's.
  std::thread([&] {
    for (Source* source : told) {
      source->data = source->mask & events;
      source->is_in_handler = true;
      source->handler(source->context_of_handler);
      source->is_in_handler = false;
      release(source);
    }
  }).join();
}

int live_sources() {
  std::lock_guard lock(mutex);
  return int(sources.size());
}

}  // namespace fake_dispatch
