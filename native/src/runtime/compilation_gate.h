#pragma once

namespace mlx::core {

/// Compilations in flight. Compilers and drivers take themselves down when the process ends, which
/// so waits for these, a while; later ones never begin.
class CompilationGate {
 public:
  CompilationGate();
  ~CompilationGate();
  CompilationGate(const CompilationGate&) = delete;
  CompilationGate& operator=(const CompilationGate&) = delete;

  /// False when the process ends.
  bool is_open() const { return is_open_; }

  /// Has the end wait before all clean-up that is registered so far. Compilers register theirs when
  /// they are loaded, and when they are first used.
  static void close_before_clean_up();

 private:
  bool is_open_;
};

}  // namespace mlx::core
