#pragma once

#include <optional>
#include <string>
#include <vector>

#include "export/size_rules.h"
#include "graph/traced_graph.h"

namespace mlx::core {

/// A trace with what tells for which arguments it is.
struct ExportedTrace {
  TracedGraph graph;
  /// Inputs that are given by position; the others have these names.
  uint32_t positional = 0;
  std::vector<std::string> keywords;
  /// Empty in a trace for exact sizes.
  TracedSizes sizes;
};

struct ExportedFunction {
  std::optional<std::string> metadata;
  std::vector<ExportedTrace> traces;
};

/// Evaluates the constants and writes the file in place of an older one.
void write_function_file(const std::string& file, const ExportedFunction& function);
/// Reads and checks it; EngineError naming the file for one that is missing, damaged or of another
/// version.
ExportedFunction read_function_file(const std::string& file);

}  // namespace mlx::core
