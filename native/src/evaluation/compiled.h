#pragma once

#include <exception>
#include <memory>
#include <vector>

#include "evaluation/replay.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// A call of a compiled function: its arguments and constants in, its results out. It never stands
/// inside a trace, where calls become the nodes of the function; so it needs no rules.
class Compiled : public Primitive {
 public:
  explicit Compiled(std::shared_ptr<const ReplayPlan> plan)
      : Primitive(plan->stream), plan_(std::move(plan)) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override {
    eval_cpu(inputs, outputs);
  }
  const char* name() const override { return "Compiled"; }
  const std::shared_ptr<const ReplayPlan>& plan() const { return plan_; }

 private:
  std::shared_ptr<const ReplayPlan> plan_;
};

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
