#include <doctest/doctest.h>

#include "mlx/mlx.h"
#include "mlx/primitives.h"

// Arrays as programs written for MLX make, read and print them.

using namespace mlx::core;

namespace {

template <typename T>
std::string text_of(const T& value) {
  std::ostringstream os;
  os << value;
  return os.str();
}

}  // namespace

TEST_CASE("api: scalars and lists have the dtypes that MLX gives them") {
  CHECK(array(1.0).dtype() == float32);
  CHECK(array(1.0f).dtype() == float32);
  CHECK(array(1).dtype() == int32);
  CHECK(array(1u).dtype() == uint32);
  CHECK(array(int64_t(1)).dtype() == int64);
  CHECK(array(true).dtype() == bool_);
  CHECK(array(float16_t(1)).dtype() == float16);
  CHECK(array(complex64_t(1, 2)).dtype() == complex64);
  CHECK(array(std::complex<float>(1, 2)).dtype() == complex64);
  CHECK(array({1.0, 2.0}).dtype() == float32);
  CHECK(array({1.0, 2.0, 3.0, 4.0}, {2, 2}).dtype() == float32);
  CHECK(array({1, 2}).dtype() == int32);
  CHECK(array({true, false}).dtype() == bool_);
  CHECK(array({}).dtype() == float32);
  CHECK(array({}, int32).dtype() == int32);
  CHECK(array({1, 2, 3}, float16).dtype() == float16);
  CHECK(array(1.0, float64).dtype() == float64);
  CHECK(array(1.0, float64).item<double>() == 1.0);
  std::vector<double> doubles = {0.1, 0.2};
  CHECK(array(doubles.begin(), {2}).dtype() == float32);
  CHECK(array(doubles.data(), {1, 2}, float64).dtype() == float64);
  CHECK(full({2}, 0.5).dtype() == float32);
  CHECK(full({2, 2}, 3).dtype() == int32);
  CHECK((array({1, 2}) * 0.5).dtype() == float32);
  CHECK(Dtype(TypeToDtype<double>()) == float32);
  CHECK(Dtype(TypeToDtype<int8_t>()) == int8);
}

TEST_CASE("api: arrays from memory that others own") {
  float values[] = {1, 2, 3, 4};
  bool is_freed = false;
  {
    array a(static_cast<void*>(values), {2, 2}, float32, [&](void*) { is_freed = true; });
    CHECK(sum(a).item<float>() == 10);
  }
  CHECK(is_freed);
  auto buffer = allocator::malloc(8);
  static_cast<int*>(buffer.raw_ptr())[1] = 5;
  CHECK(array(buffer, {2}, int32).data<int>()[1] == 5);
  CHECK(allocator::can_reuse_alien_buffer(values));
  CHECK_FALSE(allocator::can_reuse_alien_buffer(nullptr));
}

TEST_CASE("api: a buffer's first element may lie behind its begin") {
  array view({2}, float32, nullptr, {});
  auto buffer = allocator::malloc(16);
  for (int i = 0; i < 4; ++i) static_cast<float*>(buffer.raw_ptr())[i] = float(i);
  view.set_data(buffer, 2, Strides{1}, {true, true, true}, 8);
  view.set_status(array::Status::available);
  CHECK(view.offset() == 8);
  CHECK(array_equal(view, array({2.0f, 3.0f})).item<bool>());
}

TEST_CASE("api: a transposed row is contiguous in both ways") {
  for (Shape shape : {Shape{1, 5}, Shape{5, 1}, Shape{5}, Shape{1, 1, 5}}) {
    array a = ones(shape);
    array b = transpose(a);
    eval(a, b);
    for (auto& x : {a, b}) {
      CHECK(x.flags().contiguous);
      CHECK(x.flags().row_contiguous);
      CHECK(x.flags().col_contiguous);
    }
  }
  array matrix = transpose(ones({2, 3}));
  matrix.eval();
  CHECK_FALSE(matrix.flags().row_contiguous);
  CHECK(matrix.flags().col_contiguous);
}

TEST_CASE("api: iterating, indexing and shapes") {
  array a = reshape(arange(6), {3, 2});
  int rows = 0;
  for (auto row : a) {
    CHECK(row.shape() == Shape{2});
    CHECK(take(row, 0).item<int>() == 2 * rows++);
  }
  CHECK(rows == 3);
  auto it = a.begin();
  CHECK((*(it + 2)).shape() == Shape{2});
  CHECK(a.shape(-1) == 2);
  CHECK_THROWS_AS(a.shape(2), std::out_of_range);
  CHECK_THROWS_AS(array(1).begin(), std::invalid_argument);
  CHECK(a.nbytes() == 24);
  CHECK(a.itemsize() == 4);
  a.eval();
  CHECK(a.strides() == Strides{2, 1});
  CHECK(a.strides(0) == 2);
  CHECK_THROWS_AS(a.item<int>(), std::invalid_argument);
}

