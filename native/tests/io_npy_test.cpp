#include <doctest/doctest.h>

#include "derivative_checks.h"
#include "file_test_data.h"
#include "mlx/io.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

/// An npy file of version 1 with a dictionary as its header.
std::string npy_file(const std::string& dictionary, const std::string& data = "") {
  std::string length = {char(dictionary.size()), char(dictionary.size() >> 8)};
  return std::string("\x93NUMPY\x01\x00", 8) + length + dictionary + data;
}

std::string load_error(const std::string& contents) {
  try {
    load(std::make_shared<StringStream>(contents));
  } catch (const EngineError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("npy: what is saved comes back, for every dtype") {
  Folder folder;
  for (Dtype dtype : {bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16,
                      bfloat16, float32, float64, complex64}) {
    CAPTURE(dtype);
    array a = astype(random_array({3, 5}, 1, 0, 200), dtype);
    save(folder / "x", a);
    array b = load(folder / "x.npy");
    CHECK(b.dtype() == dtype);
    CHECK(b.shape() == a.shape());
    CHECK(array_equal(a, b).item<bool>());
  }
}

TEST_CASE("npy: shapes and views") {
  Folder folder;
  array a = reshape(arange(24), {2, 3, 4});
  for (array view :
       {array(7), zeros({0, 3}), transpose(a), transpose(a, {1, 0, 2}),
        slice(a, {0, 1, 0}, {2, 3, 4}, {1, 1, 2}), flip(a), broadcast_to(array({1, 2}), {3, 2})}) {
    CAPTURE(view.shape());
    save(folder / "view.npy", view);
    array b = load(folder / "view.npy");
    CHECK(b.shape() == view.shape());
    CHECK(array_equal(view, b).item<bool>());
  }
}

TEST_CASE("npy: the header is NumPy's, and a transposed array keeps its order") {
  auto written = [](const array& a) {
    auto out = std::make_shared<StringStream>();
    save(out, a);
    return out->text();
  };
  std::string bytes = written(array({1.0f, 2.0f}));
  CHECK(bytes.size() == 128 + 8);
  CHECK(bytes.substr(0, 10) == std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  CHECK(bytes.substr(10, 57) == "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }");
  CHECK(bytes[127] == '\n');
  array a = reshape(arange(6), {2, 3});
  CHECK(contains(written(a), "'fortran_order': False, 'shape': (2, 3), }"));
  CHECK(contains(written(transpose(a)), "'fortran_order': True, 'shape': (3, 2), }"));
  CHECK(contains(written(array(true)), "'descr': '|b1', 'fortran_order': False, 'shape': (), }"));
  CHECK(contains(written(astype(a, bfloat16)), "'<V2'"));
}

TEST_CASE("npy: orders of bytes and axes, versions and ways to write the dictionary") {
  auto read = [](const std::string& contents) {
    return load(std::make_shared<StringStream>(contents));
  };
  std::string data("\x00\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06", 12);
  array big = read(npy_file("{'descr':'>i2','fortran_order':False,'shape':(2,3)}", data));
  CHECK(big.shape() == Shape{2, 3});
  CHECK(values(big) == std::vector<double>{1, 2, 3, 4, 5, 6});
  array fortran = read(npy_file(R"({ "shape" : (3L, 2,), "fortran_order": True,
                                     "descr": ">u2", } )",
                                data));
  CHECK(fortran.shape() == Shape{3, 2});
  CHECK(values(fortran) == std::vector<double>{1, 4, 2, 5, 3, 6});
  array complex = read(npy_file("{'descr':'>c8','fortran_order':False,'shape':()}",
                                std::string("\x3f\x80\x00\x00\xc0\x00\x00\x00", 8)));
  CHECK(complex.item<complex64_t>() == complex64_t(1, -2));
  // A truth value is any byte but zero.
  CHECK(values(read(npy_file("{'descr':'|b1','fortran_order':False,'shape':(3,)}",
                             std::string("\x00\x01\x80", 3)))) == std::vector<double>{0, 1, 1});
  // Longer lengths since version 2.
  std::string dictionary = "{'descr':'|u1','fortran_order':False,'shape':(2,)}";
  for (char version : {'\2', '\3'}) {
    std::string contents = std::string("\x93NUMPY") + version + '\0' + char(dictionary.size()) +
                           std::string(3, '\0') + dictionary + "\x05\x06";
    CHECK(values(read(contents)) == std::vector<double>{5, 6});
  }
}

TEST_CASE("npy: several arrays follow each other in one stream") {
  auto stream = std::make_shared<StringStream>();
  save(stream, array({1, 2}));
  size_t second = stream->tell();
  save(stream, array({3.5f}));
  stream->seek(0);
  array a = load(stream);
  stream->seek(int64_t(second));
  array b = load(stream);
  CHECK(values(a) == std::vector<double>{1, 2});
  CHECK(values(b) == std::vector<double>{3.5});
}

TEST_CASE("npy: headers with a fault are refused") {
  auto refused = [](const std::string& contents, const char* why) {
    std::string message = load_error(contents);
    CAPTURE(message);
    CHECK(contains(message, "a string"));
    CHECK(contains(message, why));
  };
  auto entries = [](const char* descr, const char* order, const char* shape) {
    return npy_file(std::string("{'descr': ") + descr + ", 'fortran_order': " + order +
                        ", 'shape': " + shape + "}",
                    std::string(8, 'x'));
  };
  CHECK(load_error(entries("'<f4'", "False", "(2,)")) == "");

  refused("", "it has 0 bytes");
  refused("nonsense", "doesn't begin as one");
  refused(std::string("\x93NUMPY\x04\x00__", 10), "version is 4");
  refused(std::string("\x93NUMPY\x01\x00", 8), "within the header");
  refused(std::string("\x93NUMPY\x01\x00\xff\xff", 10), "doesn't fit");
  refused(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12), "doesn't fit");
  refused(std::string("\x93NUMPY\x02\x00\x00\x00\x20\x00", 12) + std::string(1 << 21, ' '),
          "over the limit");
  refused(npy_file(""), "no dictionary");
  refused(npy_file("{"), "no dictionary");
  refused(npy_file("{}"), "lacks one");
  refused(npy_file("{'descr"), "no dictionary");
  refused(npy_file("{'descr': '<f4', 'descr': '<f4'}"), "stands twice");
  refused(npy_file("{'more': 1}"), "unknown");
  refused(entries("'<f4'", "False", "(3,)"), "need 12 bytes but there are 8");
  refused(entries("'<f4'", "False", "(2,)").substr(0, 70), "need 8 bytes");
  refused(entries("'<f4'", "0", "(2,)"), "neither True nor False");
  refused(entries("'<f4'", "False", "2"), "no dictionary");
  refused(entries("'<f4'", "False", "(-2,)"), "not a size");
  refused(entries("'<f4'", "False", "(2 3)"), "no dictionary");
  refused(entries("'<f4'", "False", "(4294967296,)"), "too large");
  refused(entries("'<f4'", "False", "(99999999999999999999999,)"), "too large");
  refused(entries("'<f4'", "False", "(2147483647, 2147483647, 2147483647)"), "too large");
  refused(entries("'<f4'", "False", "(0, 2147483647, 2147483647, 2147483647)"), "too large");
  refused(entries("'<c16'", "False", "(1,)"), "no dtype holds");
  refused(entries("'|O'", "False", "(1,)"), "no dtype holds");
  refused(entries("'<U4'", "False", "(1,)"), "no dtype holds");
  refused(entries("[('a', '<f4')]", "False", "(1,)"), "fields");
  refused(entries("7", "False", "(1,)"), "no dictionary");
  refused(entries("'<f4'", "False", "(2,)").insert(60, "}"), "no dictionary");
}

TEST_CASE("npy: files that can't be read or written are errors that name them") {
  Folder folder;
  CHECK_THROWS_AS(load(folder / "missing.npy"), EngineError);
  CHECK_THROWS_AS(save(folder / "no/such/folder", array(1)), EngineError);
  CHECK_THROWS_AS(load(std::shared_ptr<io::Reader>()), std::invalid_argument);
  CHECK_THROWS_AS(save(std::shared_ptr<io::Writer>(), array(1)), std::invalid_argument);
}
