// Making arrays from JavaScript values, reading them, and the life of their slots.

#include <algorithm>
#include <cstring>
#include <sstream>

#include "array/dtype_table.h"
#include "array/host_bytes.h"
#include "binder.h"
#include "mlx/memory.h"
#include "mlx/ops.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"

namespace mlx::addon {
namespace {

using core::Dtype;

/// Of the categories that dtypes are in.
const char* category_name(Dtype::Category category) {
  switch (category) {
    case core::complexfloating:
      return "complexfloating";
    case core::floating:
      return "floating";
    case core::signedinteger:
      return "signedinteger";
    case core::unsignedinteger:
      return "unsignedinteger";
    default:
      return "generic";
  }
}

/// Bytes that hold an array of a shape in the one dtype, as an array of the other.
core::array from_bytes(ByteView view, core::Shape shape, Dtype source, Dtype dtype) {
  auto bytes = view.bytes();
  size_t size = 1;
  for (auto n : shape) size *= size_t(n);
  if (size * source.size() != bytes.size())
    throw core::ShapeError(core::concat_text("[array] ", bytes.size() / source.size(),
                                             " values were given for shape ", shape, "."));
  // Narrowing here saves the wider copy; every float64 has a float32, maybe an infinity.
  if (source == core::float64 && dtype == core::float32)
    return core::array(reinterpret_cast<const double*>(bytes.data()), shape, core::float32);
  auto buffer = core::allocator::malloc(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.raw_ptr(), bytes.data(), bytes.size());
  core::array result(buffer, shape, source);
  return dtype == source ? result : core::astype(result, dtype);
}

void evaluate(Environment& environment, core::array& a) {
  environment.prepare_evaluation({&a, 1});
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

/// Fills the bytes with the array's values.
void read(Environment& environment, core::array given, ByteView view) {
  core::array a = materialize(environment, std::move(given));
  auto bytes = view.bytes();
  if (bytes.size() != a.nbytes())
    throw std::invalid_argument("[array] The TypedArray has another size than the array.");
  if (bytes.empty()) return;
  core::copy_host_bytes(a, bytes.data(), bytes.size());
  // A view keeps bytes other than 0 and 1.
  if (a.dtype() == core::bool_)
    std::transform(bytes.begin(), bytes.end(), bytes.begin(),
                   [](uint8_t value) { return value != 0; });
}

/// The only element. A complex number goes as its parts.
using Item = std::variant<bool, double, BigInt, std::pair<double, double>>;

Item item(Environment& environment, core::array a) {
  core::check_item(a);
  evaluate(environment, a);
  alignas(16) std::byte place[16];
  constexpr int64_t safe = (int64_t(1) << 53) - 1;
  switch (a.dtype()) {
    case Dtype::Val::bool_:
      // A view keeps bytes other than 0 and 1.
      return *static_cast<const uint8_t*>(a.first_element(place)) != 0;
    case Dtype::Val::complex64: {
      auto value = core::read_item<core::complex64_t>(a);
      return std::pair<double, double>(value.real(), value.imag());
    }
    case Dtype::Val::int64: {
      auto value = core::read_item<int64_t>(a);
      if (value >= -safe && value <= safe) return double(value);
      return BigInt{value < 0 ? -uint64_t(value) : uint64_t(value), value < 0};
    }
    case Dtype::Val::uint64: {
      auto value = core::read_item<uint64_t>(a);
      if (value <= uint64_t(safe)) return double(value);
      return BigInt{value};
    }
    default:
      return core::read_item<double>(a);
  }
}

}  // namespace

FunctionTable array_functions() {
  return {
      bind<from_bytes>("fromBytes"),
      bind<read>("read"),
      bind<item>("item"),
      bind("setCollector",
           [](Environment& environment, JsValue<"(options?: { type: 'minor' }) => void"> collect) {
             environment.collector.set_gc(collect.value);
           }),
      bind("scalarBuffer",
           [](Environment& environment) {
             return JsValue<"ArrayBuffer">{environment.scalar_buffer()};
           }),
      bind("takeError",
           [](Environment& environment) { return std::exchange(environment.error, {}); }),
      // The object will stand for the slot, which had none yet.
      bind("attach",
           [](Environment& environment, ArraySlot slot, JsObject object) {
             environment.slots.at(slot.id);
             environment.slots.attach(slot.id, object.value);
             environment.collector.after_allocation();
           }),
      // Another handle on the same values.
      bind("share", [](core::array a) { return a; }),
      // The slot stands for the array's values from now on.
      bind("assign",
           [](Environment& environment, ArraySlot target, core::array source) {
             environment.slots.assign(target.id, std::move(source));
           }),
      // The same, and the source is released.
      bind("move",
           [](Environment& environment, ArraySlot target, ArraySlot source) {
             environment.slots.assign(target.id, environment.slots.at(source.id));
             environment.slots.release(source.id);
           }),
      bind("release",
           [](Environment& environment, std::vector<ArraySlot> slots) {
             for (ArraySlot slot : slots) environment.slots.release(slot.id);
           }),
      bind("isReleased",
           [](Environment& environment, ArraySlot slot) {
             return environment.slots.state(slot.id) == SlotState::released;
           }),
      // Scopes of tidy are numbered; 0 is none.
      bind("openScope", [](Environment& environment,
                           uint32_t parent) { return environment.slots.open_scope(parent); }),
      bind("setScope",
           [](Environment& environment, uint32_t scope) { environment.slots.set_scope(scope); }),
      bind("closeScope",
           [](Environment& environment, uint32_t scope, std::vector<ArraySlot> kept) {
             std::vector<SlotId> ids;
             for (ArraySlot slot : kept) ids.push_back(slot.id);
             environment.slots.close_scope(scope, ids);
           }),
      bind("liveCount", [](Environment& environment) { return environment.slots.live_count(); }),
      bind("collect", [](Environment& environment) { return environment.collector.collect_all(); }),
      bind("collections",
           [](Environment& environment) { return environment.collector.collections(); }),
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
      bind("setPrintPrecision", [](int precision) { core::set_printoptions({precision}); }),
      bind("printPrecision", [] { return core::get_global_formatter().format_options.precision; }),
      bind("nodeId", [](const core::array& a) { return double(a.id()); }),
      bind("isAlike",
           [](const core::array& a, const core::array& b) {
             return a.dtype() == b.dtype() && a.shape() == b.shape();
           }),
      bind("dtypes",
           [] {
             std::vector<std::tuple<std::string, int, std::string>> rows;
             for (auto& row : core::dtype_table::rows)
               rows.emplace_back(row.name, row.dtype.size(), category_name(row.category));
             return rows;
           }),
      bind("finfo",
           [](Dtype dtype) {
             core::finfo info(dtype);
             return std::make_tuple(info.dtype, info.max, info.eps);
           }),
      bind("promoteTypes", [](Dtype a, Dtype b) { return core::promote_types(a, b); }),
  };
}

}  // namespace mlx::addon
