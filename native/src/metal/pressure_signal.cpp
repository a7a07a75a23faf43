#include "metal/pressure_signal.h"

#include <memory>
#include <utility>

namespace mlx::core::metal {
namespace {

/// What the source has; it goes with the source, which a call that has begun keeps.
struct Listener {
  void* source;
  uintptr_t (*data)(void*);
  PressureSignal::Handler handler;
};

void hear(void* context) {
  auto& listener = *static_cast<Listener*>(context);
  listener.handler((listener.data(listener.source) & value::pressure_critical) != 0);
}

void forget(void* context) { delete static_cast<Listener*>(context); }

}  // namespace

PressureSignal::PressureSignal(const ObjectiveC& objc, Handler handler) : objc_(objc) {
  if (!objc.can_dispatch()) return;
  source_ = objc.dispatch_source(objc.memory_pressure_type, 0,
                                 value::pressure_warning | value::pressure_critical, nullptr);
  if (!source_) return;
  // The handler is given the context of the moment when it is set ("dispatch/source.h").
  objc.dispatch_context(source_, new Listener{source_, objc.dispatch_data, std::move(handler)});
  objc.dispatch_finalizer(source_, forget);
  objc.dispatch_handler(source_, hear);
  objc.dispatch_start(source_);
}

PressureSignal::~PressureSignal() {
  if (!source_) return;
  objc_.dispatch_cancel(source_);
  objc_.dispatch_let_go(source_);
}

}  // namespace mlx::core::metal
