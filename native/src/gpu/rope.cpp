#include "gpu/rope.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256;
// As many go into a launch by value.
constexpr size_t most_known_turns = 256;
constexpr double circle = 2 * 3.14159265358979323846;

struct TwoFloats {
  float high, low;
};
TwoFloats split(double value) {
  auto high = float(value);
  return {high, std::isfinite(high) ? float(value - double(high)) : 0.0f};
}

/// Turns of the circle a position, for each pair.
std::vector<TwoFloats> turns_of(const RopeArgs& args) {
  std::vector<TwoFloats> turns;
  for (int i = 0; i < args.dims / 2; ++i)
    turns.push_back(split(double(args.scale) / circle /
                          std::pow(double(args.base), double(i) / (args.dims / 2))));
  return turns;
}

/// The numbers of RopeArguments, one after another.
std::vector<int64_t> numbers_of(const RopeArgs& args, size_t dims) {
  auto rows = args.x.shape.first(args.x.shape.size() - 2);
  auto strides = args.x.strides;
  int64_t length = args.x.shape[rows.size()], features = args.x.shape.back();
  int64_t pairs = args.dims / 2, count = length * (features - pairs);
  for (int n : rows) count *= n;
  std::vector<int64_t> numbers = {
      count, length, features, pairs, features - pairs, strides[rows.size()], strides.back()};
  auto add = [&](auto list, int64_t otherwise) {
    for (auto n : list) numbers.push_back(n);
    numbers.insert(numbers.end(), dims - list.size(), otherwise);
  };
  add(rows, 1);
  add(strides.first(rows.size()), 0);
  add(args.offset_value ? std::span<const int64_t>() : args.offset.strides, 0);
  auto scale = split(double(args.scale) / circle);
  std::memcpy(&numbers.emplace_back(), &scale, sizeof(scale));
  return numbers;
}

/// Where a kernel gets its angles from: an argument, and the text of its source.
struct Angles {
  std::vector<TwoFloats> turns;
  Place memory;
  bool by_value = false;

  Angles(Commands& commands, const RopeArgs& args) : memory(args.frequencies) {
    if (memory.memory) return;
    turns = turns_of(args);
    by_value = turns.size() <= most_known_turns;
    if (by_value) return;
    size_t bytes = turns.size() * sizeof(TwoFloats);
    memory = {commands.scratch(bytes)};
    commands.queue().copy_in(turns.data(), memory.memory, 0, bytes);
  }

  std::string source() const {
    if (by_value) return "KnownTurns<constant TwoFloats*>{angles.values}";
    return turns.empty() ? "Frequencies{angles}" : "KnownTurns<device const TwoFloats*>{angles}";
  }
  void add_to(Entry& entry) const {
    if (by_value)
      entry.value(concat_text("Turns<", turns.size(), ">"), "angles");
    else
      entry.input(turns.empty() ? "float" : "TwoFloats", "angles");
  }
  Argument argument() const {
    return by_value ? Argument(turns.data(), turns.size() * sizeof(TwoFloats)) : memory.read();
  }
};

}  // namespace

void rope(Commands& commands, const RopeArgs& args, Place out) {
  const size_t dims = std::max<size_t>(args.x.shape.size() - 2, 1);
  auto numbers = numbers_of(args, dims);
  const int64_t count = numbers[0];
  if (count == 0) return;
  Angles angles(commands, args);
  auto flag = [](bool value) { return value ? "true" : "false"; };
  auto type = type_name(args.x.dtype);
  auto call = concat_text("rope<", flag(args.traditional), ", ", flag(args.inverse), ", ", dims,
                          ">(x, ", args.offset_value ? "offset.values" : "offset", ", ",
                          angles.source(), ", y, p, g)");
  auto key = concat_text(call, type, angles.turns.size() * angles.by_value);
  auto& kernel = commands.kernels().get(key, [&] {
    Entry entry(Entry::name("rope", key), threads);
    entry.input(type, "x");
    if (args.offset_value)
      entry.value("RopeOffset", "offset");
    else
      entry.input("int", "offset");
    angles.add_to(entry);
    entry.output(type, "y")
        .value(concat_text("RopeArguments<", dims, ">"), "p")
        .body("  " + call + ";\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"rope"}));
  });
  Argument arguments[] = {
      args.x.place.read(),
      args.offset_value ? Argument(args.offset_value, sizeof(int32_t)) : args.offset.place.read(),
      angles.argument(), out.write(), Argument(numbers.data(), numbers.size() * sizeof(int64_t))};
  commands.launch(kernel, {uint64_t((count + threads - 1) / threads)}, {threads}, arguments);
}

}  // namespace mlx::core::gpu
