#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace mlx::core {

template <typename Signature>
class FunctionRef;

/// A callable seen through two words. It owns nothing: the callable must outlive it, so use it for
/// parameters only.
template <typename Result, typename... Args>
class FunctionRef<Result(Args...)> {
 public:
  template <typename F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> &&
             std::is_invocable_r_v<Result, F&, Args...>)
  FunctionRef(F&& f)
      : object_(const_cast<void*>(reinterpret_cast<const volatile void*>(std::addressof(f)))),
        call_([](void* object, Args... args) -> Result {
          return (*reinterpret_cast<std::remove_reference_t<F>*>(object))(
              std::forward<Args>(args)...);
        }) {}

  Result operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  Result (*call_)(void*, Args...);
};

}  // namespace mlx::core
