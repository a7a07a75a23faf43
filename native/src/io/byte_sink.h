#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mlx/array.h"

namespace mlx::core::io {

/// Where the bytes of a file go, one after another. Failures are EngineErrors.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(const void* data, size_t bytes) = 0;
  void write(std::string_view text) { write(text.data(), text.size()); }
};

/// Writes an array's values in row-major order, evaluating it.
void write_row_major(ByteSink& sink, const array& a);

/// The name with a suffix that it must have.
std::string with_suffix(std::string name, std::string_view suffix);

}  // namespace mlx::core::io
