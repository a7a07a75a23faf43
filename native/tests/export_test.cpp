#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "derivative_checks.h"
#include "mlx/mlx.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

/// A name in the system's folder for such, deleted at the end.
struct TemporaryFile {
  std::string name =
      (std::filesystem::temp_directory_path() / ("mlx-export-test-" + std::to_string(next())))
          .string();
  ~TemporaryFile() { std::remove(name.c_str()); }
  static int next() {
    static int count =
        int(std::hash<std::string>{}(std::filesystem::current_path().string()) % 100000) * 100;
    return ++count;
  }
};

Args conv_net(const Args& x) {
  static const array weight = random_array({4, 3, 3, 2}, 9, -1, 1, float32);
  array y = conv2d(x[0], weight, {1, 1}, {1, 1});
  y = maximum(y, array(0.0f));
  array z = softmax(reshape(y, {x[0].shape(0), -1}), -1);
  return {z,
          argmax(z, -1),
          sort(slice(z, {0, 0}, {1, 5})),
          argpartition(z, 3, 1),
          topk(z, 2, 1),
          searchsorted(sort(z), z, "right")};
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("an exported function gives the same to the bit") {
  TemporaryFile file;
  Args x = {random_array({2, 5, 6, 2}, 1, -1, 1, float32)};
  export_function(file.name, conv_net, x);
  auto imported = import_function(file.name);
  auto expected = conv_net(x), got = imported(x);
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    CHECK(got[i].dtype() == expected[i].dtype());
    CHECK(array_equal(got[i], expected[i]).item<bool>());
  }
  CHECK_THROWS_WITH_AS(imported({ones({2, 5, 6, 3})}), doctest::Contains("has no trace for"),
                       std::invalid_argument);
  CHECK_THROWS_AS(imported({x[0], x[0]}), std::invalid_argument);
}

TEST_CASE("an imported function differentiates, vectorises and compiles") {
  TemporaryFile file;
  auto f = [](const Args& x) { return Args{sum(tanh(x[0]) * x[1])}; };
  Args x = {random_array({3}, 1), random_array({3}, 2)};
  export_function(file.name, f, x);
  auto imported = import_function(file.name);
  auto g = [&](const Args& y) { return imported(y)[0]; };
  auto expected = grad([&](const Args& y) { return f(y)[0]; })(x)[0];
  CHECK(distance(grad(g)(x)[0], expected) < 1e-12);
  check_vmap(g, {random_array({4, 3}, 3), x[1]}, {0, -1});
  CHECK(compile(VectorFunction([&](const Args& y) { return imported(y); }))(x)[0].item<double>() ==
        f(x)[0].item<double>());
}

TEST_CASE("several traces, keyword arguments and metadata share a file") {
  TemporaryFile file;
  auto f = [](const Args& args, const Kwargs& kwargs) {
    array y = args[0];
    if (kwargs.count("scale")) y = y * kwargs.at("scale");
    if (kwargs.count("bias")) y = y + kwargs.at("bias");
    return Args{y};
  };
  array x({1.0f, 2.0f}), two(2.0f), one(1.0f);
  {
    auto all =
        exporter(file.name, std::function<Args(const Args&, const Kwargs&)>(f), false, "notes");
    all({x});
    all({x}, {{"scale", two}});
    all({x}, {{"scale", two}, {"bias", one}});
    all({ones({3})});
    CHECK_THROWS_AS(all({x}), std::invalid_argument);
    all.close();
    CHECK_THROWS_AS(all({ones({4})}), std::invalid_argument);
  }
  auto imported = import_function(file.name);
  CHECK(imported.metadata() == "notes");
  CHECK(array_equal(imported({x})[0], x).item<bool>());
  CHECK(array_equal(imported({x}, {{"scale", two}})[0], array({2.0f, 4.0f})).item<bool>());
  CHECK(array_equal(imported({x}, {{"bias", one}, {"scale", two}})[0], array({3.0f, 5.0f}))
            .item<bool>());
  CHECK(imported({ones({3})})[0].shape() == Shape{3});
  CHECK_THROWS_AS(imported({x}, {{"bias", one}}), std::invalid_argument);
}

