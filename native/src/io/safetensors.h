#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "io/byte_source.h"
#include "mlx/array.h"

namespace mlx::core::io {

/// Where a safetensors file keeps an array.
struct SafetensorsEntry {
  std::string name;
  Dtype dtype;
  Shape shape;
  /// Bytes from the begin of the file.
  uint64_t offset;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// Reads a file's header, in its order, and checks that it describes the file, byte for byte:
/// EngineError otherwise.
SafetensorsHeader read_safetensors_header(const ByteSource& file);

/// The file's bytes up to the first array's, whose data follow in the given order without gaps.
std::string make_safetensors_header(const std::vector<std::pair<std::string, array>>& arrays,
                                    const std::unordered_map<std::string, std::string>& metadata);

}  // namespace mlx::core::io
