#include <doctest/doctest.h>

#include <unistd.h>

#include <filesystem>

#include "mlx/mlx.h"

// Files, exported functions and drawings of graphs, as programs written for MLX make them.

using namespace mlx::core;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("mlx-api-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

bool is_equal(const array& a, const array& b) { return array_equal(a, b).item<bool>(); }

std::vector<array> twice(const Args& args) { return {args[0] * 2.0f}; }

}  // namespace

TEST_CASE("api: arrays in files") {
  Folder folder;
  array a = reshape(arange(6.0), {2, 3});
  save(folder / "a.npy", a);
  CHECK(is_equal(load(folder / "a.npy"), a));
  CHECK(is_equal(load(folder / "a.npy", Device::cpu), a));
  save_safetensors(folder / "a.safetensors", {{"a", a}, {"b", array(1)}}, {{"made by", "a test"}});
  auto [tensors, metadata] = load_safetensors(folder / "a.safetensors");
  CHECK(is_equal(tensors.at("a"), a));
  CHECK(metadata.at("made by") == "a test");
  std::unordered_map<std::string, GGUFMetaData> facts = {{"list", array({1, 2})}, {"text", "t"}};
  save_gguf(folder / "a.gguf", {{"a", a}}, facts);
  auto [loaded, found] = load_gguf(folder / "a.gguf");
  CHECK(is_equal(loaded.at("a"), a));
  CHECK(std::get<std::string>(found.at("text")) == "t");
  CHECK_THROWS_AS(load(folder / "missing.npy"), std::runtime_error);
}

TEST_CASE("api: readers and writers of files") {
  Folder folder;
  array a = reshape(arange(6.0), {2, 3});
  auto writer = std::make_shared<io::FileWriter>(folder / "a.npy");
  CHECK(writer->is_open());
  CHECK(writer->good());
  CHECK(writer->label() == "file " + (folder / "a.npy"));
  save(writer, a);
  CHECK(writer->tell() == fs::file_size(folder / "a.npy"));
  writer.reset();
  auto reader = std::make_shared<io::ParallelFileReader>(folder / "a.npy");
  CHECK(reader->good());
  CHECK(is_equal(load(reader), a));
  save_safetensors(std::make_shared<io::FileWriter>(folder / "a.safetensors"), {{"a", a}});
  CHECK(
      is_equal(load_safetensors(std::make_shared<io::ParallelFileReader>(folder / "a.safetensors"))
                   .first.at("a"),
               a));

  // More than one thread reads at a time.
  constexpr size_t large = (size_t(20) << 20) + 5;
  std::string bytes(large, '\0');
  for (size_t i = 0; i < large; ++i) bytes[i] = char(i * 2654435761u >> 13);
  io::FileWriter large_file(folder / "large");
  large_file.write(bytes.data(), large);
  large_file.seek(0);
  large_file.write(bytes.data(), 1);
  large_file.seek(0, std::ios_base::end);
  CHECK(large_file.tell() == large);
  io::ParallelFileReader large_reader(folder / "large");
  std::string read(large, '\0');
  large_reader.read(read.data(), large);
  CHECK(read == bytes);
  CHECK(large_reader.tell() == large);
  large_reader.seek(-3, std::ios_base::cur);
  char tail[3];
  large_reader.read(tail, 3);
  CHECK(std::string(tail, 3) == bytes.substr(large - 3));
  large_reader.read(tail, 3, 1);
  CHECK(std::string(tail, 3) == bytes.substr(1, 3));
  CHECK(large_reader.tell() == large);
  CHECK_THROWS_AS(large_reader.read(tail, 3, large - 1), std::runtime_error);
  CHECK_FALSE(large_reader.good());

  io::FileWriter none;
  CHECK_FALSE(none.is_open());
  none = std::move(large_file);
  CHECK(none.is_open());
  CHECK_FALSE(large_file.is_open());
  io::FileWriter moved(std::move(none));
  CHECK(moved.is_open());
  CHECK_FALSE(io::ParallelFileReader(folder / "missing").is_open());
  CHECK_FALSE(io::FileWriter(folder / "missing/file").good());
  CHECK_THROWS_AS(load(std::make_shared<io::ParallelFileReader>(folder / "missing")),
                  std::runtime_error);
}

