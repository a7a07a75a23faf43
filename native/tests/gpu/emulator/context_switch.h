#pragma once

#include <cstddef>

namespace mlx::core::gpu::emulator {

/// A stack with what a thread of the host was doing on it. The switch itself is a few instructions
/// of x86-64 and arm64.
class Context {
 public:
  static constexpr size_t stack_bytes = 64 * 1024;

  /// Of the host's own stack: nothing to begin with.
  Context() = default;
  /// Begins with `start` when it is switched to, which never returns.
  explicit Context(void (*start)());
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Forgets what it was doing.
  void restart();

  /// Goes on there; returns when someone switches back.
  static void switch_between(Context& from, Context& to);
  /// What a start function does first. It comes from that context.
  static void arrive(Context& own, Context& from);

  bool is_on_stack(const void* place) const {
    return size_t(static_cast<const char*>(place) - stack_) < stack_bytes;
  }

 private:
  void prepare();

  void (*start_)() = nullptr;
  char* stack_ = nullptr;
  void* pointer_ = nullptr;
  // What sanitizers must be told of a switch.
  [[maybe_unused]] void* sanitizer_state_ = nullptr;
  [[maybe_unused]] const void* bottom_ = nullptr;
  [[maybe_unused]] size_t size_ = 0;
};

}  // namespace mlx::core::gpu::emulator
