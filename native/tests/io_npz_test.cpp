#include <doctest/doctest.h>

#include "derivative_checks.h"
#include "file_test_data.h"
#include "mlx/io.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

std::unordered_map<std::string, array> some_arrays() {
  std::unordered_map<std::string, array> arrays = {
      {"scalar", array(7)},
      {"empty", zeros({0, 3})},
      {"transposed", transpose(reshape(arange(12), {3, 4}))},
      {"caf\u00e9", array({1.5f})},
      // Longer than a piece that one thread reads.
      {"long", arange(3000000)},
  };
  for (Dtype dtype : {bool_, int8, uint64, float16, bfloat16, complex64})
    arrays.emplace(dtype_to_string(dtype), astype(random_array({3, 5}, 1, 0, 200), dtype));
  return arrays;
}

/// The bytes of an archive of one small array.
std::string small_archive(bool compressed) {
  Folder folder;
  save_npz(folder / "x.npz", {{"a", array({1, 2, 3})}}, compressed);
  return read_file(folder / "x.npz");
}

std::string load_error(const std::string& contents) {
  try {
    auto arrays = load_npz(std::make_shared<StringStream>(contents));
    for (auto& [name, a] : arrays) eval(a);
  } catch (const EngineError& error) {
    return error.what();
  }
  return "";
}

/// Where the directory's record begins.
size_t directory_of(const std::string& archive) { return archive.find("PK\x01\x02"); }

std::string replaced(std::string text, size_t at, const std::string& bytes) {
  return text.replace(at, bytes.size(), bytes);
}

}  // namespace

TEST_CASE("npz: what is saved comes back, stored and deflated") {
  Folder folder;
  auto arrays = some_arrays();
  for (bool compressed : {false, true}) {
    CAPTURE(compressed);
    save_npz(folder / "x", arrays, compressed);
    auto loaded = load_npz(folder / "x.npz");
    REQUIRE(loaded.size() == arrays.size());
    for (auto& [name, a] : arrays) {
      CAPTURE(name);
      CHECK(loaded.at(name).dtype() == a.dtype());
      CHECK(loaded.at(name).shape() == a.shape());
      CHECK(array_equal(loaded.at(name), a).item<bool>());
    }
  }
  save_npz(folder / "none.npz", {});
  CHECK(load_npz(folder / "none.npz").empty());
}

TEST_CASE("npz: equal contents make equal files, and deflation makes them smaller") {
  Folder folder;
  auto arrays = some_arrays();
  save_npz(folder / "a.npz", arrays);
  save_npz(folder / "b.npz", arrays);
  save_npz(folder / "c.npz", arrays, true);
  CHECK(read_file(folder / "a.npz") == read_file(folder / "b.npz"));
  CHECK(fs::file_size(folder / "c.npz") < fs::file_size(folder / "a.npz") / 2);
}

TEST_CASE("npz: bytes that changed are found when they are read") {
  for (bool compressed : {false, true}) {
    CAPTURE(compressed);
    std::string archive = small_archive(compressed);
    size_t last_byte = directory_of(archive) - 1;
    auto loaded = load_npz(std::make_shared<StringStream>(archive));
    CHECK(values(loaded.at("a")) == std::vector<double>{1, 2, 3});
    archive[last_byte - 4] ^= 4;
    CHECK(contains(load_error(archive), "a.npy"));
  }
}

TEST_CASE("npz: a directory in the form for large files") {
  std::string archive = small_archive(false);
  size_t directory = directory_of(archive);
  std::string record = archive.substr(directory, archive.find("PK\x05\x06") - directory);
  auto wide = [](uint64_t value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  };
  // Both sizes and the offset move into a field of 64 bits.
  uint32_t size;
  std::memcpy(&size, record.data() + 24, 4);
  std::string unknown(4, '\xff');
  record = replaced(replaced(replaced(record, 20, unknown), 24, unknown), 42, unknown);
  record[30] = 28;
  record += std::string("\x01\x00\x18\x00", 4) + wide(size) + wide(size) + wide(0);
  std::string end = std::string("PK\x06\x06", 4) + wide(44) + std::string("\x2d\0\x2d\0", 4) +
                    std::string(8, '\0') + wide(1) + wide(1) + wide(record.size()) +
                    wide(directory);
  std::string locator = std::string("PK\x06\x07", 4) + std::string(4, '\0') +
                        wide(directory + record.size()) + std::string("\x01\0\0\0", 4);
  std::string tail =
      std::string("PK\x05\x06\0\0\0\0", 8) + std::string(12, '\xff') + std::string("\x02\0!?", 4);
  std::string large = archive.substr(0, directory) + record + end + locator + tail;
  auto loaded = load_npz(std::make_shared<StringStream>(large));
  CHECK(values(loaded.at("a")) == std::vector<double>{1, 2, 3});
}

TEST_CASE("npz: archives with a fault are refused") {
  auto refused = [](const std::string& contents, const char* why) {
    std::string message = load_error(contents);
    CAPTURE(message);
    CHECK(contains(message, "a string"));
    CHECK(contains(message, why));
  };
  std::string good = small_archive(false), deflated = small_archive(true);
  size_t directory = directory_of(good);
  CHECK(load_error(good) == "");
  CHECK(load_error(good.substr(0, good.size() - 2) + std::string("\x03\0abc", 5)) == "");

  refused("", "it has 0 bytes");
  refused(std::string(100, 'x'), "no directory");
  refused(good.substr(0, good.size() - 1), "no directory");
  refused(good.substr(1), "outside");
  refused(replaced(good, directory, "nope"), "broken entry");
  refused(replaced(good, directory + 8, "\1"), "encrypted");
  refused(replaced(good, directory + 10, "\x0c"), "method 12");
  refused(replaced(good, directory + 16, "\x7f\x7f"), "checksum");
  refused(replaced(good, directory + 20, "\x01\x01\x01\x01"), "outside");
  refused(replaced(good, directory + 24, "\x01\x01\x01\x01"), "can't have");
  refused(replaced(deflated, directory_of(deflated) + 24, "\x7f\x7f\x7f\x7f"), "can't have");
  refused(replaced(good, directory + 28, "\xff\x7f"), "broken entry");
  refused(replaced(good, directory + 42, "\x01"), "no header");
  refused(replaced(good, 0, "PK\x07\x08"), "no header");
  refused(replaced(good, 26, "\xff"), "outside");
  refused(replaced(good, good.size() - 12, "\x02"), "instead of 2");
  refused(replaced(good, 60, "\x92"), "doesn't begin");
  std::string record = good.substr(directory, good.find("PK\x05\x06") - directory);
  std::string twice = good.substr(0, directory) + record + good.substr(directory);
  twice = replaced(twice, twice.size() - 10, std::string(1, char(2 * record.size())));
  refused(replaced(replaced(twice, twice.size() - 12, "\2"), twice.size() - 14, "\2"), "overlaps");
}
