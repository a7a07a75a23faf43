// Making arrays from JavaScript values, reading them, and the life of their slots.

#include <algorithm>
#include <cstring>
#include <sstream>

#include "binder.h"
#include "mlx/memory.h"
#include "mlx/ops.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"

namespace mlx::addon {
namespace {

using core::Dtype;

/// The bytes of a TypedArray or DataView, which live as long as the call.
struct Bytes {
  void* data = nullptr;
  size_t size = 0;
};

Bytes to_bytes(napi_env env, napi_value value) {
  Bytes bytes;
  bool is_typed = false;
  napi_typedarray_type type = napi_int8_array;
  napi_is_typedarray(env, value, &is_typed);
  if (is_typed)
    napi_get_typedarray_info(env, value, &type, &bytes.size, &bytes.data, nullptr, nullptr);
  if (type != napi_uint8_array) throw std::invalid_argument("[array] Expected a Uint8Array.");
  return bytes;
}

/// An argument as the call gave it, for functions that look at it themselves.
struct Call {
  napi_env env;
  Environment& environment;
  napi_value values[6];
};

template <napi_value (*body)(Call&)>
napi_value call_body(napi_env env, napi_callback_info info) {
  void* data;
  napi_value values[6];
  size_t count = 6;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  Environment& environment = *static_cast<Environment*>(data);
  Call call{env, environment, {}};
  std::copy(values, values + 6, call.values);
  return guarded(environment, [&] { return body(call); });
}

/// (object, bytes, shape, dtype of the bytes, dtype of the array)
napi_value from_bytes(Call& call) {
  core::Shape shape = Argument<core::Shape>(call.environment, call.values[2]).get();
  Dtype source = to_dtype(call.env, call.values[3]);
  Dtype dtype = to_dtype(call.env, call.values[4]);
  // After the list, whose reading may run JavaScript that detaches the buffer.
  Bytes bytes = to_bytes(call.env, call.values[1]);
  size_t size = 1;
  for (auto n : shape) size *= size_t(n);
  if (size * source.size() != bytes.size)
    throw core::ShapeError(core::concat_text("[array] ", bytes.size / source.size(),
                                             " values were given for shape ", shape, "."));
  // Narrowing here saves the wider copy; every float64 has a float32, maybe an infinity.
  bool narrow = source == core::float64 && dtype == core::float32;
  core::array result = [&] {
    if (narrow) return core::array(static_cast<const double*>(bytes.data), shape, core::float32);
    auto buffer = core::allocator::malloc(bytes.size);
    if (bytes.size) std::memcpy(buffer.raw_ptr(), bytes.data, bytes.size);
    return core::array(buffer, shape, source);
  }();
  if (result.dtype() != dtype) result = core::astype(result, dtype);
  return to_js(call.env, call.environment.hold(std::move(result), call.values[0]));
}

void evaluate(Environment& environment, core::array& a) {
  if (a.status() == core::array::unscheduled) environment.collector.before_evaluation(a.nbytes());
  a.eval();
}

/// Values ready to be read, in row-major order.
core::array materialize(Environment& environment, core::array a) {
  evaluate(environment, a);
  if (a.flags().row_contiguous && a.data_size() == a.size()) return a;
  core::array dense = core::contiguous(a);
  dense.eval();
  return dense;
}

/// (array, TypedArray): fills the TypedArray with the array's values.
napi_value read(Call& call) {
  core::array a = materialize(call.environment, to_array(call.environment, call.values[0]));
  Bytes bytes = to_bytes(call.env, call.values[1]);
  if (bytes.size != a.nbytes())
    throw std::invalid_argument("[array] The TypedArray has another size than the array.");
  const auto* values = a.data<uint8_t>();
  auto* target = static_cast<uint8_t*>(bytes.data);
  if (a.dtype() == core::bool_) {
    // A view keeps bytes other than 0 and 1.
    std::transform(values, values + bytes.size, target, [](uint8_t value) { return value != 0; });
  } else if (bytes.size) {
    std::memcpy(target, values, bytes.size);
  }
  return to_js(call.env, true);
}

/// (array): a number, a boolean, a bigint beyond 2^53, or [re, im].
napi_value item(Call& call) {
  core::array a = to_array(call.environment, call.values[0]);
  core::check_item(a);
  evaluate(call.environment, a);
  napi_value result;
  constexpr int64_t safe = (int64_t(1) << 53) - 1;
  switch (a.dtype()) {
    case Dtype::Val::bool_:
      // A view keeps bytes other than 0 and 1.
      return to_js(call.env, *a.data<uint8_t>() != 0);
    case Dtype::Val::complex64: {
      auto value = core::read_item<core::complex64_t>(a);
      napi_create_array_with_length(call.env, 2, &result);
      napi_set_element(call.env, result, 0, to_js(call.env, double(value.real())));
      napi_set_element(call.env, result, 1, to_js(call.env, double(value.imag())));
      return result;
    }
    case Dtype::Val::int64: {
      auto value = core::read_item<int64_t>(a);
      if (value >= -safe && value <= safe) return to_js(call.env, double(value));
      napi_create_bigint_int64(call.env, value, &result);
      return result;
    }
    case Dtype::Val::uint64: {
      auto value = core::read_item<uint64_t>(a);
      if (value <= uint64_t(safe)) return to_js(call.env, double(value));
      napi_create_bigint_uint64(call.env, value, &result);
      return result;
    }
    default:
      return to_js(call.env, core::read_item<double>(a));
  }
}

/// (gc function)
napi_value set_collector(Call& call) {
  call.environment.collector.set_gc(call.values[0]);
  return to_js(call.env, true);
}

napi_value scalar_buffer(Call& call) { return call.environment.scalar_buffer(); }

napi_value take_error(Call& call) {
  return to_js(call.env, std::exchange(call.environment.error, {}));
}

/// (array, object): the object will stand for the slot, which had none yet.
napi_value attach(Call& call) {
  SlotId id = SlotId(to_int(call.env, call.values[0]));
  call.environment.slots.at(id);
  call.environment.slots.attach(id, call.values[1]);
  call.environment.collector.after_allocation();
  return to_js(call.env, true);
}

/// (object, array): another handle on the same values.
napi_value share(Call& call) {
  core::array a = to_array(call.environment, call.values[1]);
  return to_js(call.env, call.environment.hold(std::move(a), call.values[0]));
}

/// (target, source): the target stands for the source's values from now on.
napi_value assign(Call& call) {
  core::array a = to_array(call.environment, call.values[1]);
  call.environment.slots.assign(SlotId(to_int(call.env, call.values[0])), std::move(a));
  return to_js(call.env, true);
}

/// (target, source): the same, and the source is released.
napi_value move(Call& call) {
  core::array a = to_array(call.environment, call.values[1]);
  call.environment.slots.assign(SlotId(to_int(call.env, call.values[0])), std::move(a));
  call.environment.slots.release(SlotId(to_int(call.env, call.values[1])));
  return to_js(call.env, true);
}

napi_value release(Call& call) {
  for (SlotId id : to_slot_ids(call.env, call.values[0])) call.environment.slots.release(id);
  return to_js(call.env, true);
}

napi_value is_released(Call& call) {
  return to_js(call.env, call.environment.slots.state(SlotId(to_int(call.env, call.values[0]))) ==
                             SlotState::released);
}

napi_value close_scope(Call& call) {
  call.environment.slots.close_scope(uint32_t(to_int(call.env, call.values[0])),
                                     to_slot_ids(call.env, call.values[1]));
  return to_js(call.env, true);
}

napi_value open_scope(Call& call) {
  return to_js(call.env,
               call.environment.slots.open_scope(uint32_t(to_int(call.env, call.values[0]))));
}

napi_value set_scope(Call& call) {
  call.environment.slots.set_scope(uint32_t(to_int(call.env, call.values[0])));
  return to_js(call.env, true);
}

napi_value live_count(Call& call) { return to_js(call.env, call.environment.slots.live_count()); }

napi_value pinned_bytes(Call& call) {
  return to_js(call.env, call.environment.slots.pinned_bytes());
}

napi_value collect(Call& call) { return to_js(call.env, call.environment.collector.collect_all()); }

napi_value collections(Call& call) {
  return to_js(call.env, call.environment.collector.collections());
}

}  // namespace

FunctionTable array_functions() {
  return {
      {"fromBytes", call_body<from_bytes>},
      {"read", call_body<read>},
      {"item", call_body<item>},
      {"setCollector", call_body<set_collector>},
      {"scalarBuffer", call_body<scalar_buffer>},
      {"takeError", call_body<take_error>},
      {"attach", call_body<attach>},
      {"share", call_body<share>},
      {"assign", call_body<assign>},
      {"move", call_body<move>},
      {"release", call_body<release>},
      {"isReleased", call_body<is_released>},
      {"openScope", call_body<open_scope>},
      {"setScope", call_body<set_scope>},
      {"closeScope", call_body<close_scope>},
      {"liveCount", call_body<live_count>},
      {"pinnedBytes", call_body<pinned_bytes>},
      {"collect", call_body<collect>},
      {"collections", call_body<collections>},
      // A shapeless trace must know that the sizes may have become part of it.
      bind("shape",
           [](const core::array& a) {
             core::detail::note_sizes_seen(a);
             return a.shape();
           }),
      bind("dtype", [](const core::array& a) { return a.dtype(); }),
      bind("ndim", [](const core::array& a) { return int(a.ndim()); }),
      bind("size",
           [](const core::array& a) {
             core::detail::note_sizes_seen(a);
             return a.size();
           }),
      bind("print",
           [](core::array a) {
             std::ostringstream text;
             text << a;
             return text.str();
           }),
      bind("setPrintPrecision", [](int precision) { core::print_options().precision = precision; }),
      bind("printPrecision", [] { return core::print_options().precision; }),
      bind("promoteTypes", [](Dtype a, Dtype b) { return core::promote_types(a, b); }),
  };
}

}  // namespace mlx::addon