TEST_CASE("api: a boolean of any byte") {
  CHECK(view(array({2}, uint8), bool_).item<bool>());
  CHECK(view(array({2}, uint8), bool_).item<int>() == 1);
}

TEST_CASE("api: siblings") {
  array a = arange(6);
  auto parts = split(a, 3);
  CHECK(parts[1].sibling_position() == 1);
  CHECK(parts[1].siblings().size() == 2);
  CHECK(parts[0].outputs().size() == 3);
  CHECK(parts[0].siblings()[0].id() == parts[1].id());

  // Outputs that are made one by one.
  auto& primitive = parts[0].primitive_ptr();
  std::vector<array> own;
  for (auto& part : parts)
    own.emplace_back(part.shape(), part.dtype(), primitive, parts[0].inputs());
  for (uint16_t i = 0; i < 3; ++i) {
    auto others = own;
    others.erase(others.begin() + i);
    own[i].set_siblings(others, i);
  }
  CHECK(own[2].sibling_position() == 2);
  eval(own);
  for (int i = 0; i < 3; ++i) CHECK(array_equal(own[i], parts[i]).item<bool>());
}

TEST_CASE("api: what type traits say of arrays") {
  static_assert(is_array_v<array> && is_array_v<const array&> && !is_array_v<int>);
  static_assert(is_arrays_v<array, array> && !is_arrays_v<array, float>);
  static_assert(std::is_void_v<enable_for_arrays_t<array, array&>>);
}

TEST_CASE("api: complex numbers beside real ones") {
  complex64_t z(2, -1);
  CHECK(z == doctest::Approx(2));
  CHECK(array(z).item<complex64_t>() == doctest::Approx(2.0f));
  CHECK(z == complex64_t(2, -1));
  CHECK_FALSE(z == 2);
  CHECK(complex64_t(2) == 2.0);
  CHECK(z + 1 == complex64_t(3, -1));
  CHECK(2.0 * z == complex64_t(4, -2));
  CHECK(z / 2 == complex64_t(1, -0.5));
  CHECK(1 - z == complex64_t(-1, 1));
  CHECK(complex64_t(1, 5) < z);
  CHECK(z < complex64_t(2, 0));
  CHECK(z >= complex64_t(2, -1));
  CHECK(z > complex64_t(1, 0));
  CHECK(z <= complex64_t(3, 0));
  float real_part = z;
  CHECK(real_part == 2);
  CHECK(bool(complex64_t(0, 1)));
  CHECK(std::abs(complex64_t(3, 4)) == 5);
}

TEST_CASE("api: printing") {
  CHECK(text_of(array({1, 2, 3})) == "array([1, 2, 3], dtype=int32)");
  CHECK(text_of(array({true, false})) == "array([true, false], dtype=bool)");
  CHECK(text_of(complex64_t(1, 2)) == "1+2j");
  CHECK(text_of(complex64_t(1, -2)) == "1-2j");
  CHECK(text_of(float16_t(0.5f)) == "0.5");
  CHECK(text_of(bfloat16_t(0.5f)) == "0.5");
  CHECK(text_of(Shape{2, 3}) == "(2,3)");
  CHECK(text_of(std::vector<int>{2, 3}) == "(2,3)");
  CHECK(text_of(std::vector<int64_t>{}) == "()");
  CHECK(text_of(float32) == "float32");
  CHECK(text_of(kindof(float32)) == "f");
  CHECK(text_of(Device(Device::cpu, 0)) == "Device(cpu, 0)");

  set_printoptions({.precision = 2});
  get_global_formatter().capitalize_bool = true;
  CHECK(text_of(array({1.0f, 0.125f})) == "array([1.00, 0.12], dtype=float32)");
  CHECK(text_of(array({true})) == "array([True], dtype=bool)");
  std::ostringstream os;
  auto& formatter = get_global_formatter();
  formatter.print(os, complex64_t(1, -1));
  os << " ";
  formatter.print(os, int64_t(-3));
  os << " " << 0.125;
  CHECK(os.str() == "1.00-1.00j -3 0.125");
  get_global_formatter() = {};
}

TEST_CASE("api: limits of dtypes") {
  CHECK(finfo(float32).max == std::numeric_limits<float>::max());
  CHECK(finfo(float16).max == 65504);
  CHECK(finfo(float16).min == -65504);
  CHECK(finfo(bfloat16).eps == 0x1p-7);
  CHECK(finfo(float64).eps == 0x1p-52);
  CHECK(finfo(complex64).dtype == float32);
  CHECK(iinfo(int8).min == -128);
  CHECK(iinfo(uint64).max == std::numeric_limits<uint64_t>::max());
  CHECK(iinfo(int32).max == 2147483647u);
  CHECK_THROWS_AS(finfo{int32}, std::invalid_argument);
  CHECK_THROWS_AS(iinfo{float32}, std::invalid_argument);
}
