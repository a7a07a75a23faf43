#pragma once

#include <node_api.h>

#include <optional>
#include <string>
#include <vector>

#include "environment.h"
#include "js_value.h"
#include "mlx/array.h"
#include "mlx/io_impl.h"
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
/// A file's name, or its contents, which are copied: JavaScript may change its own before they are
/// read.
core::detail::FileSource to_file_source(napi_env env, napi_value value);
core::array to_scalar(const ScalarArgument& scalar);
/// Throws unless the value is an array; returns its length.
uint32_t list_length(napi_env env, napi_value value);
napi_value list_element(napi_env env, napi_value list, uint32_t index);
/// A handle of its own, which outlives sweeps.
core::array to_array(Environment& environment, napi_value value);

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
struct Argument<core::detail::FileSource>
    : PlainArgument<core::detail::FileSource, to_file_source> {
  using PlainArgument::PlainArgument;
};

/// A number of a type that is narrower, or wider, than JavaScript's.
template <typename T, typename Number, Number (*convert)(napi_env, napi_value)>
struct CastArgument {
  CastArgument(Environment& environment, napi_value value)
      : value_(T(convert(environment.env, value))) {}
  T get() const { return value_; }

 private:
  T value_;
};
template <>
struct Argument<float> : CastArgument<float, double, to_double> {
  using CastArgument::CastArgument;
};
template <>
struct Argument<uint32_t> : CastArgument<uint32_t, int32_t, to_int> {
  using CastArgument::CastArgument;
};
template <>
struct Argument<int64_t> : CastArgument<int64_t, double, to_double> {
  using CastArgument::CastArgument;
};

template <>
struct Argument<ArraySlot> {
  Argument(Environment& environment, napi_value value)
      : value_{SlotId(to_int(environment.env, value))} {}
  ArraySlot get() const { return value_; }

 private:
  ArraySlot value_;
};
template <>
struct Argument<ByteView> {
  Argument(Environment& environment, napi_value value) : value_{environment.env, value} {}
  ByteView get() const { return value_; }

 private:
  ByteView value_;
};
template <JsType type>
struct Argument<JsValue<type>> {
  Argument(Environment&, napi_value value) : value_{value} {}
  JsValue<type> get() const { return value_; }

 private:
  JsValue<type> value_;
};

/// A handle of its own.
template <>
struct Argument<core::array> {
  Argument(Environment& environment, napi_value value) : value_(to_array(environment, value)) {}
  const core::array& get() const { return value_; }

 private:
  core::array value_;
};

template <typename List>
struct ListArgument {
  ListArgument(Environment& environment, napi_value value) {
    uint32_t length = list_length(environment.env, value);
    for (uint32_t i = 0; i < length; ++i) {
      napi_value element = list_element(environment.env, value, i);
      list_.push_back(Argument<typename List::value_type>(environment, element).get());
    }
  }
  const List& get() const { return list_; }

 private:
  List list_;
};
template <typename T>
struct Argument<std::vector<T>> : ListArgument<std::vector<T>> {
  using ListArgument<std::vector<T>>::ListArgument;
};
template <>
struct Argument<core::Shape> : ListArgument<core::Shape> {
  using ListArgument::ListArgument;
};
template <>
struct Argument<core::Strides> : ListArgument<core::Strides> {
  using ListArgument::ListArgument;
};

/// A list of both.
template <typename First, typename Second>
struct Argument<std::pair<First, Second>> {
  Argument(Environment& environment, napi_value list)
      : value_{Argument<First>(environment, list_element(environment.env, list, 0)).get(),
               Argument<Second>(environment, list_element(environment.env, list, 1)).get()} {}
  const std::pair<First, Second>& get() const { return value_; }

 private:
  std::pair<First, Second> value_;
};

/// By the kind of the value: a number is an array's slot.
template <>
struct Argument<core::GGUFMetaData> {
  Argument(Environment& environment, napi_value value);
  const core::GGUFMetaData& get() const { return value_; }

 private:
  core::GGUFMetaData value_;
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
