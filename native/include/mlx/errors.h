#pragma once

#include <stdexcept>
#include <string>

#include "mlx/api.h"

namespace mlx::core {

/// Shapes that don't fit each other or the operation.
class MLX_API ShapeError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// A dtype the operation can't take.
class MLX_API DtypeError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// An axis, or a position on one, that isn't there.
class MLX_API IndexError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// What fails while computing: out of memory, a device fault, a file.
class MLX_API EngineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace mlx::core
