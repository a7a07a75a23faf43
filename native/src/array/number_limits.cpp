#include <limits>

#include "mlx/errors.h"
#include "mlx/utils.h"

namespace mlx::core {

namespace {

template <typename T>
void set_limits_of(finfo& info) {
  using Limits = std::numeric_limits<T>;
  info.min = double(Limits::lowest());
  info.max = double(Limits::max());
  info.eps = double(Limits::epsilon());
}

template <typename T>
void set_limits_of(iinfo& info) {
  using Limits = std::numeric_limits<T>;
  info.min = int64_t(Limits::min());
  info.max = uint64_t(Limits::max());
}

void set_limits(finfo& info) {
  switch (info.dtype) {
    case Dtype::Val::float16:
      return set_limits_of<float16_t>(info);
    case Dtype::Val::bfloat16:
      return set_limits_of<bfloat16_t>(info);
    case Dtype::Val::float32:
      return set_limits_of<float>(info);
    case Dtype::Val::float64:
      return set_limits_of<double>(info);
    case Dtype::Val::complex64:
      // That of its parts.
      info.dtype = float32;
      return set_limits_of<float>(info);
    default:
      throw DtypeError(
          concat_text("[finfo] Expected a floating dtype but received ", info.dtype, "."));
  }
}

void set_limits(iinfo& info) {
  switch (info.dtype) {
    case Dtype::Val::int8:
      return set_limits_of<int8_t>(info);
    case Dtype::Val::int16:
      return set_limits_of<int16_t>(info);
    case Dtype::Val::int32:
      return set_limits_of<int32_t>(info);
    case Dtype::Val::int64:
      return set_limits_of<int64_t>(info);
    case Dtype::Val::uint8:
      return set_limits_of<uint8_t>(info);
    case Dtype::Val::uint16:
      return set_limits_of<uint16_t>(info);
    case Dtype::Val::uint32:
      return set_limits_of<uint32_t>(info);
    case Dtype::Val::uint64:
      return set_limits_of<uint64_t>(info);
    default:
      throw DtypeError(
          concat_text("[iinfo] Expected an integer dtype but received ", info.dtype, "."));
  }
}

}  // namespace

finfo::finfo(Dtype dtype) : dtype(dtype) { set_limits(*this); }
iinfo::iinfo(Dtype dtype) : dtype(dtype) { set_limits(*this); }

}  // namespace mlx::core
