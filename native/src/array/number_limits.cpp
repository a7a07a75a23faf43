#include <limits>

#include "array/dtype_dispatch.h"
#include "mlx/utils.h"

namespace mlx::core {

namespace {

void set_limits(finfo& info) {
  if (!issubdtype(info.dtype, inexact))
    throw DtypeError(
        concat_text("[finfo] Expected a floating dtype but received ", info.dtype, "."));
  // Those of its parts.
  if (info.dtype == complex64) info.dtype = float32;
  dispatch_float(info.dtype, [&](auto tag) {
    using Limits = std::numeric_limits<typename decltype(tag)::type>;
    info.min = double(Limits::lowest());
    info.max = double(Limits::max());
    info.eps = double(Limits::epsilon());
  });
}

void set_limits(iinfo& info) {
  if (!issubdtype(info.dtype, integer))
    throw DtypeError(
        concat_text("[iinfo] Expected an integer dtype but received ", info.dtype, "."));
  dispatch_integral(info.dtype, [&](auto tag) {
    using Limits = std::numeric_limits<typename decltype(tag)::type>;
    info.min = int64_t(Limits::min());
    info.max = uint64_t(Limits::max());
  });
}

}  // namespace

finfo::finfo(Dtype dtype) : dtype(dtype) { set_limits(*this); }
iinfo::iinfo(Dtype dtype) : dtype(dtype) { set_limits(*this); }

}  // namespace mlx::core
