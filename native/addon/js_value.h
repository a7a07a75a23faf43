#pragma once

#include <node_api.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "slot_table.h"

namespace mlx::addon {

// Values that cross as they are.

/// A type of TypeScript's, by its text.
template <size_t size>
struct JsType {
  char text[size];
  constexpr JsType(const char (&literal)[size]) { std::copy_n(literal, size, text); }
};

/// A value of a type that C++ has none for.
template <JsType type>
struct JsValue {
  napi_value value;
};
using JsObject = JsValue<"object">;

/// The slot itself of an array, whatever is in it.
struct ArraySlot {
  SlotId id;
};

/// An integer that a double would round.
struct BigInt {
  uint64_t magnitude;
  bool is_negative = false;
};

/// A Uint8Array. Its bytes live as long as the call, but JavaScript that runs meanwhile may detach
/// them: they are to be asked for last.
struct ByteView {
  napi_env env;
  napi_value value;

  std::span<uint8_t> bytes() const;
};

}  // namespace mlx::addon
