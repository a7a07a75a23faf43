#include "mlx/primitives.h"

#include "mlx/utils.h"

namespace mlx::core {
namespace {

[[noreturn]] void lacks(const Primitive& primitive, const char* what) {
  throw EngineError(concat_text("[", primitive.name(), "] This primitive has no ", what, "."));
}

[[noreturn]] void lacks_kernel(Primitive& primitive) {
  throw EngineError(concat_text("[", primitive.name(), "] There is no kernel for ",
                                primitive.device(),
                                " yet. Name the CPU for this call, as its stream: mx.cpu."));
}

}  // namespace

void Primitive::eval_gpu(const std::vector<array>&, std::vector<array>&) { lacks_kernel(*this); }

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

void UnaryPrimitive::eval_gpu(const std::vector<array>&, array&) { lacks_kernel(*this); }

}  // namespace mlx::core
