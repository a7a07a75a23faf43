#include "gpu/hadamard.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"
#include "primitives/hadamard_factor.h"
#include "primitives/hadamard_matrix.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256;
// Numbers that a thread combines at once.
constexpr int64_t most_radix = 16;

/// What combines `radix` numbers that lie `stride` apart: powers of two, or the rows of H_m.
struct Step {
  int64_t radix, stride;
  bool has_signs;
};

/// The signs of H_m as HadamardSigns of kernels/hadamard.h has them.
std::vector<uint32_t> signs_of(int m, bool transpose) {
  HadamardMatrix matrix = hadamard_matrix(m);
  std::vector<uint32_t> rows(static_cast<size_t>(m));
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < m; ++j)
      if ((transpose ? matrix.signs[j][i] : matrix.signs[i][j]) < 0) rows[size_t(i)] |= 1u << j;
  return rows;
}

}  // namespace

void hadamard(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t size,
              float scale, bool transpose, Place out) {
  if (rows * size == 0) return;
  const int64_t m = hadamard_factor(size), length = size / m;
  std::vector<Step> steps;
  for (int64_t stride = 1, radix; stride < length; stride *= radix) {
    radix = std::min(most_radix, length / stride);
    steps.push_back({radix, stride, false});
  }
  if (m > 1) steps.push_back({m, length, true});
  // Rows of one element are only scaled.
  if (steps.empty()) steps.push_back({1, 1, false});
  auto signs = signs_of(int(m), transpose);
  // Halves are rounded once: in between there are float32.
  bool needs_memory = is_half(dtype) && steps.size() > 1;
  Place between = needs_memory ? Place{commands.scratch(size_t(rows * size) * sizeof(float))} : out;
  for (auto& step : steps) {
    bool is_first = &step == &steps.front(), is_last = &step == &steps.back();
    auto type = is_first ? type_name(dtype) : "float",
         result = is_last ? type_name(dtype) : "float";
    auto call = concat_text(step.has_signs ? "hadamard_combine<" : "hadamard_step<", step.radix,
                            step.has_signs ? ">(x, y, signs, p, g);\n" : ">(x, y, p, g);\n");
    auto key = concat_text(call, type, " ", result);
    auto& kernel = commands.kernels().get(key, [&] {
      Entry entry(Entry::name("hadamard", key), threads);
      entry.input(type, "x").output(result, "y");
      if (step.has_signs) entry.value(concat_text("HadamardSigns<", m, ">"), "signs");
      entry.value("HadamardArguments", "p").body("  " + call);
      auto language = commands.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"hadamard"}));
    });
    struct {
      int64_t count, stride;
      float scale;
    } numbers{rows * size / step.radix, step.stride, is_last ? scale : 1.0f};
    std::vector<Argument> arguments = {(is_first ? in : between).read(),
                                       (is_last ? out : between).write()};
    if (step.has_signs) arguments.emplace_back(signs.data(), signs.size() * sizeof(uint32_t));
    arguments.push_back(Argument::value(numbers));
    commands.launch(kernel, {uint64_t((numbers.count + threads - 1) / threads)}, {threads},
                    arguments);
  }
}

}  // namespace mlx::core::gpu