TEST_CASE("shapeless exports hold for other sizes as far as sizes didn't flow into them") {
  TemporaryFile file;
  array weight = random_array({4, 3}, 2);
  auto f = [&](const Args& x) {
    array y = matmul(x[0], weight);
    return Args{softmax(y - mean(y, 0, true), -1)};
  };
  export_function(file.name, f, {random_array({5, 4}, 1)}, true);
  auto imported = import_function(file.name);
  for (int n : {2, 5, 50}) {
    array x = random_array({n, 4}, 3);
    CHECK(array_equal(imported({x})[0], f({x})[0]).item<bool>());
  }
  CHECK_THROWS_AS(imported({random_array({5, 5}, 1)}), std::invalid_argument);
  auto sized = [](const Args& x) { return Args{x[0] * array(double(x[0].shape(0)))}; };
  export_function(file.name, sized, {random_array({5}, 1)}, true);
  auto exact = import_function(file.name);
  CHECK(exact({random_array({5}, 1)})[0].shape() == Shape{5});
  CHECK_THROWS_AS(exact({random_array({6}, 1)}), std::invalid_argument);
}

TEST_CASE("custom rules stay behind, and primitives that files can't hold are named") {
  TemporaryFile file;
  auto custom = custom_vjp([](const Args& x) { return Args{sin(x[0])}; },
                           [](const Args& p, const Args&, const Args&) { return p; });
  array x({0.5f});
  export_function(file.name, custom, {x});
  CHECK(import_function(file.name)({x})[0].item<float>() == sin(x).item<float>());
}

TEST_CASE("damaged files and files of other versions are errors that say so") {
  TemporaryFile file;
  Args x = {random_array({2, 5, 6, 2}, 1, -1, 1, float32)};
  export_function(file.name, conv_net, x);
  std::string whole = bytes_of(file.name);
  auto import_of = [&](std::string bytes) {
    write_bytes(file.name, bytes);
    return import_function(file.name);
  };
  import_of(whole);
  for (size_t at = 0; at < whole.size(); at += 7) {
    std::string damaged = whole;
    damaged[at] = char(damaged[at] ^ 0x41);
    CHECK_THROWS_AS(import_of(damaged), EngineError);
  }
  for (size_t size : {size_t(0), size_t(10), whole.size() / 2, whole.size() - 1})
    CHECK_THROWS_AS(import_of(whole.substr(0, size)), EngineError);
  CHECK_THROWS_AS(import_of(whole + "x"), EngineError);
  std::string newer = whole;
  newer[8] = 9;
  CHECK_THROWS_WITH_AS(import_of(newer), doctest::Contains("has version 9"), EngineError);
  CHECK_THROWS_AS(import_function(file.name + "-that-is-not-there"), EngineError);
}

TEST_CASE("callbacks hear of the whole trace") {
  std::vector<std::string> types, names;
  auto callback = [&](const ExportCallbackInput& record) {
    types.push_back(std::get<std::string>(record.at("type")));
    if (types.back() == "primitive") names.push_back(std::get<std::string>(record.at("name")));
  };
  export_function(ExportCallback(callback), [](const Args& x) { return Args{exp(x[0]) + x[1]}; },
                  {array({1.0f, 2.0f}), array(1.0f)});
  CHECK(types == std::vector<std::string>{"inputs", "keyword_inputs", "outputs", "constants",
                                          "primitive", "primitive", "primitive"});
  CHECK(names == std::vector<std::string>{"Exp", "Broadcast", "Add"});
}

TEST_CASE("graphs are drawn without being evaluated") {
  array x({1.0f, 2.0f}), y = exp(x) + x;
  std::ostringstream dot, text;
  NodeNamer namer;
  namer.set_name(x, "the \"input\"");
  export_to_dot(dot, namer, {y});
  print_graph(text, namer, {y});
  CHECK(dot.str().find("digraph") == 0);
  CHECK(dot.str().find("label=\"Exp\"") != std::string::npos);
  CHECK(dot.str().find("the \\\"input\\\"") != std::string::npos);
  CHECK(text.str().find("= Add(") != std::string::npos);
  CHECK(y.status() == array::unscheduled);
}
