#include "gpu/random.h"

#include <string>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/scan.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256;

}  // namespace

void random_bits(Commands& commands, const RandomKeys& keys, int64_t bytes_per_key, Place out) {
  if (keys.count == 0 || bytes_per_key == 0) return;
  bool whole_words = bytes_per_key % 4 == 0 && out.byte_offset % 4 == 0;
  std::string call = whole_words ? "random_bits<true>" : "random_bits<false>";
  call += keys.value ? "(keys.words, y, p, g)" : "(keys, y, p, g)";
  auto& kernel = commands.kernels().get(call, [&] {
    Entry entry(Entry::name("random_bits", call), threads);
    if (keys.value)
      entry.value("RandomKey", "keys");
    else
      entry.input("uint", "keys");
    entry.output("uint8_t", "y").value("RandomArguments", "p").body("  " + call + ";\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"random"}));
  });
  int64_t words = (bytes_per_key + 3) / 4, hashes = keys.count * (words / 2 + words % 2);
  const int64_t numbers[] = {keys.count, bytes_per_key};
  Argument arguments[] = {keys.value ? Argument(keys.value, 8) : keys.place.read(), out.write(),
                          Argument::value(numbers)};
  commands.launch(kernel, {uint64_t((hashes + threads - 1) / threads)}, {threads}, arguments);
}

void categorical_search(Commands& commands, const Categories& categories, Place draws,
                        int64_t draws_a_row, Place out) {
  int64_t count = categories.rows * draws_a_row;
  if (count == 0) return;
  Place sums{commands.scratch(size_t(categories.rows * categories.count) * 2 * sizeof(float))};
  wide_running_sums(commands, categories.rows, categories.count, categories.weights, sums);
  auto& kernel = commands.kernels().get("categorical_search", [&] {
    Entry entry("categorical_search_", threads);
    entry.input("TwoFloats", "sums")
        .input("float", "draws")
        .output("uint", "y")
        .value("CategoricalArguments", "p")
        .body("  categorical_search(sums, draws, y, p, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"categorical_search"}));
  });
  const int64_t numbers[] = {count, draws_a_row, categories.count};
  Argument arguments[] = {sums.read(), draws.read(), out.write(), Argument::value(numbers)};
  commands.launch(kernel, {uint64_t((count + threads - 1) / threads)}, {threads}, arguments);
}

}  // namespace mlx::core::gpu
