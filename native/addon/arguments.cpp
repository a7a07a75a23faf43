#include "arguments.h"

#include <cmath>
#include <stdexcept>

#include "array/dtype_table.h"
#include "bytes_reader.h"
#include "mlx/utils.h"

namespace mlx::addon {
namespace {

[[noreturn]] void throw_kind(const char* expected) {
  throw std::invalid_argument(std::string("[mlx] Expected ") + expected + ".");
}

// Numbers of scopes' streams and devices lie this far above those of the named: scope.ts.
constexpr double scoped_streams = 0x1p32;

}  // namespace

bool is_nullish(napi_env env, napi_value value) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  return type == napi_undefined || type == napi_null;
}

int32_t to_int(napi_env env, napi_value value) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) throw_kind("an integer");
  // Node-API itself would drop what doesn't fit, and go on with another number.
  if (!(number >= INT32_MIN && number <= INT32_MAX) || number != std::trunc(number))
    throw std::out_of_range("[mlx] Expected an integer of 32 bits but received " +
                            core::number_text(number) + ".");
  return int32_t(number);
}

double to_double(napi_env env, napi_value value) {
  double result;
  if (napi_get_value_double(env, value, &result) != napi_ok) throw_kind("a number");
  return result;
}

bool to_bool(napi_env env, napi_value value) {
  bool result;
  if (napi_get_value_bool(env, value, &result) != napi_ok) throw_kind("a boolean");
  return result;
}

std::string to_string(napi_env env, napi_value value) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok)
    throw_kind("a string");
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

core::Dtype to_dtype(napi_env env, napi_value value) {
  int32_t code = to_int(env, value);
  if (code < 0 || code >= core::dtype_count) throw_kind("a dtype");
  return core::all_dtypes[code];
}

core::StreamOrDevice to_stream_or_device(Environment& environment, napi_value value) {
  napi_env env = environment.env;
  // Asked first, because Deno reads undefined, the ordinary case, as the number 0.
  if (is_nullish(env, value)) return {};
  double number = to_double(env, value);
  bool is_scoped = number >= scoped_streams / 2;
  auto code = int64_t(is_scoped ? number - scoped_streams : number);
  core::StreamOrDevice target;
  if (code >= 0)
    target = core::get_stream(int(code));
  else
    target =
        core::Device((-1 - code) % 2 ? core::Device::gpu : core::Device::cpu, int((-1 - code) / 2));
  if (!is_scoped) return target;
  environment.stream_scope.emplace(target);
  return {};
}

core::array to_scalar(const ScalarArgument& scalar) {
  int code = int(scalar.dtype);
  bool is_integer = code >= 256;
  core::Dtype dtype = core::all_dtypes[code % 256 % core::dtype_count];
  if (is_integer) return core::array(scalar.integer, dtype);
  if (dtype == core::complex64)
    return core::array(core::complex64_t(float(scalar.real), float(scalar.imaginary)), dtype);
  if (dtype == core::bool_) return core::array(scalar.real != 0, dtype);
  return core::array(scalar.real, dtype);
}

uint32_t list_length(napi_env env, napi_value value) {
  uint32_t length;
  if (napi_get_array_length(env, value, &length) != napi_ok) throw_kind("a list");
  return length;
}

napi_value list_element(napi_env env, napi_value list, uint32_t index) {
  napi_value element;
  napi_status status = napi_get_element(env, list, index, &element);
  if (status == napi_pending_exception) throw PendingException{};
  if (status != napi_ok) throw_kind("a list");
  return element;
}

core::array to_array(Environment& environment, napi_value value) {
  bool borrowed = environment.borrowed;
  Argument<const core::array&> argument(environment, value);
  core::array result = argument.get();
  environment.borrowed = borrowed;
  return result;
}

core::detail::FileSource to_file_source(napi_env env, napi_value value) {
  bool is_bytes = false;
  napi_is_typedarray(env, value, &is_bytes);
  if (!is_bytes) return to_string(env, value);
  auto bytes = ByteView{env, value}.bytes();
  return std::make_shared<BytesReader>(std::vector<char>(bytes.begin(), bytes.end()));
}

std::span<uint8_t> ByteView::bytes() const {
  void* data = nullptr;
  size_t size = 0;
  bool is_typed = false;
  napi_typedarray_type type = napi_int8_array;
  napi_is_typedarray(env, value, &is_typed);
  if (is_typed) napi_get_typedarray_info(env, value, &type, &size, &data, nullptr, nullptr);
  if (type != napi_uint8_array) throw std::invalid_argument("[array] Expected a Uint8Array.");
  return {static_cast<uint8_t*>(data), size};
}

Argument<core::GGUFMetaData>::Argument(Environment& environment, napi_value value) {
  napi_valuetype type;
  napi_typeof(environment.env, value, &type);
  if (type == napi_string)
    value_ = to_string(environment.env, value);
  else if (type == napi_object)
    value_ = Argument<std::vector<std::string>>(environment, value).get();
  else
    value_ = to_array(environment, value);
}

}  // namespace mlx::addon
