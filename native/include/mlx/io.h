#pragma once

#include <string>
#include <unordered_map>
#include <utility>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// Arrays by name, and the file's metadata.
using SafetensorsLoad =
    std::pair<std::unordered_map<std::string, array>, std::unordered_map<std::string, std::string>>;

/// Reads the header and checks it; each array's bytes are read when it is evaluated. Throws
/// EngineError naming the file for one that is missing or not a sound safetensors file.
MLX_API SafetensorsLoad load_safetensors(const std::string& file, StreamOrDevice s = {});

/// Evaluates the arrays and writes them, in place of an older file only once all is written.
/// Appends ".safetensors" to a name without it. Throws EngineError naming the file.
MLX_API void save_safetensors(std::string file, std::unordered_map<std::string, array> arrays,
                              std::unordered_map<std::string, std::string> metadata = {});

}  // namespace mlx::core
