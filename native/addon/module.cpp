#include <napi.h>

#include "binder.h"

// node-addon-api registers the module; what a call passes through is Node-API's C interface, since
// an operation crosses it a million times a second.

namespace mlx::addon {
namespace {

void add_functions(Environment& environment, napi_value exports, const FunctionTable& table) {
  for (auto& function : table) {
    napi_value value;
    // Unlike a method that is defined as a property, a function made so has a name; errors use it.
    napi_create_function(environment.env, function.name, NAPI_AUTO_LENGTH, function.callback,
                         &environment, &value);
    napi_set_named_property(environment.env, exports, function.name, value);
  }
}

}  // namespace

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  Environment& environment = Environment::create(env);
  for (auto family :
       {array_functions,  evaluation_functions,  transform_functions, compile_functions,
        export_functions, elementwise_functions, creation_functions,  shape_functions,
        index_functions,  reduce_functions,      matmul_functions,    conv_functions,
        fast_functions,   fft_functions,         linalg_functions,    quantized_functions,
        sort_functions,   random_functions,      io_functions,        device_functions,
        memory_functions})
    add_functions(environment, exports, family());
  return exports;
}

}  // namespace mlx::addon

using mlx::addon::initialize;
NODE_API_MODULE(mlx, initialize)
