#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/byte_source.h"
#include "io/gguf_block_format.h"
#include "mlx/array.h"
#include "mlx/io_impl.h"

namespace mlx::core::io {

/// The format's numbers for the types of metadata that are no dtype; the others stand in
/// `dtype_table.h`.
inline constexpr uint32_t gguf_string = 8, gguf_list = 9;

inline constexpr std::string_view gguf_magic = "GGUF";
inline constexpr std::string_view gguf_alignment_key = "general.alignment";
inline constexpr uint32_t gguf_default_alignment = 32;
inline constexpr uint32_t gguf_most_alignment = 1 << 20;
inline constexpr uint32_t gguf_most_dimensions = 8;

/// Where a gguf file keeps a tensor.
struct GgufTensor {
  std::string name;
  /// The shape of its values.
  Shape shape;
  /// The elements' dtype, or the blocks they are packed in.
  Dtype dtype = float32;
  const GgufBlockFormat* blocks = nullptr;
  /// Bytes from the begin of the file.
  uint64_t offset = 0;
};

struct GgufHeader {
  std::vector<GgufTensor> tensors;
  detail::Named<GGUFMetaData> metadata;
};

/// Reads a file's header and checks it against the file: EngineError where it is unsound.
GgufHeader read_gguf_header(const ByteSource& source);

/// The file's bytes up to the first tensor's, whose data follow in the given order, each of them
/// padded to the alignment.
std::string make_gguf_header(const std::vector<std::pair<std::string, array>>& arrays,
                             const std::unordered_map<std::string, GGUFMetaData>& metadata,
                             uint32_t alignment);

inline uint64_t aligned(uint64_t bytes, uint64_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace mlx::core::io
