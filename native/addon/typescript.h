#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "callable.h"
#include "errors.h"
#include "js_value.h"
#include "mlx/array.h"
#include "mlx/export.h"
#include "mlx/io_impl.h"
#include "mlx/stream_or_device.h"

namespace mlx::addon {

/// Whether a value comes from JavaScript or goes there.
enum class Way { in, out };

/// What TypeScript calls a C++ type, in the declarations that native/scripts/declare-functions.mjs
/// writes.
template <typename T>
struct TypeName;

/// Pointers, so that no text is made until it is asked for.
using TypeText = std::string (*)(Way);

template <typename T>
std::string type_name(Way way) {
  return TypeName<std::remove_cvref_t<T>>::text(way);
}

/// The texts of several types with a separator between them.
std::string join_types(std::initializer_list<TypeText> types, const char* separator, Way way);
std::string list_name(const std::string& element, Way way);
/// A function's type; one that makes an array puts it into an object, which is given first.
std::string function_type(std::initializer_list<TypeText> values, TypeText result, bool has_holder);

template <typename... T>
std::string tuple_name(Way way) {
  return std::string("[").append(join_types({type_name<T>...}, ", ", way)).append("]");
}

#define MLX_TYPE_NAME(type, name)                                      \
  template <>                                                          \
  struct TypeName<type> {                                              \
    static std::string text([[maybe_unused]] Way way) { return name; } \
  };
MLX_TYPE_NAME(void, "true")
MLX_TYPE_NAME(bool, "boolean")
MLX_TYPE_NAME(int, "number")
MLX_TYPE_NAME(uint32_t, "number")
MLX_TYPE_NAME(size_t, "number")
MLX_TYPE_NAME(float, "number")
MLX_TYPE_NAME(double, "number")
MLX_TYPE_NAME(BigInt, "bigint")
MLX_TYPE_NAME(std::string, "string")
MLX_TYPE_NAME(std::monostate, "null")
MLX_TYPE_NAME(core::array, "ArrayId")
MLX_TYPE_NAME(ArraySlot, "ArrayId")
MLX_TYPE_NAME(core::Dtype, "DtypeCode")
MLX_TYPE_NAME(core::StreamOrDevice, "StreamCode | undefined")
MLX_TYPE_NAME(core::Stream, "[StreamCode, number, number]")
MLX_TYPE_NAME(core::Shape, list_name("number", way))
MLX_TYPE_NAME(core::Strides, list_name("number", way))
MLX_TYPE_NAME(core::StateT, "[false, boolean | number | string | number[]] | [true, DtypeCode]")
MLX_TYPE_NAME(core::detail::FileSource, "string | Uint8Array")
MLX_TYPE_NAME(ByteView, "Uint8Array")
MLX_TYPE_NAME(ErrorRecord, "ErrorRecord")
#undef MLX_TYPE_NAME

template <JsType type>
struct TypeName<JsValue<type>> {
  static std::string text(Way) { return type.text; }
};
template <typename T>
struct TypeName<std::vector<T>> {
  static std::string text(Way way) { return list_name(type_name<T>(way), way); }
};
template <typename... T>
struct TypeName<std::tuple<T...>> {
  static std::string text(Way way) { return tuple_name<T...>(way); }
};
template <typename First, typename Second>
struct TypeName<std::pair<First, Second>> : TypeName<std::tuple<First, Second>> {};
template <typename... T>
struct TypeName<std::variant<T...>> {
  static std::string text(Way way) { return join_types({type_name<T>...}, " | ", way); }
};
template <typename T>
struct TypeName<std::optional<T>> {
  static std::string text(Way way) {
    return type_name<T>(way).append(way == Way::in ? " | null | undefined" : " | null");
  }
};
template <typename Key, typename T>
struct TypeName<std::unordered_map<Key, T>> : TypeName<std::vector<std::pair<Key, T>>> {};
/// What is a result here is an argument there.
template <typename Result, typename... Arguments>
struct TypeName<Callable<Result(Arguments...)>> {
  static std::string text(Way) {
    std::string result = std::is_void_v<Result> ? "void" : type_name<Result>(Way::in);
    std::string text = "((...values: ";
    return text.append(tuple_name<Arguments...>(Way::out))
        .append(") => ")
        .append(result)
        .append(")");
  }
};

}  // namespace mlx::addon
