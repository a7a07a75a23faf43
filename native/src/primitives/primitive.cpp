#include "mlx/primitives.h"

#include <set>
#include <span>
#include <sstream>

#include "mlx/utils.h"

namespace mlx::core {
namespace {

[[noreturn]] void lacks(const Primitive& primitive, const char* what) {
  throw EngineError(concat_text("[", primitive.name(), "] This primitive has no ", what, "."));
}

/// Each dtype once: "float32 and int32".
std::string dtypes_of(std::span<const array> arrays) {
  std::set<std::string> seen;
  std::ostringstream names;
  for (auto& a : arrays)
    if (auto name = dtype_to_string(a.dtype()); seen.insert(name).second)
      names << (seen.size() > 1 ? " and " : "") << name;
  return names.str();
}

[[noreturn]] void lacks_kernel(Primitive& primitive, std::span<const array> inputs,
                               std::span<const array> outputs) {
  throw EngineError(concat_text("[", primitive.name(), "] There is no kernel for ",
                                dtypes_of(inputs.empty() ? outputs : inputs), " on ",
                                primitive.device(),
                                " yet. Name the CPU for this call, as its stream: mx.cpu."));
}

}  // namespace

void Primitive::eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  lacks_kernel(*this, inputs, outputs);
}

std::vector<array> Primitive::jvp(const std::vector<array>&, const std::vector<array>&,
                                  const std::vector<int>&) {
  lacks(*this, "rule for forward differentiation (jvp)");
}

std::vector<array> Primitive::vjp(const std::vector<array>&, const std::vector<array>&,
                                  const std::vector<int>&, const std::vector<array>&) {
  lacks(*this, "gradient (vjp)");
}

std::pair<std::vector<array>, std::vector<int>> Primitive::vmap(const std::vector<array>&,
                                                                const std::vector<int>&) {
  lacks(*this, "rule for vectorisation (vmap)");
}

bool Primitive::is_equivalent(const Primitive&) const { return false; }

std::vector<Shape> Primitive::output_shapes(const std::vector<array>&) {
  lacks(*this, "rule for inferring output shapes");
}

void UnaryPrimitive::eval_gpu(const std::vector<array>& inputs, array& output) {
  lacks_kernel(*this, inputs, {&output, 1});
}

}  // namespace mlx::core
