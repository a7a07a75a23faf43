#include <doctest/doctest.h>
#include <sys/stat.h>

#include <limits>

#include "derivative_checks.h"
#include "file_test_data.h"
#include "mlx/io.h"
#include "mlx/memory.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

/// A file's bytes with the length of the header in front.
std::string with_header(const std::string& header, const std::string& data = "") {
  std::string length(8, '\0');
  for (size_t i = 0; i < 8; ++i) length[i] = char(uint64_t(header.size()) >> (8 * i));
  return length + header + data;
}

/// The message of the error that loading gives.
std::string load_error(const std::string& name) {
  try {
    load_safetensors(name);
  } catch (const EngineError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("what is saved comes back, for every dtype") {
  Folder folder;
  std::string name = folder / "all.safetensors";
  std::unordered_map<std::string, array> arrays;
  for (Dtype dtype : {bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16,
                      bfloat16, float32, float64})
    arrays.emplace(dtype_to_string(dtype), astype(random_array({3, 5}, 1, 0, 200), dtype));
  arrays.emplace("complex64", random_array({4}, 2, -1, 1, complex64));
  arrays.emplace("scalar", array(7));
  arrays.emplace("empty", zeros({0, 3}));
  arrays.emplace("largest", array({std::numeric_limits<uint64_t>::max()}));
  arrays.emplace("lazy", random_array({3}, 5) + 1.0);
  save_safetensors(name, arrays, {{"format", "mlx"}, {"note", "caf\u00e9"}});

  auto [loaded, metadata] = load_safetensors(name);
  CHECK(metadata.size() == 2);
  CHECK(metadata.at("note") == "caf\u00e9");
  REQUIRE(loaded.size() == arrays.size());
  for (auto& [key, a] : arrays) {
    CAPTURE(key);
    const array& b = loaded.at(key);
    CHECK(b.dtype() == a.dtype());
    CHECK(b.shape() == a.shape());
    CHECK(array_equal(a, b).item<bool>());
  }
}

TEST_CASE("views are written in row-major order") {
  Folder folder;
  array a = reshape(arange(12), {3, 4});
  std::unordered_map<std::string, array> views = {
      {"transposed", transpose(a)},
      {"slice", slice(a, {0, 1}, {3, 4}, {2, 2})},
      {"reversed", flip(a)},
      {"broadcast", broadcast_to(array({1, 2}), {3, 2})},
  };
  save_safetensors(folder / "views.safetensors", views);
  auto loaded = load_safetensors(folder / "views.safetensors").first;
  for (auto& [key, view] : views) CHECK(array_equal(loaded.at(key), view).item<bool>());
}

TEST_CASE("the file is laid out as the format says, the same for the same contents") {
  Folder folder;
  std::unordered_map<std::string, array> arrays = {{"b", array({1.0f, 2.0f})},
                                                   {"a", array({int8_t(5)})}};
  save_safetensors(folder / "x", arrays);
  std::string bytes = read_file(folder / "x.safetensors");
  uint64_t length = 0;
  for (size_t i = 8; i-- > 0;) length = length << 8 | uint8_t(bytes[i]);
  CHECK(length % 8 == 0);
  CHECK(bytes.size() == 8 + length + 9);
  CHECK(contains(bytes, R"("b":{"data_offsets":[0,8],"dtype":"F32","shape":[2]})"));
  CHECK(!contains(bytes, "__metadata__"));
  save_safetensors(folder / "y", arrays);
  CHECK(read_file(folder / "y.safetensors") == bytes);
}

TEST_CASE("bytes are read when an array is evaluated, and only its own") {
  Folder folder;
  std::string name = folder / "lazy.safetensors";
  // A sparse file of 3 GiB: reading it all would take long and fill memory.
  uint64_t large = uint64_t(3) << 30;
  std::string header = R"({"large":{"dtype":"U8","shape":[3,1073741824],"data_offsets":[0,)" +
                       std::to_string(large) + R"(]},"small":{"dtype":"U8","shape":[2],)" +
                       R"("data_offsets":[)" + std::to_string(large) + "," +
                       std::to_string(large + 2) + "]}}";
  write_file(name, with_header(header));
  fs::resize_file(name, 8 + header.size() + large + 2);
  size_t before = get_active_memory();
  auto loaded = load_safetensors(name).first;
  CHECK(loaded.at("large").shape() == Shape{3, 1073741824});
  CHECK(values(loaded.at("small")) == std::vector<double>{0, 0});
  CHECK(get_active_memory() < before + (1 << 20));
}

TEST_CASE("an array can be read after its file was replaced or deleted") {
  Folder folder;
  std::string name = folder / "x.safetensors";
  save_safetensors(name, {{"a", array({1, 2, 3})}});
  auto old = load_safetensors(name).first;
  save_safetensors(name, {{"a", old.at("a") + 1}});
  auto newer = load_safetensors(name).first;
  fs::remove(name);
  CHECK(values(old.at("a")) == std::vector<double>{1, 2, 3});
  CHECK(values(newer.at("a")) == std::vector<double>{2, 3, 4});
}

TEST_CASE("a file that shrinks before its arrays are read is an error") {
  Folder folder;
  std::string name = folder / "x.safetensors";
  save_safetensors(name, {{"a", zeros({100000})}});
  auto loaded = load_safetensors(name).first;
  fs::resize_file(name, 100);
  CHECK_THROWS_AS(eval(loaded.at("a")), EngineError);
}

TEST_CASE("headers with a fault are refused by name") {
  Folder folder;
  std::string name = folder / "bad.safetensors";
  auto refused = [&](const std::string& contents, const char* why) {
    write_file(name, contents);
    std::string message = load_error(name);
    CAPTURE(message);
    CHECK(contains(message, "bad.safetensors"));
    CHECK(contains(message, why));
  };
  std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  std::string eight(8, 'x');
  write_file(name, with_header(good, eight));
  CHECK(load_error(name) == "");

  refused("", "too few");
  refused("1234567", "too few");
  refused(std::string(8, '\xff'), "doesn't fit");
  refused(with_header(good, eight).substr(0, 20), "doesn't fit");
  refused(with_header(good, "1234567"), "ends at byte 8 of 7");
  refused(with_header(good, eight + "x"), "belong to no entry");
  refused(with_header("{", eight), "JSON");
  refused(with_header("[1]"), "not a JSON object");
  refused(with_header("nonsense"), "JSON");
  refused(with_header(good + "x", eight), "JSON");
  refused(with_header("{\"\xff\":1}"), "JSON");
  refused(with_header(std::string(1000000, '[')), "not a JSON object");
  refused(with_header(R"({"a":{"b":)" + std::string(1000000, '[')), "nested");
  refused(with_header(R"({"a":{"dtype":"F8_E5M2","shape":[8],"data_offsets":[0,8]}})", eight),
          "not supported");
  refused(with_header(R"({"a":{"b":{"c":{"d":{}}}}})"), "nested");
  refused(with_header(R"({"a":1})"), "not an object");
  refused(with_header(R"({"a":{}})"), "no dtype");
  refused(with_header(R"({"a":{"dtype":"F32","shape":[2]}})"), "no data_offsets");
  refused(with_header(R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})", eight),
          "unknown dtype");
  refused(with_header(R"({"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}})", eight),
          "unknown dtype");
  refused(with_header(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", eight),
          "needs 12 bytes");
  refused(with_header(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", eight),
          "not a size");
  refused(with_header(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", eight),
          "not a size");
  refused(with_header(R"({"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}})", eight),
          "not a list");
  refused(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", eight),
          "begin and an end");
  refused(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}})", eight),
          "begin and an end");
  refused(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})", eight),
          "not a size");
  refused(
      with_header(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551615,0]}})"),
      "begin and an end");
  refused(with_header(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],)"
                      R"("data_offsets":[0,0]}})"),
          "too large");
  refused(with_header(R"({"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],)"
                      R"("data_offsets":[0,8]}})",
                      eight),
          "too large");
  refused(with_header(R"({"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},)"
                      R"("b":{"dtype":"U8","shape":[5],"data_offsets":[3,8]}})",
                      eight),
          "overlaps");
  refused(with_header(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                      R"("b":{"dtype":"U8","shape":[5],"data_offsets":[3,8]}})",
                      eight),
          "gap");
  refused(with_header(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                      R"("a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}})",
                      eight),
          "twice");
  refused(with_header(R"({"__metadata__":7})"), "not an object");
  refused(with_header(R"({"__metadata__":{"a":7}})"), "not a string");
}

