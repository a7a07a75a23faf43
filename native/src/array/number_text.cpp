#include <charconv>
#include <cmath>

#include "mlx/utils.h"

namespace mlx::core {

namespace {

template <typename T>
std::string text_of(T number) {
  char text[64];
  // From 1e21 on JavaScript too writes exponents.
  bool is_whole = number == std::trunc(number) && std::abs(number) < T(1e21);
  auto format = is_whole ? std::chars_format::fixed : std::chars_format::general;
  return {text, std::to_chars(text, text + sizeof(text), number, format).ptr};
}

}  // namespace

std::string number_text(double number) { return text_of(number); }
std::string number_text(float number) { return text_of(number); }

}  // namespace mlx::core
