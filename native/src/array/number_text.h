#pragma once

#include <string>

namespace mlx::core {

/// A number for a message, as JavaScript writes it: 1099511627776 and not 1.09951e+12.
std::string number_text(double number);

}  // namespace mlx::core
