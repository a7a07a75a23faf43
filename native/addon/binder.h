#pragma once

#include <node_api.h>

#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "arguments.h"
#include "environment.h"
#include "results.h"

namespace mlx::addon {

/// An entry of a table of functions for JavaScript.
struct Function {
  const char* name;
  napi_callback callback;
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
};
template <typename C, typename R, typename... Args>
struct Signature<R (C::*)(Args...) const> : Signature<R (*)(Args...)> {};

template <typename F, size_t... I>
auto call_with(const F& function, Environment& environment, napi_value* values,
               std::index_sequence<I...>) {
  // Braces: arguments are converted from left to right.
  typename Signature<F>::Arguments arguments{
      std::tuple_element_t<I, typename Signature<F>::Arguments>(environment, values[I])...};
  return function(std::get<I>(arguments).get()...);
}

template <typename F>
napi_value trampoline(napi_env env, napi_callback_info info) {
  using Result = typename Signature<F>::Result;
  // An array result goes into the object that JavaScript passes first.
  constexpr bool has_holder = std::is_same_v<Result, core::array>;
  constexpr size_t count = Signature<F>::count + has_holder;
  napi_value values[count ? count : 1];
  size_t given = count;
  void* data;
  napi_get_cb_info(env, info, &given, values, nullptr, &data);
  Environment& environment = *static_cast<Environment*>(data);
  return guarded(environment, [&]() -> napi_value {
    auto call = [&] {
      return call_with(F{}, environment, values + has_holder,
                       std::make_index_sequence<Signature<F>::count>());
    };
    if constexpr (std::is_void_v<Result>) {
      call();
      return to_js(env, true);
    } else if constexpr (std::is_same_v<Result, core::array>) {
      core::array result = call();
      environment.borrowed = false;
      return to_js(env, environment.hold(std::move(result), values[0]));
    } else if constexpr (std::is_same_v<Result, std::vector<core::array>>) {
      std::vector<core::array> result = call();
      environment.borrowed = false;
      return arrays_to_js(environment, std::move(result));
    } else if constexpr (std::is_same_v<Result, std::pair<core::array, core::array>>) {
      auto result = call();
      environment.borrowed = false;
      return arrays_to_js(environment, {std::move(result.first), std::move(result.second)});
    } else {
      return to_js(env, call());
    }
  });
}

}  // namespace detail

/// Binds a lambda without captures; its parameter types say how the arguments are converted.
template <typename F>
Function bind(const char* name, F) {
  return {name, detail::trampoline<F>};
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
FunctionTable quantized_functions();
FunctionTable sort_functions();
FunctionTable fft_functions();
FunctionTable random_functions();
FunctionTable io_functions();
FunctionTable device_functions();
FunctionTable memory_functions();

}  // namespace mlx::addon
