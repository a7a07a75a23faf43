#include <napi.h>

#include "binder.h"

// node-addon-api registers the module; what a call passes through is Node-API's C interface, since
// an operation crosses it a million times a second.

namespace mlx::addon {

namespace {

FunctionTable all_functions() {
  FunctionTable functions;
  for (auto family :
       {array_functions,     evaluation_functions,    transform_functions,  compile_functions,
        export_functions,    elementwise_functions,   creation_functions,   shape_functions,
        index_functions,     reduce_functions,        matmul_functions,     conv_functions,
        fast_functions,      custom_kernel_functions, fft_functions,        linalg_functions,
        quantized_functions, sort_functions,          random_functions,     io_functions,
        device_functions,    memory_functions,        distributed_functions})
    for (auto& function : family()) functions.push_back(function);
  return functions;
}

/// Names and types, which scripts/declare-functions.mjs writes down for TypeScript.
std::vector<std::pair<std::string, std::string>> function_types() {
  std::vector<std::pair<std::string, std::string>> types;
  for (auto& function : all_functions()) types.emplace_back(function.name, function.type());
  return types;
}

void add_function(Environment& environment, napi_value exports, const Function& function) {
  napi_value value;
  // Unlike a method that is defined as a property, a function made so has a name; errors use it.
  napi_create_function(environment.env, function.name, NAPI_AUTO_LENGTH, function.callback,
                       &environment, &value);
  napi_set_named_property(environment.env, exports, function.name, value);
}

}  // namespace

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  Environment& environment = Environment::create(env);
  for (auto& function : all_functions()) add_function(environment, exports, function);
  add_function(environment, exports, bind<function_types>("functionTypes"));
  return exports;
}

}  // namespace mlx::addon

using mlx::addon::initialize;
NODE_API_MODULE(mlx, initialize)
