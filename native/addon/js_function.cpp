#include "js_function.h"

#include <stdexcept>
#include <utility>

namespace mlx::addon {

void FunctionReferences::delete_discarded() {
  std::vector<napi_ref> discarded;
  {
    std::lock_guard lock(mutex_);
    discarded = std::exchange(discarded_, {});
  }
  for (napi_ref reference : discarded) napi_delete_reference(env_, reference);
}

napi_ref FunctionReferences::make(napi_value function) {
  napi_ref reference;
  if (napi_create_reference(env_, function, 1, &reference) != napi_ok)
    throw std::invalid_argument("[custom_function] Expected a function.");
  return reference;
}

void FunctionReferences::discard(napi_ref reference) {
  std::lock_guard lock(mutex_);
  if (!closed_) discarded_.push_back(reference);
}

void FunctionReferences::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  discarded_.clear();
}

napi_value FunctionReferences::value_of(napi_ref reference) const {
  napi_value function = nullptr;
  napi_get_reference_value(env_, reference, &function);
  return function;
}

JsFunction::JsFunction(std::shared_ptr<FunctionReferences> references, napi_value function) {
  napi_ref reference = references->make(function);
  held_ = std::make_shared<Held>(std::move(references), reference);
}

}  // namespace mlx::addon
