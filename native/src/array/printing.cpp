#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>
#include <vector>

#include "array/dtype_dispatch.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

// An axis longer than twice this shows its ends alone.
constexpr int edge_items = 3;
// Beyond so many elements, the outer axes show less.
constexpr int64_t most_items = 1 << 16;

template <typename T>
void print_float(std::ostream& os, T value, int precision) {
  // The C library writes NaN's sign, which means nothing to a reader.
  if (std::isnan(value)) {
    os << "nan";
  } else if (precision < 0) {
    os << value;
  } else {
    auto flags = os.flags();
    auto digits = os.precision();
    os << std::fixed << std::setprecision(precision) << value;
    os.flags(flags);
    os.precision(digits);
  }
}

template <typename T>
void print_list(std::ostream& os, const std::vector<T>& values) {
  os << "(";
  for (size_t i = 0; i < values.size(); ++i) os << (i ? "," : "") << values[i];
  os << ")";
}

void print_element(std::ostream& os, const array& a, int64_t index) {
  auto& formatter = get_global_formatter();
  // A view keeps bytes other than 0 and 1.
  if (a.dtype() == bool_) return formatter.print(os, a.data<uint8_t>()[index] != 0);
  dispatch_dtype(a.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    if constexpr (sizeof(T) == 1)
      formatter.print(os, int16_t(a.data<T>()[index]));
    else
      formatter.print(os, a.data<T>()[index]);
  });
}

/// For each axis how many items both ends show, so that the text of many axes has an end.
std::vector<int> edges_of(const Shape& shape) {
  std::vector<int> edges(shape.size());
  int64_t items = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    int edge = edge_items;
    auto shown = [&] { return items * std::min(shape[axis], 2 * edge); };
    while (edge > 0 && shown() > most_items) --edge;
    edges[axis] = edge;
    items = std::max<int64_t>(shown(), 1);
  }
  return edges;
}

void print_axis(std::ostream& os, const array& a, const std::vector<int>& edges, int axis,
                int64_t index) {
  if (axis == int(a.ndim())) return print_element(os, a, index);
  bool innermost = axis + 1 == int(a.ndim());
  // Rows stand below each other under the bracket that opened them.
  std::string separator = innermost ? ", " : ",\n" + std::string(7 + axis, ' ');
  os << "[";
  int n = a.shape(axis);
  for (int i = 0; i < n; ++i) {
    if (i > 0) os << separator;
    int edge = edges[size_t(axis)];
    if (n > 2 * edge && i == edge) {
      os << "...";
      i = n - edge - 1;
      continue;
    }
    print_axis(os, a, edges, axis + 1, index + i * a.strides(axis));
  }
  os << "]";
}

}  // namespace

void PrintFormatter::print(std::ostream& os, bool value) {
  if (capitalize_bool)
    os << (value ? "True" : "False");
  else
    os << (value ? "true" : "false");
}
void PrintFormatter::print(std::ostream& os, int16_t value) { os << value; }
void PrintFormatter::print(std::ostream& os, uint16_t value) { os << value; }
void PrintFormatter::print(std::ostream& os, int32_t value) { os << value; }
void PrintFormatter::print(std::ostream& os, uint32_t value) { os << value; }
void PrintFormatter::print(std::ostream& os, int64_t value) { os << value; }
void PrintFormatter::print(std::ostream& os, uint64_t value) { os << value; }
void PrintFormatter::print(std::ostream& os, float16_t value) { print(os, float(value)); }
void PrintFormatter::print(std::ostream& os, bfloat16_t value) { print(os, float(value)); }
void PrintFormatter::print(std::ostream& os, float value) {
  print_float(os, value, format_options.precision);
}
void PrintFormatter::print(std::ostream& os, double value) {
  print_float(os, value, format_options.precision);
}
void PrintFormatter::print(std::ostream& os, complex64_t value) {
  print(os, value.real());
  if (!std::signbit(value.imag())) os << "+";
  print(os, value.imag());
  os << "j";
}

PrintFormatter& get_global_formatter() {
  thread_local PrintFormatter formatter;
  return formatter;
}

void set_printoptions(PrintOptions options) { get_global_formatter().format_options = options; }

std::ostream& operator<<(std::ostream& os, const complex64_t& v) {
  PrintFormatter().print(os, v);
  return os;
}
std::ostream& operator<<(std::ostream& os, const float16_t& v) { return os << float(v); }
std::ostream& operator<<(std::ostream& os, const bfloat16_t& v) { return os << float(v); }
std::ostream& operator<<(std::ostream& os, const std::vector<int>& v) {
  print_list(os, v);
  return os;
}
std::ostream& operator<<(std::ostream& os, const std::vector<int64_t>& v) {
  print_list(os, v);
  return os;
}

std::ostream& operator<<(std::ostream& os, array a) {
  a.eval();
  std::ostringstream text;
  text << "array(";
  // An empty array has no rows to show, however many axes it has.
  if (a.size() == 0) {
    text << "[]";
  } else {
    print_axis(text, a, edges_of(a.shape()), 0, 0);
  }
  text << ", dtype=" << a.dtype() << ")";
  return os << text.str();
}

}  // namespace mlx::core
