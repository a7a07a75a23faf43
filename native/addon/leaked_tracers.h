#pragma once

#include <new>
#include <vector>

#include "environment.h"

namespace mlx::addon {

/// Finds the arrays of a trace without values that JavaScript still holds when it ends, well or
/// with an error: they mean nothing outside of it.
class LeakedTracers {
 public:
  explicit LeakedTracers(Environment& environment)
      : environment_(environment), trace_(environment.slots.begin_trace()) {}
  ~LeakedTracers() {
    try {
      mark();
    } catch (const std::bad_alloc&) {
      // Then it is evaluating them that is an error.
    }
  }
  LeakedTracers(const LeakedTracers&) = delete;
  LeakedTracers& operator=(const LeakedTracers&) = delete;

  /// An array that stands for an input.
  void add_placeholder(const core::array& placeholder) { placeholders_.push_back(placeholder); }
  /// Releases what depends on the placeholders; later uses are an error that says so.
  void mark();

 private:
  Environment& environment_;
  uint32_t trace_;
  std::vector<core::array> placeholders_;
};

}  // namespace mlx::addon
