#include <doctest/doctest.h>

#include "derivative_checks.h"
#include "file_test_data.h"
#include "mlx/io.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

/// The pieces of a gguf file.
template <typename T>
std::string bytes_of(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}
std::string text(const std::string& value) { return bytes_of(uint64_t(value.size())) + value; }
std::string begin(uint64_t tensors, uint64_t values, uint32_t version = 3) {
  return "GGUF" + bytes_of(version) + bytes_of(tensors) + bytes_of(values);
}
std::string tensor(const std::string& name, std::vector<uint64_t> sizes, uint32_t type,
                   uint64_t offset = 0) {
  std::string info = text(name) + bytes_of(uint32_t(sizes.size()));
  for (uint64_t size : sizes) info += bytes_of(size);
  return info + bytes_of(type) + bytes_of(offset);
}
std::string file(std::string head, const std::string& data) {
  head.resize((head.size() + 31) / 32 * 32);
  return head + data;
}

GGUFLoad read(const std::string& contents) {
  return load_gguf(std::make_shared<StringStream>(contents));
}

std::string load_error(const std::string& contents) {
  try {
    read(contents);
  } catch (const EngineError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("gguf: what is saved comes back, with metadata") {
  Folder folder;
  std::unordered_map<std::string, array> arrays = {{"scalar", array(7.0f)},
                                                   {"empty", zeros({0, 3})},
                                                   {"view", transpose(random_array({3, 4}, 1))}};
  for (Dtype dtype : {int8, int16, int32, int64, float16, bfloat16, float32, float64})
    arrays.emplace(dtype_to_string(dtype), astype(random_array({3, 5}, 1, 0, 100), dtype));
  std::unordered_map<std::string, GGUFMetaData> metadata = {
      {"text", "caf\u00e9"},
      {"words", std::vector<std::string>{"one", "", "three"}},
      {"no words", std::vector<std::string>{}},
      {"flags", array({true, false})}};
  for (Dtype dtype :
       {bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float32, float64}) {
    metadata.emplace(dtype_to_string(dtype), array(1, dtype));
    metadata.emplace(std::string("list of ") + dtype_to_string(dtype), array({0, 1, 2}, dtype));
  }
  save_gguf(folder / "x", arrays, metadata);

  auto [loaded, values] = load_gguf(folder / "x.gguf");
  REQUIRE(loaded.size() == arrays.size());
  for (auto& [name, a] : arrays) {
    CAPTURE(name);
    CHECK(loaded.at(name).dtype() == a.dtype());
    CHECK(loaded.at(name).shape() == a.shape());
    CHECK(array_equal(loaded.at(name), a).item<bool>());
  }
  REQUIRE(values.size() == metadata.size());
  for (auto& [key, value] : values) {
    CAPTURE(key);
    REQUIRE(value.index() == metadata.at(key).index());
    if (auto* a = std::get_if<array>(&value)) {
      auto& expected = std::get<array>(metadata.at(key));
      CHECK(a->dtype() == expected.dtype());
      CHECK(a->shape() == expected.shape());
      CHECK(array_equal(*a, expected).item<bool>());
    } else if (auto* one = std::get_if<std::string>(&value)) {
      CHECK(*one == std::get<std::string>(metadata.at(key)));
    } else {
      CHECK(std::get<std::vector<std::string>>(value) ==
            std::get<std::vector<std::string>>(metadata.at(key)));
    }
  }
}

TEST_CASE("gguf: the alignment of the metadata is kept") {
  Folder folder;
  std::unordered_map<std::string, array> arrays = {{"a", array({1.0f})}, {"b", array({2.0f})}};
  save_gguf(folder / "x.gguf", arrays, {{"general.alignment", array(256)}});
  CHECK(fs::file_size(folder / "x.gguf") == 3 * 256);
  auto [loaded, metadata] = load_gguf(folder / "x.gguf");
  CHECK(loaded.at("b").item<float>() == 2);
  CHECK(std::get<array>(metadata.at("general.alignment")).dtype() == uint32);
  for (auto value : {array(0), array(7), array(-8), array(1 << 30)})
    CHECK_THROWS_AS(save_gguf(folder / "y", arrays, {{"general.alignment", value}}),
                    std::invalid_argument);
}

TEST_CASE("gguf: what the format can't hold is refused") {
  Folder folder;
  CHECK_THROWS_AS(save_gguf(folder / "x", {{"a", array({1u})}}), DtypeError);
  for (auto& name : {std::string(), std::string(65, 'n')})
    CHECK_THROWS_AS(save_gguf(folder / "x", {{name, array(1.0f)}}), std::invalid_argument);
  for (auto& key : {std::string(), std::string(65536, 'k')})
    CHECK_THROWS_AS(save_gguf(folder / "x", {}, {{key, "text"}}), std::invalid_argument);
  CHECK_THROWS_AS(save_gguf(folder / "x", {}, {{"nothing", std::monostate()}}),
                  std::invalid_argument);
  CHECK_THROWS_AS(save_gguf(folder / "x", {{"a", array(complex64_t(1))}}), DtypeError);
  CHECK_THROWS_AS(save_gguf(folder / "x", {{"a", zeros({1, 1, 1, 1, 1, 1, 1, 1, 1})}}), ShapeError);
  CHECK_THROWS_AS(save_gguf(folder / "x", {}, {{"a", zeros({2, 2})}}), ShapeError);
  CHECK_THROWS_AS(save_gguf(folder / "x", {}, {{"a", zeros({2}, float16)}}), DtypeError);
  CHECK_THROWS_AS(save_gguf(folder / "no/such/folder", {{"a", array(1)}}), EngineError);
  CHECK(folder.count() == 0);
  save_gguf(folder / "x", {{std::string(64, 'n'), array(1.0f)}}, {{std::string(65535, 'k'), "t"}});
}

TEST_CASE("gguf: packed tensors become MLX's weights, scales and biases") {
  // A scale of 2, then the nibbles 0 to 15 with 15 to 0 above them.
  std::string nibbles;
  for (int i = 0; i < 16; ++i) nibbles += char(i | (15 - i) << 4);
  std::string two("\x00\x40", 2), three("\x00\x42", 2), bytes;
  for (int i = 0; i < 32; ++i) bytes += char(i - 16);
  std::string data = two + nibbles;
  data.resize(32);
  data += two + three + nibbles;
  data.resize(64);
  data += two + bytes;
  std::string head = begin(3, 0) + tensor("a.weight", {32}, 2) + tensor("b", {32, 1}, 3, 32) +
                     tensor("c.weight", {32, 1, 1}, 8, 64);
  auto loaded = read(file(head, data)).first;
  CHECK(loaded.size() == 9);
  std::vector<double> words = {0x76543210u, 0xfedcba98u, 0x89abcdefu, 0x01234567u};
  CHECK(loaded.at("a.weight").dtype() == uint32);
  CHECK(loaded.at("a.weight").shape() == Shape{4});
  CHECK(values(loaded.at("a.weight")) == words);
  CHECK(loaded.at("a.scales").dtype() == float16);
  CHECK(values(loaded.at("a.scales")) == std::vector<double>{2});
  CHECK(values(loaded.at("a.biases")) == std::vector<double>{-16});
  CHECK(loaded.at("b").shape() == Shape{1, 4});
  CHECK(values(loaded.at("b")) == words);
  CHECK(values(loaded.at("b.scales")) == std::vector<double>{2});
  CHECK(values(loaded.at("b.biases")) == std::vector<double>{3});
  CHECK(loaded.at("c.weight").shape() == Shape{1, 1, 8});
  CHECK(loaded.at("c.scales").shape() == Shape{1, 1, 1});
  CHECK(values(loaded.at("c.weight"))[4] == double(0x83828180u));
  CHECK(values(loaded.at("c.biases")) == std::vector<double>{-256});
  // The bytes of an empty tensor are none.
  CHECK(read(begin(1, 0) + tensor("e", {256, 0}, 12)).first.at("e").shape() == Shape{0, 256});
}

TEST_CASE("gguf: files of the first version count in 32 bits") {
  std::string head = "GGUF" + bytes_of(1u) + bytes_of(1u) + bytes_of(1u);
  head += bytes_of(1u) + "k" + bytes_of(8u) + bytes_of(2u) + "ok";
  head += bytes_of(1u) + "a" + bytes_of(1u) + bytes_of(2u) + bytes_of(0u) + bytes_of(uint64_t(0));
  auto [arrays, metadata] = read(file(head, bytes_of(1.5f) + bytes_of(2.5f)));
  CHECK(values(arrays.at("a")) == std::vector<double>{1.5, 2.5});
  CHECK(std::get<std::string>(metadata.at("k")) == "ok");
}

TEST_CASE("gguf: headers with a fault are refused") {
  auto refused = [](const std::string& contents, const char* why) {
    std::string message = load_error(contents);
    CAPTURE(message);
    CHECK(contains(message, "a string"));
    CHECK(contains(message, why));
  };
  constexpr uint64_t most = ~uint64_t(0);
  std::string data(64, 'x');
  CHECK(load_error(file(begin(1, 0) + tensor("a", {16}, 0), data)) == "");

  refused("", "doesn't begin");
  refused("GGML", "doesn't begin");
  refused("GGUF", "within the header");
  refused(begin(0, 0, 4), "version is 4");
  refused(begin(0, 0, 3u << 24), "big-endian");
  refused(begin(most, 0), "within the header");
  refused(begin(0, most), "within the header");
  refused(begin(0, 1) + bytes_of(most), "ends outside");
  refused(begin(0, 1) + text("k") + bytes_of(99u), "unknown type 99");
  refused(begin(0, 1) + text("k") + bytes_of(4u) + "123", "ends outside");
  refused(begin(0, 1) + text("k") + bytes_of(8u) + bytes_of(uint64_t(5)) + "1234", "ends outside");
  refused(begin(0, 1) + text("k") + bytes_of(9u) + bytes_of(4u) + bytes_of(most), "ends outside");
  refused(begin(0, 1) + text("k") + bytes_of(9u) + bytes_of(0u) + bytes_of(uint64_t(1) << 40),
          "ends outside");
  refused(begin(0, 1) + text("k") + bytes_of(9u) + bytes_of(8u) + bytes_of(most),
          "within the header");
  refused(begin(0, 1) + text("k") + bytes_of(9u) + bytes_of(9u) + bytes_of(most),
          "lists in a list");
  std::string one = text("k") + bytes_of(7u) + "\1";
  refused(begin(0, 2) + one + one, "twice");
  refused(begin(0, 1) + text("general.alignment") + bytes_of(4u) + bytes_of(0u), "alignment is 0");
  refused(begin(0, 1) + text("general.alignment") + bytes_of(8u) + text("8"), "no number");
  refused(begin(1, 0) + text("a") + bytes_of(9u), "9 dimensions");
  refused(begin(1, 0) + tensor("a", {16}, 99), "unknown type 99");
  refused(begin(1, 0) + tensor("a", {most}, 0), "too large");
  refused(begin(1, 0) + tensor("a", {1u << 30, 1u << 30, 1u << 30}, 0), "too large");
  refused(file(begin(1, 0) + tensor("a", {17}, 0), data), "ends outside");
  refused(file(begin(1, 0) + tensor("a", {16}, 0, 32), data), "ends outside");
  refused(file(begin(1, 0) + tensor("a", {16}, 0, most), data), "ends outside");
  refused(file(begin(1, 0) + tensor("a", {16}, 2), data), "blocks of 32");
  refused(file(begin(1, 0) + tensor("a", {}, 12), data), "blocks of 256");
  refused(file(begin(1, 0) + tensor("a", {256}, 12), data), "ends outside");
  std::string twice = tensor("a", {16}, 0);
  refused(file(begin(2, 0) + twice + twice, data), "twice");
  std::string clash = tensor("a.weight", {32}, 8) + tensor("a.scales", {1}, 0);
  refused(file(begin(2, 0) + clash, data), "twice");
}
