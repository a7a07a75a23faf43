#pragma once

#include <node_api.h>

#include <optional>
#include <string>
#include <vector>

#include "environment.h"
#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::addon {

bool is_nullish(napi_env env, napi_value value);
int32_t to_int(napi_env env, napi_value value);
double to_double(napi_env env, napi_value value);
bool to_bool(napi_env env, napi_value value);
std::string to_string(napi_env env, napi_value value);
core::Dtype to_dtype(napi_env env, napi_value value);
/// A stream or device that a scope of JavaScript made the default is that until the call ends, and
/// the result is empty.
core::StreamOrDevice to_stream_or_device(Environment& environment, napi_value value);
core::array to_scalar(const ScalarArgument& scalar);
/// Throws unless the value is an array; returns its length.
uint32_t list_length(napi_env env, napi_value value);
napi_value list_element(napi_env env, napi_value list, uint32_t index);
/// A handle of its own, which outlives sweeps.
core::array to_array(Environment& environment, napi_value value);
std::vector<core::array> to_arrays(Environment& environment, napi_value value);
std::vector<std::string> to_strings(napi_env env, napi_value value);
std::vector<SlotId> to_slot_ids(napi_env env, napi_value value);

/// Converts a JavaScript value to T for the time of a call. Making one may run JavaScript, which a
/// list's elements can hide; `get` never does.
template <typename T>
struct Argument;

/// Looks its slot up in `get`, when the other arguments are made: JavaScript that they ran may have
/// moved the slots or disposed of this one.
template <>
struct Argument<const core::array&> {
  Argument(Environment& environment, napi_value value)
      : environment_(environment), id_(to_int(environment.env, value)) {
    if (id_ < 0) [[unlikely]] {
      int32_t index = -1 - id_;
      if (index >= scalar_arguments) throw std::invalid_argument("[array] Bad scalar argument.");
      scalar_ = to_scalar(environment.scalars[index]);
    }
  }
  const core::array& get() const {
    if (scalar_) return *scalar_;
    environment_.borrowed = true;
    return environment_.slots.at(SlotId(id_));
  }

 private:
  Environment& environment_;
  int32_t id_;
  std::optional<core::array> scalar_;
};

/// An argument that is converted by one function of the environment's napi_env.
template <typename T, T (*convert)(napi_env, napi_value)>
struct PlainArgument {
  PlainArgument(Environment& environment, napi_value value)
      : value_(convert(environment.env, value)) {}
  const T& get() const { return value_; }

 private:
  T value_;
};

template <>
struct Argument<int> : PlainArgument<int32_t, to_int> {
  using PlainArgument::PlainArgument;
};
template <>
struct Argument<double> : PlainArgument<double, to_double> {
  using PlainArgument::PlainArgument;
};
template <>
struct Argument<bool> : PlainArgument<bool, to_bool> {
  using PlainArgument::PlainArgument;
};
template <>
struct Argument<std::string> : PlainArgument<std::string, to_string> {
  using PlainArgument::PlainArgument;
};
template <>
struct Argument<core::Dtype> : PlainArgument<core::Dtype, to_dtype> {
  using PlainArgument::PlainArgument;
};
template <>
struct Argument<core::StreamOrDevice> {
  Argument(Environment& environment, napi_value value)
      : value_(to_stream_or_device(environment, value)) {}
  const core::StreamOrDevice& get() const { return value_; }

 private:
  core::StreamOrDevice value_;
};

template <>
struct Argument<float> {
  Argument(Environment& environment, napi_value value)
      : value_(float(to_double(environment.env, value))) {}
  float get() const { return value_; }

 private:
  float value_;
};

template <>
struct Argument<core::array> {
  Argument(Environment& environment, napi_value value) : value_(to_array(environment, value)) {}
  const core::array& get() const { return value_; }

 private:
  core::array value_;
};

template <>
struct Argument<std::vector<core::array>> {
  Argument(Environment& environment, napi_value value) : value_(to_arrays(environment, value)) {}
  const std::vector<core::array>& get() const { return value_; }

 private:
  std::vector<core::array> value_;
};

/// Lists of numbers: shapes, strides, axes.
template <typename List, typename Element>
struct ListArgument {
  ListArgument(Environment& environment, napi_value value) {
    uint32_t length = list_length(environment.env, value);
    for (uint32_t i = 0; i < length; ++i) {
      napi_value element = list_element(environment.env, value, i);
      if constexpr (sizeof(Element) == 8)
        list_.push_back(Element(to_double(environment.env, element)));
      else
        list_.push_back(Element(to_int(environment.env, element)));
    }
  }
  const List& get() const { return list_; }

 private:
  List list_;
};
template <>
struct Argument<std::vector<int>> : ListArgument<std::vector<int>, int> {
  using ListArgument::ListArgument;
};
template <>
struct Argument<core::Shape> : ListArgument<core::Shape, int32_t> {
  using ListArgument::ListArgument;
};
template <>
struct Argument<core::Strides> : ListArgument<core::Strides, int64_t> {
  using ListArgument::ListArgument;
};

template <typename T>
struct Argument<std::optional<T>> {
  Argument(Environment& environment, napi_value value) {
    if (!is_nullish(environment.env, value)) value_ = Argument<T>(environment, value).get();
  }
  const std::optional<T>& get() const { return value_; }

 private:
  std::optional<T> value_;
};

}  // namespace mlx::addon
