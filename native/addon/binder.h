#pragma once

#include <node_api.h>

#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "arguments.h"
#include "callable.h"
#include "environment.h"
#include "results.h"
#include "typescript.h"

namespace mlx::addon {

/// An entry of a table of functions for JavaScript.
struct Function {
  const char* name;
  napi_callback callback;
  /// Its type in TypeScript.
  std::string (*type)();
};

/// Runs a body that returns a napi_value. After an error the result is undefined and the
/// environment holds a record of the error; a pending JavaScript exception goes on its way.
template <typename Body>
napi_value guarded(Environment& environment, Body&& body) {
  try {
    napi_value result = body();
    environment.end_call();
    return result;
  } catch (const PendingException&) {
  } catch (...) {
    environment.error = describe(std::current_exception());
  }
  environment.end_call();
  return nullptr;
}

namespace detail {

template <typename F>
struct Signature : Signature<decltype(&F::operator())> {};
template <typename R, typename... Args>
struct Signature<R (*)(Args...)> {
  using Result = R;
  template <typename T>
  using Kept = std::conditional_t<std::is_same_v<T, const core::array&>, T, std::remove_cvref_t<T>>;
  using Arguments = std::tuple<Argument<Kept<Args>>...>;
  static constexpr size_t count = sizeof...(Args);
  static constexpr bool takes_environment = false;
  static constexpr bool takes_function = (is_callable<std::remove_cvref_t<Args>> || ...);
  /// An array result goes into the object that JavaScript passes first.
  static constexpr bool has_holder = std::is_same_v<R, core::array>;

  static std::string type() {
    return function_type({type_name<std::remove_cvref_t<Args>>...}, type_name<R>, has_holder);
  }
};
/// The environment is no argument of JavaScript's.
template <typename R, typename... Args>
struct Signature<R (*)(Environment&, Args...)> : Signature<R (*)(Args...)> {
  static constexpr bool takes_environment = true;
};
template <typename C, typename R, typename... Args>
struct Signature<R (C::*)(Args...) const> : Signature<R (*)(Args...)> {};

template <typename F, size_t... I>
auto call_with(const F& function, Environment& environment, napi_value* values,
               std::index_sequence<I...>) {
  // Braces: arguments are converted from left to right.
  typename Signature<F>::Arguments arguments{
      std::tuple_element_t<I, typename Signature<F>::Arguments>(environment, values[I])...};
  if constexpr (Signature<F>::takes_environment)
    return function(environment, std::get<I>(arguments).get()...);
  else
    return function(std::get<I>(arguments).get()...);
}

template <typename F>
napi_value trampoline(napi_env env, napi_callback_info info) {
  using Result = typename Signature<F>::Result;
  constexpr bool has_holder = Signature<F>::has_holder;
  constexpr size_t count = Signature<F>::count + has_holder;
  napi_value values[count ? count : 1];
  size_t given = count;
  void* data;
  napi_get_cb_info(env, info, &given, values, nullptr, &data);
  Environment& environment = *static_cast<Environment*>(data);
  napi_value value = guarded(environment, [&]() -> napi_value {
    auto call = [&] {
      return call_with(F{}, environment, values + has_holder,
                       std::make_index_sequence<Signature<F>::count>());
    };
    if constexpr (std::is_void_v<Result>) {
      call();
      return to_js(env, true);
    } else {
      Result result = call();
      environment.borrowed = false;
      if constexpr (has_holder)
        return to_js(env, environment.hold(std::move(result), values[0]));
      else
        return to_js(environment, result);
    }
  });
  // Of graphs that died meanwhile.
  if constexpr (Signature<F>::takes_function) environment.functions->delete_discarded();
  return value;
}

}  // namespace detail

/// Binds a lambda without captures; its parameter types say how the arguments are converted.
template <typename F>
Function bind(const char* name, F) {
  return {name, detail::trampoline<F>, detail::Signature<F>::type};
}

template <auto function, typename Pointer = decltype(function)>
struct Bound;
template <auto function, typename R, typename... Args>
struct Bound<function, R (*)(Args...)> {
  R operator()(Args... args) const { return function(std::forward<Args>(args)...); }
};

/// Binds a function that has a name, and no overloads.
template <auto function>
Function bind(const char* name) {
  return bind(name, Bound<function>());
}

using UnaryFunction = core::array (*)(const core::array&, core::StreamOrDevice);
using BinaryFunction = core::array (*)(const core::array&, const core::array&,
                                       core::StreamOrDevice);

/// Binds an operation on one array.
template <UnaryFunction function>
Function unary(const char* name) {
  return bind(name, [](const core::array& a, core::StreamOrDevice s) { return function(a, s); });
}

/// Binds an operation on two arrays.
template <BinaryFunction function>
Function binary(const char* name) {
  return bind(name, [](const core::array& a, const core::array& b, core::StreamOrDevice s) {
    return function(a, b, s);
  });
}

using FunctionTable = std::vector<Function>;

FunctionTable array_functions();
FunctionTable evaluation_functions();
FunctionTable transform_functions();
FunctionTable compile_functions();
FunctionTable export_functions();
FunctionTable elementwise_functions();
FunctionTable creation_functions();
FunctionTable shape_functions();
FunctionTable index_functions();
FunctionTable reduce_functions();
FunctionTable matmul_functions();
FunctionTable linalg_functions();
FunctionTable conv_functions();
FunctionTable fast_functions();
FunctionTable custom_kernel_functions();
FunctionTable distributed_functions();
FunctionTable quantized_functions();
FunctionTable sort_functions();
FunctionTable fft_functions();
FunctionTable random_functions();
FunctionTable io_functions();
FunctionTable device_functions();
FunctionTable memory_functions();

}  // namespace mlx::addon
