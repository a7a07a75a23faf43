#include <array>
#include <memory>

#include "binder.h"
#include "mlx/fast.h"

namespace mlx::addon {
namespace {

using namespace core;
using fast::CustomKernelFunction;
using Strings = std::vector<std::string>;
using Arrays = std::vector<array>;
using Kernel = JsValue<"object">;
template <typename T>
using Named = std::vector<std::pair<std::string, T>>;

/// An object of JavaScript's that owns the function.
Kernel own(Environment& environment, CustomKernelFunction function) {
  auto owned = std::make_unique<CustomKernelFunction>(std::move(function));
  napi_value object;
  auto destroy = [](napi_env, void* data, void*) {
    delete static_cast<CustomKernelFunction*>(data);
  };
  if (napi_create_external(environment.env, owned.get(), destroy, nullptr, &object) != napi_ok)
    throw EngineError("[mlx] The kernel could not be handed to JavaScript.");
  owned.release();
  return {object};
}

const CustomKernelFunction& function_of(Environment& environment, Kernel kernel) {
  void* data = nullptr;
  if (napi_get_value_external(environment.env, kernel.value, &data) != napi_ok || !data)
    throw std::invalid_argument("[mlx] Expected a kernel.");
  return *static_cast<CustomKernelFunction*>(data);
}

std::tuple<int, int, int> size_of(const std::vector<int>& list) {
  if (list.size() != 3)
    throw std::invalid_argument("[mlx] A grid and a threadgroup have three numbers.");
  return {list[0], list[1], list[2]};
}

/// A number by value: what [kind, number] stands for.
fast::ScalarArg scalar_of(const std::pair<int, double>& scalar) {
  auto [kind, value] = scalar;
  if (kind == 0) return value != 0;
  if (kind == 1) return int(value);
  return float(value);
}

std::optional<float> narrowed(std::optional<double> value) {
  return value ? std::optional<float>(float(*value)) : std::nullopt;
}

}  // namespace

FunctionTable custom_kernel_functions() {
  return {
      bind("fastMetalKernel",
           [](Environment& environment, std::string name, Strings inputs, Strings outputs,
              std::string source, std::string header, bool ensure_row_contiguous,
              bool atomic_outputs, int math_mode) {
             return own(environment, fast::metal_kernel(name, inputs, outputs, source, header,
                                                        ensure_row_contiguous, atomic_outputs,
                                                        {MathMode(math_mode)}));
           }),
      bind("fastCudaKernel",
           [](Environment& environment, std::string name, Strings inputs, Strings outputs,
              std::string source, std::string header, bool ensure_row_contiguous,
              int shared_memory) {
             return own(environment, fast::cuda_kernel(name, inputs, outputs, source, header,
                                                       ensure_row_contiguous, shared_memory));
           }),
      bind("runCustomKernel",
           [](Environment& environment, Kernel kernel, Arrays inputs, std::vector<Shape> shapes,
              std::vector<Dtype> dtypes, std::vector<int> grid, std::vector<int> threadgroup,
              Named<Dtype> types, Named<int> integers, Named<bool> booleans,
              std::optional<double> init_value, bool verbose, StreamOrDevice s) {
             Named<fast::TemplateArg> arguments;
             for (auto& [name, value] : types) arguments.emplace_back(name, value);
             for (auto& [name, value] : integers) arguments.emplace_back(name, value);
             for (auto& [name, value] : booleans) arguments.emplace_back(name, value);
             return function_of(environment, kernel)(inputs, shapes, dtypes, size_of(grid),
                                                     size_of(threadgroup), arguments,
                                                     narrowed(init_value), verbose, s);
           }),
      bind("fastPrecompiledCudaKernel",
           [](std::string name, ByteView image, Arrays inputs, std::vector<Shape> shapes,
              std::vector<Dtype> dtypes, std::vector<std::pair<int, double>> scalars,
              std::vector<int> grid, std::vector<int> threadgroup, int shared_memory,
              std::optional<double> init_value, bool ensure_row_contiguous, StreamOrDevice s) {
             auto bytes = image.bytes();
             std::vector<fast::ScalarArg> values;
             for (auto& scalar : scalars) values.push_back(scalar_of(scalar));
             return fast::precompiled_cuda_kernel(
                 name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, inputs, shapes,
                 dtypes, values, size_of(grid), size_of(threadgroup), shared_memory,
                 narrowed(init_value), ensure_row_contiguous, s);
           }),
  };
}

}  // namespace mlx::addon
