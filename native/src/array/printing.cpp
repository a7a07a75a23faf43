#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>
#include <vector>

#include "mlx/utils.h"

namespace mlx::core {
namespace {

// An axis longer than twice this shows its ends alone.
constexpr int edge_items = 3;
// Beyond so many elements, the outer axes show less.
constexpr int64_t most_items = 1 << 16;

template <typename T>
void print_value(std::ostream& os, T value) {
  if constexpr (std::is_same_v<T, bool>) {
    os << (value ? "true" : "false");
  } else if constexpr (is_complex_v<T>) {
    print_value(os, value.real());
    if (!std::signbit(value.imag())) os << "+";
    print_value(os, value.imag());
    os << "j";
  } else if constexpr (is_half_v<T>) {
    print_value(os, float(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    // The C library writes NaN's sign, which means nothing to a reader.
    if (std::isnan(value)) {
      os << "nan";
    } else {
      os << value;
    }
  } else {
    os << +value;
  }
}

void print_element(std::ostream& os, const array& a, int64_t index) {
  auto print = [&](auto* data) { print_value(os, data[index]); };
  switch (a.dtype()) {
    case Dtype::Val::bool_:
      // A view keeps bytes other than 0 and 1.
      return print_value(os, a.data<uint8_t>()[index] != 0);
    case Dtype::Val::uint8:
      return print(a.data<uint8_t>());
    case Dtype::Val::uint16:
      return print(a.data<uint16_t>());
    case Dtype::Val::uint32:
      return print(a.data<uint32_t>());
    case Dtype::Val::uint64:
      return print(a.data<uint64_t>());
    case Dtype::Val::int8:
      return print(a.data<int8_t>());
    case Dtype::Val::int16:
      return print(a.data<int16_t>());
    case Dtype::Val::int32:
      return print(a.data<int32_t>());
    case Dtype::Val::int64:
      return print(a.data<int64_t>());
    case Dtype::Val::float16:
      return print(a.data<float16_t>());
    case Dtype::Val::bfloat16:
      return print(a.data<bfloat16_t>());
    case Dtype::Val::float32:
      return print(a.data<float>());
    case Dtype::Val::float64:
      return print(a.data<double>());
    case Dtype::Val::complex64:
      return print(a.data<complex64_t>());
  }
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

PrintOptions& print_options() {
  thread_local PrintOptions options;
  return options;
}

std::ostream& operator<<(std::ostream& os, array a) {
  a.eval();
  std::ostringstream text;
  if (int precision = print_options().precision; precision >= 0)
    text << std::fixed << std::setprecision(precision);
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
