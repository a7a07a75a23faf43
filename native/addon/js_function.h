#pragma once

#include <node_api.h>

#include <memory>
#include <mutex>
#include <vector>

namespace mlx::addon {

/// References to JavaScript functions that are no longer needed. Graph nodes hold functions and may
/// die on any thread, but only the environment's own may delete a reference.
class FunctionReferences {
 public:
  explicit FunctionReferences(napi_env env) : env_(env) {}

  napi_ref make(napi_value function);
  /// Lets go of the functions that nothing holds any more, so that V8 can collect them.
  void delete_discarded();
  /// From any thread.
  void discard(napi_ref reference);
  /// The environment is gone, and its references with it.
  void close();
  napi_value value_of(napi_ref reference) const;

 private:
  napi_env env_;
  std::mutex mutex_;
  std::vector<napi_ref> discarded_;
  bool closed_ = false;
};

/// A JavaScript function that lives as long as some copy of this.
class JsFunction {
 public:
  JsFunction(std::shared_ptr<FunctionReferences> references, napi_value function);
  napi_value value() const { return held_->references->value_of(held_->reference); }

 private:
  struct Held {
    std::shared_ptr<FunctionReferences> references;
    napi_ref reference;
    ~Held() { references->discard(reference); }
  };
  std::shared_ptr<Held> held_;
};

}  // namespace mlx::addon
