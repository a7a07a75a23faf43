#include "evaluation/compiled.h"

namespace mlx::core {

void Compiled::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  std::vector<array> leaves = inputs;
  run_replay(*plan_, leaves, outputs);
}

void FailedCall::eval_cpu(const std::vector<array>&, std::vector<array>&) {
  std::rethrow_exception(error_);
}

}  // namespace mlx::core
