#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mlx/io.h"

namespace mlx::core::detail {

// What mlx/io.h loads, in the order of the file.

/// A file's name, or its contents.
using FileSource = std::variant<std::string, std::shared_ptr<io::Reader>>;

template <typename T>
using Named = std::vector<std::pair<std::string, T>>;

struct SafetensorsInOrder {
  Named<array> arrays;
  Named<std::string> metadata;
};
struct GGUFInOrder {
  Named<array> arrays;
  Named<GGUFMetaData> metadata;
};
/// An array of an archive, or why it can't be read.
using NpzMember = std::variant<array, std::string>;

MLX_API SafetensorsInOrder load_safetensors_in_order(const FileSource& file, StreamOrDevice s = {});
MLX_API GGUFInOrder load_gguf_in_order(const FileSource& file, StreamOrDevice s = {});
/// A member that can't be read doesn't keep the others from being loaded.
MLX_API Named<NpzMember> load_npz_in_order(const FileSource& file, StreamOrDevice s = {});

}  // namespace mlx::core::detail
