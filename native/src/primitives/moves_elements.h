#pragma once

namespace mlx::core {

/// A base of kinds that hand elements on without looking at them.
class MovesElements {
 protected:
  ~MovesElements() = default;
  // Makes the kind known to dynamic_cast.
  virtual void moves_elements() const {}
};

}  // namespace mlx::core
