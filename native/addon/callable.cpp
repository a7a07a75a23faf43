#include "callable.h"

namespace mlx::addon {

napi_value call_function(Environment& environment, napi_value function,
                         std::span<const napi_value> values) {
  napi_value receiver, result;
  napi_get_undefined(environment.env, &receiver);
  // No other call may find slots borrowed, and this one holds handles of its own.
  environment.borrowed = false;
  if (napi_call_function(environment.env, receiver, function, values.size(), values.data(),
                         &result) != napi_ok)
    throw PendingException{};
  return result;
}

}  // namespace mlx::addon