TEST_CASE("what other writers leave in a header is understood") {
  Folder folder;
  std::string name = folder / "other.safetensors";
  write_file(name,
             with_header("{\"__metadata__\":null,\n \"f\":{\"dtype\":\"F8_E4M3\",\"shape\":[2],"
                         "\"data_offsets\":[0,2],\"more\":[1]}}   ",
                         "\x01\x02"));
  auto loaded = load_safetensors(name).first;
  CHECK(loaded.at("f").dtype() == uint8);
  CHECK(values(loaded.at("f")) == std::vector<double>{1, 2});
  write_file(name, with_header("{}"));
  CHECK(load_safetensors(name).first.empty());
  // A truth value is any byte but zero.
  write_file(name, with_header(R"({"b":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}})",
                               std::string("\x00\x01\x80", 3)));
  auto truths = load_safetensors(name).first.at("b");
  CHECK(values(truths) == std::vector<double>{0, 1, 1});
  truths.eval();
  CHECK(*reinterpret_cast<const uint8_t*>(truths.data<bool>() + 2) == 1);
}

TEST_CASE("files that can't be read or written are errors that name them") {
  Folder folder;
  CHECK(contains(load_error(folder / "missing.safetensors"), "missing.safetensors"));
  CHECK(contains(load_error(folder.path.string()), "not a regular file"));
  CHECK_THROWS_AS(save_safetensors(folder / "no/such/folder", {{"a", array(1)}}), EngineError);
  fs::create_directory(folder / "d.safetensors");
  CHECK_THROWS_AS(save_safetensors(folder / "d.safetensors", {{"a", array(1)}}), EngineError);
  CHECK_THROWS_AS(save_safetensors(folder / "x", {{"__metadata__", array(1)}}),
                  std::invalid_argument);
  CHECK_THROWS_AS(save_safetensors(folder / "x", {{"\xff", array(1)}}), std::invalid_argument);
  CHECK(folder.count() == 1);
}

TEST_CASE("saving replaces a file in one step") {
  Folder folder;
  std::string name = folder / "x.safetensors";
  save_safetensors(name, {{"a", array(1)}});
  chmod(name.c_str(), 0600);
  // An array that can't be computed leaves the old file, and nothing else.
  array broken = take(array({1, 2}), array({5}));
  CHECK_THROWS_AS(save_safetensors(name, {{"a", broken}}), EngineError);
  CHECK(load_safetensors(name).first.at("a").item<int>() == 1);
  save_safetensors(name, {{"a", array(2)}});
  CHECK(load_safetensors(name).first.at("a").item<int>() == 2);
  struct stat status;
  REQUIRE(stat(name.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  // A link goes on naming the file.
  fs::create_symlink(name, folder / "link.safetensors");
  save_safetensors(folder / "link.safetensors", {{"a", array(3)}});
  CHECK(fs::is_symlink(folder / "link.safetensors"));
  CHECK(load_safetensors(name).first.at("a").item<int>() == 3);
  CHECK(folder.count() == 2);
}
