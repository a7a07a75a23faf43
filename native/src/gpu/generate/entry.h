#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpu/hal.h"

namespace mlx::core::gpu {

/// Writes a kernel's entry: the line that each language wants differently, threadgroup arrays, and
/// the thread's coordinates as `Group g`. A kernel is named by its template, dtypes and constants,
/// so there is no table of instantiations.
class Entry {
 public:
  /// A name for the entry of a kernel that `key` tells from all others; the same in every process,
  /// so that the disk's cache finds it.
  static std::string name(std::string_view family, std::string_view key);

  /// `threads` is the most that a group will have.
  Entry(std::string name, int threads) : name_(std::move(name)), threads_(threads) {}

  /// A buffer that the kernel only reads.
  Entry& input(std::string_view type, std::string_view name);
  Entry& output(std::string_view type, std::string_view name);
  /// A struct by value.
  Entry& value(std::string_view type, std::string_view name);
  /// An array that the threads of a group share.
  Entry& shared(std::string_view type, std::string_view name, int size);
  /// Statements, such as the call of a body's template.
  Entry& body(std::string_view text);

  KernelSource source(Language language, std::string bodies) const;

 private:
  enum class Kind { input, output, value, shared };
  struct Parameter {
    Kind kind;
    std::string type, name;
    int size = 0;
  };

  Entry& add(Kind kind, std::string_view type, std::string_view name, int size = 0);
  std::string cuda() const;
  std::string metal() const;
  std::string emulator() const;

  std::string name_;
  int threads_;
  std::vector<Parameter> parameters_;
  std::string body_;
};

}  // namespace mlx::core::gpu
