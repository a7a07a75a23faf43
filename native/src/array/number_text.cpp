#include "array/number_text.h"

#include <charconv>
#include <cmath>

namespace mlx::core {

std::string number_text(double number) {
  char text[64];
  // From 1e21 on JavaScript too writes exponents.
  bool is_whole = number == std::trunc(number) && std::abs(number) < 1e21;
  auto format = is_whole ? std::chars_format::fixed : std::chars_format::general;
  return {text, std::to_chars(text, text + sizeof(text), number, format).ptr};
}

}  // namespace mlx::core
