#include "gpu/random.h"

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"

namespace mlx::core::gpu {

void random_bits(Commands& commands, Place keys, int64_t num_keys, int64_t bytes_per_key,
                 Place out) {
  constexpr int threads = 256;
  if (num_keys == 0 || bytes_per_key == 0) return;
  bool whole_words = bytes_per_key % 4 == 0 && out.byte_offset % 4 == 0;
  auto* call = whole_words ? "random_bits<true>" : "random_bits<false>";
  auto& kernel = commands.kernels().get(call, [&] {
    Entry entry(Entry::name("random_bits", call), threads);
    entry.input("uint", "keys")
        .output("uint8_t", "y")
        .value("RandomArguments", "p")
        .body(std::string("  ") + call + "(keys, y, p, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"random"}));
  });
  int64_t words = (bytes_per_key + 3) / 4, hashes = num_keys * (words / 2 + words % 2);
  const int64_t numbers[] = {num_keys, bytes_per_key};
  Argument arguments[] = {keys.read(), out.write(), Argument::value(numbers)};
  commands.launch(kernel, {uint64_t((hashes + threads - 1) / threads)}, {threads}, arguments);
}

}  // namespace mlx::core::gpu
