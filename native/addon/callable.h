#pragma once

#include <node_api.h>

#include <array>
#include <optional>
#include <span>
#include <type_traits>

#include "arguments.h"
#include "environment.h"
#include "results.h"

namespace mlx::addon {

/// Calls a JavaScript function; one that throws is a PendingException.
napi_value call_function(Environment& environment, napi_value function,
                         std::span<const napi_value> values);

/// A JavaScript function with arguments and a result of C++ types, for the time of a call. Arrays
/// go to it as slots that have no objects yet.
template <typename Signature>
class Callable;
template <typename Result, typename... Values>
class Callable<Result(Values...)> {
 public:
  Callable(Environment& environment, napi_value function)
      : environment_(&environment), function_(function) {}

  Result operator()(const Values&... values) const {
    // Braces: the values are converted from left to right.
    std::array<napi_value, sizeof...(Values)> converted{to_js(*environment_, values)...};
    napi_value result = call_function(*environment_, function_, converted);
    if constexpr (!std::is_void_v<Result>) return Argument<Result>(*environment_, result).get();
  }
  Environment& environment() const { return *environment_; }
  napi_value function() const { return function_; }

 private:
  Environment* environment_;
  napi_value function_;
};

template <typename T>
constexpr bool is_callable = false;
template <typename Signature>
constexpr bool is_callable<Callable<Signature>> = true;
template <typename Signature>
constexpr bool is_callable<std::optional<Callable<Signature>>> = true;

/// The same for graph nodes, which live on.
template <typename Signature>
class HeldCallable;
template <typename Result, typename... Values>
class HeldCallable<Result(Values...)> {
 public:
  explicit HeldCallable(const Callable<Result(Values...)>& callable)
      : environment_(callable.environment()),
        function_(environment_.functions, callable.function()) {}

  Result operator()(const Values&... values) const {
    return Callable<Result(Values...)>(environment_, function_.value())(values...);
  }

 private:
  Environment& environment_;
  JsFunction function_;
};

template <typename Signature>
HeldCallable(Callable<Signature>) -> HeldCallable<Signature>;

template <typename Signature>
struct Argument<Callable<Signature>> {
  Argument(Environment& environment, napi_value value) : value_(environment, value) {}
  const Callable<Signature>& get() const { return value_; }

 private:
  Callable<Signature> value_;
};

}  // namespace mlx::addon