TEST_CASE("api: exported functions") {
  Folder folder;
  std::string file = folder / "f.mlxfn";
  export_function(file, twice, {ones({2})});
  auto imported = import_function(file);
  CHECK(is_equal(imported({ones({2})})[0], full({2}, 2.0f)));
  CHECK(is_equal(imported(Args{ones({2})})[0], full({2}, 2.0f)));
  CHECK(imported.metadata() == "");
  CHECK_THROWS_AS(imported({ones({3})}), std::invalid_argument);

  auto by_name = [](const Kwargs& named) {
    return std::vector<array>{named.at("x") - named.at("y")};
  };
  export_function(file, by_name, {{"x", array(3.0f)}, {"y", array(1.0f)}}, false, "a note");
  imported = import_function(file);
  CHECK(imported.metadata() == "a note");
  CHECK(imported({{"x", array(5.0f)}, {"y", array(1.0f)}})[0].item<float>() == 4);

  auto both = [](const Args& args, const Kwargs& named) {
    return std::vector<array>{args[0] + named.at("y")};
  };
  export_function(file, both, {ones({2})}, {{"y", ones({2})}}, true);
  CHECK(import_function(file)({ones({3})}, {{"y", ones({3})}})[0].shape() == Shape{3});

  {
    auto traces = exporter(file, twice, false, "several");
    traces({ones({2})});
    traces({ones({3})});
    CHECK_THROWS_AS(traces({ones({3})}), std::invalid_argument);
    traces.close();
  }
  imported = import_function(file);
  CHECK(imported({ones({3})})[0].shape() == Shape{3});
  CHECK(imported.metadata() == "several");
  exporter(file, by_name)({{"x", array(3.0f)}, {"y", array(1.0f)}});
  exporter(file, both)(Args{array(1.0f)}, Kwargs{{"y", array(2.0f)}});
}

TEST_CASE("api: callbacks that are told of traces") {
  std::vector<std::string> kinds, names;
  ExportCallback callback = [&](const ExportCallbackInput& told) {
    kinds.push_back(std::get<std::string>(told.at("type")));
    if (kinds.back() == "primitive") names.push_back(std::get<std::string>(told.at("name")));
  };
  export_function(callback, twice, {ones({2})});
  CHECK(std::set<std::string>(kinds.begin(), kinds.end()) ==
        std::set<std::string>{"inputs", "keyword_inputs", "outputs", "constants", "primitive"});
  CHECK(std::find(names.begin(), names.end(), "Multiply") != names.end());
  size_t once = kinds.size();
  auto traces = exporter(callback, twice);
  traces({ones({2})});
  CHECK(kinds.size() == 2 * once);
  traces.close();
  CHECK_THROWS_AS(traces({ones({4})}), std::invalid_argument);
  auto by_name = [](const Kwargs& named) { return std::vector<array>{-named.at("x")}; };
  export_function(callback, by_name, {{"x", array(3.0f)}});
  exporter(callback, by_name)(Kwargs{{"x", array(3.0f)}});
  auto both = [](const Args& args, const Kwargs&) { return std::vector<array>{-args[0]}; };
  export_function(callback, both, {array(3.0f)}, {});
  exporter(callback, both, true)(Args{array(3.0f)}, Kwargs{});
}

TEST_CASE("api: drawings of graphs") {
  array x = ones({2}), y = exp(x), z = y + x;
  NodeNamer namer;
  namer.set_name(x, "x");
  CHECK(namer.get_name(x) == "x");
  auto text = [](auto&& draw) {
    std::ostringstream os;
    draw(os);
    return os.str();
  };
  CHECK(text([&](auto& os) { print_graph(os, z); }).find("Add") != std::string::npos);
  CHECK(text([&](auto& os) { print_graph(os, y, z); }).find("Exp") != std::string::npos);
  CHECK(text([&](auto& os) { print_graph(os, namer, z); }).find("x") != std::string::npos);
  CHECK(text([&](auto& os) { print_graph(os, std::vector<array>{z}); }) ==
        text([&](auto& os) { print_graph(os, z); }));
  CHECK(text([&](auto& os) { print_graph(os, namer, std::vector<array>{z}); }) ==
        text([&](auto& os) { print_graph(os, namer, z); }));
  CHECK(text([&](auto& os) { export_to_dot(os, z); }).find("digraph") != std::string::npos);
  CHECK(text([&](auto& os) { export_to_dot(os, std::vector<array>{z}); }) ==
        text([&](auto& os) { export_to_dot(os, z); }));
  CHECK(text([&](auto& os) { export_to_dot(os, namer, y, z); }) ==
        text([&](auto& os) { export_to_dot(os, namer, std::vector<array>{y, z}); }));
}
