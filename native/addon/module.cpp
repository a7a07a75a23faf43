#include <node_api.h>

#include "binder.h"

// Node-API's C interface, which node-addon-api wraps, is used as it is: an operation crosses it a
// million times a second, and no C++ object of a JavaScript value outlives a call.

namespace mlx::addon {
namespace {

void add_functions(Environment& environment, napi_value exports, const FunctionTable& table) {
  std::vector<napi_property_descriptor> properties;
  for (auto& function : table) {
    napi_property_descriptor property{};
    property.utf8name = function.name;
    property.method = function.callback;
    property.attributes = napi_enumerable;
    property.data = &environment;
    properties.push_back(property);
  }
  napi_define_properties(environment.env, exports, properties.size(), properties.data());
}

napi_value initialize(napi_env env, napi_value exports) {
  Environment& environment = Environment::create(env);
  for (auto family :
       {array_functions, evaluation_functions, transform_functions, elementwise_functions,
        creation_functions, shape_functions, index_functions, reduce_functions, matmul_functions,
        conv_functions, sort_functions, random_functions, io_functions, device_functions,
        memory_functions})
    add_functions(environment, exports, family());
  return exports;
}

}  // namespace
}  // namespace mlx::addon

NAPI_MODULE_INIT() { return mlx::addon::initialize(env, exports); }
