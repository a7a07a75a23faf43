#include <doctest/doctest.h>

#include <functional>
#include <random>

#include "derivative_checks.h"
#include "file_test_data.h"
#include "mlx/io.h"
#include "mlx/memory.h"

using namespace mlx::core;
using namespace mlx::core::testing;

// Files with random changes load, or are errors of the engine: nothing else, and at no cost out of
// proportion to the file.

namespace {

using Load = std::function<std::vector<array>(std::shared_ptr<io::Reader>)>;

std::vector<array> arrays_of(const std::unordered_map<std::string, array>& named) {
  std::vector<array> arrays;
  for (auto& [name, a] : named) arrays.push_back(a);
  return arrays;
}

std::string mutated(std::string text, std::mt19937& random) {
  auto below = [&](size_t n) { return size_t(random() % n); };
  constexpr char telling[] = {'\0', '\1', '\x7f', '\x80', '\xff', '0', '9', '(', '{', '"', ','};
  for (size_t changes = 1 + below(4); changes > 0 && !text.empty(); --changes) {
    // Headers stand at either end.
    size_t near = below(std::min<size_t>(text.size(), 400));
    size_t at = below(3) == 0 ? text.size() - 1 - near : near;
    switch (below(6)) {
      case 0:
        text[at] = char(random());
        break;
      case 1:
        text[at] ^= char(1 << below(8));
        break;
      case 2:
        text[at] = telling[below(sizeof telling)];
        break;
      case 3:
        text.resize(below(8) == 0 ? at : text.size());
        break;
      case 4:
        text.insert(at, 1 + below(9), char(random()));
        break;
      case 5:
        text.erase(at, 1 + below(9));
        break;
    }
  }
  return text;
}

void check_mutations(const std::string& good, const Load& load) {
  std::mt19937 random(7);
  for (auto& a : load(std::make_shared<StringStream>(good))) a.eval();
  int sound = 0, unsound = 0;
  size_t before = get_active_memory();
  reset_peak_memory();
  for (int i = 0; i < 3000; ++i) {
    std::string bad = mutated(good, random);
    try {
      for (auto& a : load(std::make_shared<StringStream>(bad))) a.eval();
      ++sound;
    } catch (const EngineError& error) {
      ++unsound;
    }
  }
  CHECK(sound + unsound == 3000);
  CHECK(unsound > 500);
  CHECK(get_peak_memory() < before + (size_t(32) << 20));
}

std::unordered_map<std::string, array> small_arrays() {
  return {{"a", random_array({3, 4}, 1)},
          {"flags", array({true, false})},
          {"b.c", reshape(arange(6), {3, 2})}};
}

}  // namespace

TEST_CASE("mutated npy files") {
  auto file = std::make_shared<StringStream>();
  save(file, random_array({5, 7}, 1));
  check_mutations(file->text(), [](auto reader) { return std::vector<array>{load(reader)}; });
}

TEST_CASE("mutated npz files") {
  Folder folder;
  for (bool compressed : {false, true}) {
    save_npz(folder / "x.npz", small_arrays(), compressed);
    check_mutations(read_file(folder / "x.npz"),
                    [](auto reader) { return arrays_of(load_npz(reader)); });
  }
}

TEST_CASE("mutated safetensors files") {
  auto file = std::make_shared<StringStream>();
  save_safetensors(file, small_arrays(), {{"key", "value"}});
  check_mutations(file->text(),
                  [](auto reader) { return arrays_of(load_safetensors(reader).first); });
}

TEST_CASE("mutated gguf files") {
  Folder folder;
  auto arrays = small_arrays();
  arrays.erase("flags");
  save_gguf(folder / "x.gguf", arrays,
            {{"words", std::vector<std::string>{"one", "two"}}, {"sizes", array({1, 2, 3})}});
  auto load = [](auto reader) { return arrays_of(load_gguf(reader).first); };
  check_mutations(read_file(folder / "x.gguf"), load);
  // The same bytes as packed blocks.
  std::string packed = read_file(folder / "x.gguf");
  size_t type = packed.find("b.c") + 3 + 4 + 16;
  packed[type] = 2;
  packed[type - 16] = 32;
  packed[type - 8] = 1;
  check_mutations(packed, load);
}
