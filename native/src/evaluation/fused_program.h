#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "evaluation/elementwise_program.h"
#include "mlx/device.h"

namespace mlx::core {

/// What a backend made of a program in order to run it.
class CompiledProgram {
 public:
  CompiledProgram() = default;
  virtual ~CompiledProgram() = default;
  CompiledProgram(const CompiledProgram&) = delete;
  CompiledProgram& operator=(const CompiledProgram&) = delete;

  /// A remark about the last run for the debugging view.
  virtual const char* remark() const { return ""; }
};

/// A program that all plans with this structure share, and what each backend made of it.
class FusedProgram {
 public:
  explicit FusedProgram(ElementwiseProgram program) : source(std::move(program)) {}

  /// The backend's form. The first step that runs makes it, since that may take long: never while
  /// a graph is planned.
  template <typename Form, typename Compile>
  const Form& compiled_for(const Device& device, Compile&& compile) const {
    Slot& slot = slots_[size_t(device.type)];
    const CompiledProgram* form = slot.form.load(std::memory_order_acquire);
    if (!form) {
      std::lock_guard lock(slot.mutex);
      if (!slot.owner) slot.owner = compile(source);
      slot.form.store(form = slot.owner.get(), std::memory_order_release);
    }
    return static_cast<const Form&>(*form);
  }

  /// For who has run the program on the device.
  const char* remark(const Device& device) const {
    const CompiledProgram* form = slots_[size_t(device.type)].form;
    return form ? form->remark() : "";
  }

  const ElementwiseProgram source;

 private:
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<const CompiledProgram> owner;
    /// The same once it is there: asked for at each run.
    std::atomic<const CompiledProgram*> form{nullptr};
  };
  mutable Slot slots_[2];
};

}  // namespace mlx::core
