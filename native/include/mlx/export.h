#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "mlx/array.h"

namespace mlx::core {

using Args = std::vector<array>;
using Kwargs = std::unordered_map<std::string, array>;

/// A parameter of a primitive, as export callbacks see it.
using StateT =
    std::variant<bool, int, size_t, double, Dtype, Shape, Strides, std::vector<int>, std::string>;
/// One record of a trace. Its "type" is one of
///   "inputs" and "outputs": under the same name (name, shape, dtype) of each;
///   "keyword_inputs": under "keywords" pairs of the argument's and the input's name;
///   "constants": under the same name pairs of name and array;
///   "primitive": "name", "inputs" and "outputs" as above, and "arguments", its parameters.
using ExportCallbackInput =
    std::unordered_map<std::string, std::variant<std::vector<std::tuple<std::string, Shape, Dtype>>,
                                                 std::vector<std::pair<std::string, array>>,
                                                 std::vector<std::pair<std::string, std::string>>,
                                                 std::vector<StateT>, std::string>>;
using ExportCallback = std::function<void(const ExportCallbackInput&)>;

/// Traces a function for the arguments it is called with. The file is written by close(), which
/// the destructor calls (without telling of errors).
class MLX_API FunctionExporter {
 public:
  ~FunctionExporter();
  FunctionExporter(FunctionExporter&&) noexcept;
  FunctionExporter& operator=(FunctionExporter&&) noexcept;

  void operator()(const std::initializer_list<array>& args) { (*this)(Args(args)); }
  void operator()(const Args& args) { (*this)(args, {}); }
  void operator()(const Kwargs& kwargs) { (*this)(Args{}, kwargs); }
  /// Throws std::invalid_argument when there is a trace for such arguments already.
  void operator()(const Args& args, const Kwargs& kwargs);
  /// Writes the file, in place of an older one.
  void close();

 private:
  friend struct FunctionExporterAccess;
  struct Impl;
  explicit FunctionExporter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Writes traces of a function to one file; `shapeless` ones hold for other sizes too, as far as
/// sizes didn't become part of the trace. `metadata` is any text.
MLX_API FunctionExporter exporter(const std::string& file,
                                  const std::function<std::vector<array>(const Args&)>& fun,
                                  bool shapeless = false,
                                  const std::optional<std::string>& metadata = {});
MLX_API FunctionExporter exporter(const std::string& file,
                                  const std::function<std::vector<array>(const Kwargs&)>& fun,
                                  bool shapeless = false,
                                  const std::optional<std::string>& metadata = {});
MLX_API FunctionExporter
exporter(const std::string& file,
         const std::function<std::vector<array>(const Args&, const Kwargs&)>& fun,
         bool shapeless = false, const std::optional<std::string>& metadata = {});

/// Tells the callback of each trace when it is made.
MLX_API FunctionExporter exporter(const ExportCallback& callback,
                                  const std::function<std::vector<array>(const Args&)>& fun,
                                  bool shapeless = false);
MLX_API FunctionExporter exporter(const ExportCallback& callback,
                                  const std::function<std::vector<array>(const Kwargs&)>& fun,
                                  bool shapeless = false);
MLX_API FunctionExporter
exporter(const ExportCallback& callback,
         const std::function<std::vector<array>(const Args&, const Kwargs&)>& fun,
         bool shapeless = false);

/// Writes one trace.
MLX_API void export_function(const std::string& file,
                             const std::function<std::vector<array>(const Args&)>& fun,
                             const Args& args, bool shapeless = false,
                             const std::optional<std::string>& metadata = {});
MLX_API void export_function(const std::string& file,
                             const std::function<std::vector<array>(const Kwargs&)>& fun,
                             const Kwargs& kwargs, bool shapeless = false,
                             const std::optional<std::string>& metadata = {});
MLX_API void export_function(
    const std::string& file,
    const std::function<std::vector<array>(const Args&, const Kwargs&)>& fun, const Args& args,
    const Kwargs& kwargs, bool shapeless = false, const std::optional<std::string>& metadata = {});

/// Tells a callback of one trace, record by record.
MLX_API void export_function(const ExportCallback& callback,
                             const std::function<std::vector<array>(const Args&)>& fun,
                             const Args& args, bool shapeless = false);
MLX_API void export_function(const ExportCallback& callback,
                             const std::function<std::vector<array>(const Kwargs&)>& fun,
                             const Kwargs& kwargs, bool shapeless = false);
MLX_API void export_function(
    const ExportCallback& callback,
    const std::function<std::vector<array>(const Args&, const Kwargs&)>& fun, const Args& args,
    const Kwargs& kwargs, bool shapeless = false);

/// The traces of a file as a function. It runs on the default stream of the time of import.
class MLX_API ImportedFunction {
 public:
  std::vector<array> operator()(const std::initializer_list<array>& args) const {
    return (*this)(Args(args));
  }
  std::vector<array> operator()(const Args& args) const { return (*this)(args, {}); }
  std::vector<array> operator()(const Kwargs& kwargs) const { return (*this)(Args{}, kwargs); }
  /// Throws std::invalid_argument, listing what there is, when no trace fits the arguments.
  std::vector<array> operator()(const Args& args, const Kwargs& kwargs) const;

  /// The text that the exporter was given; empty without one.
  const std::string& metadata() const;
  /// Whether it was given one, which may be empty.
  bool has_metadata() const;

 private:
  friend ImportedFunction import_function(const std::string& file);
  struct Impl;
  explicit ImportedFunction(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

/// Reads what exporters wrote. Throws EngineError naming the file when it is missing, damaged or of
/// a version that isn't known.
MLX_API ImportedFunction import_function(const std::string& file);

}  // namespace mlx::core
