#pragma once

#include "mlx/array.h"

namespace mlx::core {

// A view as booleans keeps its bytes, but C++ gives no meaning to a bool other than 0 and 1. A
// buffer that holds others says so, and whoever looks at values gets a copy with 1 in their place.

bool has_raw_booleans(const array& a);

/// For a row-contiguous view as booleans: a buffer that says so, if it holds any other byte.
void mark_raw_booleans(array& view);

/// The same for a copy of raw booleans that nobody else can see, whatever it holds.
void mark_copy_of_raw_booleans(array& copy);

/// a itself, or a copy that holds 1 for every byte that isn't 0.
array plain_booleans(const array& a);

}  // namespace mlx::core
