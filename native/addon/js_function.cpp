#include "js_function.h"

#include <stdexcept>
#include <utility>

namespace mlx::addon {

void FunctionReferences::delete_discarded() {
  std::unique_ptr<FunctionReference> discarded;
  {
    std::lock_guard lock(mutex_);
    discarded = std::move(discarded_);
  }
  for (; discarded; discarded = std::move(discarded->next))
    napi_delete_reference(env_, discarded->value);
}

std::unique_ptr<FunctionReference> FunctionReferences::make(napi_value function) {
  auto reference = std::make_unique<FunctionReference>();
  if (napi_create_reference(env_, function, 1, &reference->value) != napi_ok)
    throw std::invalid_argument("[custom_function] Expected a function.");
  return reference;
}

void FunctionReferences::discard(std::unique_ptr<FunctionReference> reference) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  reference->next = std::move(discarded_);
  discarded_ = std::move(reference);
}

void FunctionReferences::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  while (discarded_) discarded_ = std::move(discarded_->next);
}

napi_value FunctionReferences::value_of(const FunctionReference& reference) const {
  napi_value function = nullptr;
  napi_get_reference_value(env_, reference.value, &function);
  return function;
}

JsFunction::JsFunction(std::shared_ptr<FunctionReferences> references, napi_value function) {
  held_ = std::make_shared<Held>(references);
  held_->reference = references->make(function);
}

}  // namespace mlx::addon
