#pragma once

#include <exception>
#include <memory>
#include <vector>

#include "evaluation/replay.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// Stands in for a call that failed after it had overwritten its inputs: evaluating it again gives
/// the same error.
class FailedCall : public Primitive {
 public:
  FailedCall(Stream stream, std::exception_ptr error)
      : Primitive(stream), error_(std::move(error)) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override {
    eval_cpu(inputs, outputs);
  }
  const char* name() const override { return "FailedCall"; }

 private:
  std::exception_ptr error_;
};

}  // namespace mlx::core
