#include "mlx/dtype.h"

#include <string>

#include "array/dtype_table.h"
#include "mlx/errors.h"

namespace mlx::core {
namespace {

using enum Dtype::Kind;

bool is_integral(Dtype t) {
  auto kind = kindof(t);
  return kind == b || kind == u || kind == i;
}

}  // namespace

Dtype::Kind kindof(const Dtype& t) { return row_of(t).kind; }

Dtype promote_types(const Dtype& t1, const Dtype& t2) {
  if (t1 == t2) return t1;
  if (t1 == complex64 || t2 == complex64) return complex64;
  bool integral1 = is_integral(t1), integral2 = is_integral(t2);
  if (!integral1 || !integral2) {
    if (integral1) return t2;
    if (integral2) return t1;
    // Two different floating types: the wider, and float32 holds both halves.
    return t1 == float64 || t2 == float64 ? float64 : float32;
  }
  if (t1 == bool_) return t2;
  if (t2 == bool_) return t1;
  if (kindof(t1) == kindof(t2)) return t1.size() > t2.size() ? t1 : t2;
  const Dtype& signed_type = kindof(t1) == i ? t1 : t2;
  const Dtype& unsigned_type = kindof(t1) == i ? t2 : t1;
  if (signed_type.size() > unsigned_type.size()) return signed_type;
  switch (unsigned_type.size()) {
    case 1:
      return int16;
    case 2:
      return int32;
    case 4:
      return int64;
    default:
      return float32;
  }
}

bool issubdtype(const Dtype::Category& a, const Dtype::Category& b) {
  if (a == b || b == generic) return true;
  switch (b) {
    case number:
      return a != generic;
    case integer:
      return a == signedinteger || a == unsignedinteger;
    case inexact:
      return a == floating || a == complexfloating;
    default:
      return false;
  }
}
bool issubdtype(const Dtype& a, const Dtype& b) { return a == b; }
bool issubdtype(const Dtype::Category&, const Dtype&) { return false; }
bool issubdtype(const Dtype& a, const Dtype::Category& b) {
  return issubdtype(row_of(a).category, b);
}

const char* dtype_to_string(Dtype t) { return row_of(t).name; }

std::ostream& operator<<(std::ostream& os, const Dtype& t) { return os << dtype_to_string(t); }

std::ostream& operator<<(std::ostream& os, const Dtype::Kind& k) {
  constexpr char letters[] = {'b', 'u', 'i', 'f', 'c', 'V'};
  return os << letters[size_t(k)];
}

std::string dtype_to_array_protocol(const Dtype& t) { return row_of(t).array_protocol; }

Dtype dtype_from_array_protocol(std::string_view t) {
  for (auto& row : dtype_table::rows) {
    std::string_view code = row.array_protocol;
    // One byte has no order, so any mark will do before it.
    if (t == code || (t.size() == 3 && code[0] == '|' && t.substr(1) == code.substr(1)) ||
        (t.size() == 2 && t == code.substr(1)))
      return row.dtype;
  }
  throw DtypeError("[dtype_from_array_protocol] no dtype for the type code " + std::string(t));
}

}  // namespace mlx::core
