#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "array/dtype_table.h"

using namespace mlx::core;

TEST_CASE("dtypes promote by MLX's table") {
  CHECK(promote_types(bool_, uint8) == uint8);
  CHECK(promote_types(uint8, int8) == int16);
  CHECK(promote_types(int32, uint16) == int32);
  CHECK(promote_types(uint32, int8) == int64);
  CHECK(promote_types(uint64, int64) == float32);
  CHECK(promote_types(int64, float16) == float16);
  CHECK(promote_types(bfloat16, int8) == bfloat16);
  CHECK(promote_types(float16, bfloat16) == float32);
  CHECK(promote_types(float32, float64) == float64);
  CHECK(promote_types(complex64, float64) == complex64);
}

TEST_CASE("promotion is symmetric and keeps a dtype beside itself and bool") {
  for (auto a : all_dtypes) {
    CHECK(promote_types(a, a) == a);
    CHECK(promote_types(a, bool_) == a);
    for (auto b : all_dtypes) CHECK(promote_types(a, b) == promote_types(b, a));
  }
}

TEST_CASE("categories form a tree") {
  CHECK(issubdtype(float32, floating));
  CHECK(issubdtype(bfloat16, inexact));
  CHECK(issubdtype(complex64, inexact));
  CHECK_FALSE(issubdtype(complex64, floating));
  CHECK(issubdtype(uint8, integer));
  CHECK(issubdtype(signedinteger, number));
  CHECK_FALSE(issubdtype(bool_, number));
  CHECK(issubdtype(bool_, generic));
  CHECK_FALSE(issubdtype(floating, float32));
}

TEST_CASE("array protocol codes lead back to their dtype") {
  for (auto t : all_dtypes) CHECK(dtype_from_array_protocol(dtype_to_array_protocol(t)) == t);
  CHECK(dtype_from_array_protocol("u1") == uint8);
  CHECK_THROWS_AS(dtype_from_array_protocol(">f4"), std::invalid_argument);
}

TEST_CASE("every float16 survives the way through float32") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    auto half = float16_t::from_bits(uint16_t(bits));
    float value = half;
    if (std::isnan(value)) {
      CHECK(std::isnan(float(float16_t(value))));
    } else {
      CHECK(float16_t(value).bits_ == bits);
    }
  }
}

TEST_CASE("float16 rounds to nearest, ties to even") {
  CHECK(float16_t(1.0f + 0x1p-11f).bits_ == 0x3c00);
  CHECK(float16_t(1.0f + 3 * 0x1p-11f).bits_ == 0x3c02);
  CHECK(float16_t(65519.0f).bits_ == 0x7bff);
  CHECK(float16_t(65520.0f).bits_ == 0x7c00);
  CHECK(float16_t(0x1p-25f).bits_ == 0);
  CHECK(float16_t(0x1.8p-25f).bits_ == 1);
  CHECK(float16_t(-0.0f).bits_ == 0x8000);
  CHECK(float16_t(std::numeric_limits<float>::infinity()).bits_ == 0x7c00);
}

TEST_CASE("bfloat16 rounds to nearest, ties to even, and keeps NaN") {
  CHECK(bfloat16_t(1.0f + 0x1p-8f).bits_ == 0x3f80);
  CHECK(bfloat16_t(1.0f + 3 * 0x1p-8f).bits_ == 0x3f82);
  CHECK(bfloat16_t(std::numeric_limits<float>::max()).bits_ == 0x7f80);
  uint32_t signalling = 0x7f800001;
  float nan;
  std::memcpy(&nan, &signalling, 4);
  CHECK(std::isnan(float(bfloat16_t(nan))));
}
