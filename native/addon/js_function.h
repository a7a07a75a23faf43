#pragma once

#include <node_api.h>

#include <memory>
#include <mutex>
#include <utility>

namespace mlx::addon {

/// Also its own place in the list of those that are to be deleted: the destructors that put it
/// there may not need memory.
struct FunctionReference {
  napi_ref value = nullptr;
  std::unique_ptr<FunctionReference> next;
};

/// References to JavaScript functions that are no longer needed. Graph nodes hold functions and may
/// die on any thread, but only the environment's own may delete a reference.
class FunctionReferences {
 public:
  explicit FunctionReferences(napi_env env) : env_(env) {}

  std::unique_ptr<FunctionReference> make(napi_value function);
  /// Lets go of the functions that nothing holds any more, so that V8 can collect them.
  void delete_discarded();
  /// From any thread.
  void discard(std::unique_ptr<FunctionReference> reference);
  /// The environment is gone, and its references with it.
  void close();
  napi_value value_of(const FunctionReference& reference) const;

 private:
  napi_env env_;
  std::mutex mutex_;
  std::unique_ptr<FunctionReference> discarded_;
  bool closed_ = false;
};

/// A JavaScript function that lives as long as some copy of this.
class JsFunction {
 public:
  JsFunction(std::shared_ptr<FunctionReferences> references, napi_value function);
  napi_value value() const { return held_->references->value_of(*held_->reference); }

 private:
  struct Held {
    std::shared_ptr<FunctionReferences> references;
    std::unique_ptr<FunctionReference> reference;

    explicit Held(std::shared_ptr<FunctionReferences> references)
        : references(std::move(references)) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() {
      if (reference) references->discard(std::move(reference));
    }
  };
  std::shared_ptr<Held> held_;
};

}  // namespace mlx::addon
