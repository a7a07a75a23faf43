#pragma once

#include <exception>
#include <string>

namespace mlx::addon {

/// How TypeScript is to present an error; the numbers are shared with errors.ts.
enum class ErrorKind {
  type = 0,
  range = 1,
  shape = 2,
  dtype = 3,
  engine = 4,
};

struct ErrorRecord {
  ErrorKind kind = ErrorKind::engine;
  std::string message;
};

/// Stands for a JavaScript exception that is pending in the environment while C++ unwinds.
struct PendingException {};

/// What a caught exception is to JavaScript.
ErrorRecord describe(const std::exception_ptr& error);

}  // namespace mlx::addon
