#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "mlx/array.h"
#include "mlx/io/load.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// Loading reads a file's headers and checks them; an array's bytes are read when it is evaluated.
// Saving evaluates the arrays and replaces an older file only once all is written. Both throw
// EngineError naming the file where it is missing, can't be written or is not sound.

/// Arrays by name, and the file's metadata.
using SafetensorsLoad =
    std::pair<std::unordered_map<std::string, array>, std::unordered_map<std::string, std::string>>;

/// A scalar or list of numbers or truth values, a string, a list of strings, or nothing.
using GGUFMetaData = std::variant<std::monostate, array, std::string, std::vector<std::string>>;
/// Arrays by name, and the file's metadata.
using GGUFLoad = std::pair<std::unordered_map<std::string, array>,
                           std::unordered_map<std::string, GGUFMetaData>>;

/// Writes one array in NumPy's npy format. Appends ".npy" to a name without it. NumPy reads
/// bfloat16 as raw values of two bytes.
MLX_API void save(std::string file, array a);
MLX_API void save(std::shared_ptr<io::Writer> out_stream, array a);
/// Reads an npy file of any version and byte order.
MLX_API array load(std::string file, StreamOrDevice s = {});
MLX_API array load(std::shared_ptr<io::Reader> in_stream, StreamOrDevice s = {});

/// Writes arrays by name in NumPy's npz format, a ZIP archive of npy files. Appends ".npz" to a
/// name without it.
MLX_API void save_npz(std::string file, const std::unordered_map<std::string, array>& arrays,
                      bool compressed = false);
/// Reads the arrays of an npz file, stored or deflated.
MLX_API std::unordered_map<std::string, array> load_npz(const std::string& file,
                                                        StreamOrDevice s = {});
MLX_API std::unordered_map<std::string, array> load_npz(std::shared_ptr<io::Reader> in_stream,
                                                        StreamOrDevice s = {});

MLX_API SafetensorsLoad load_safetensors(const std::string& file, StreamOrDevice s = {});
MLX_API SafetensorsLoad load_safetensors(std::shared_ptr<io::Reader> in_stream,
                                         StreamOrDevice s = {});
/// Appends ".safetensors" to a name without it.
MLX_API void save_safetensors(std::string file, std::unordered_map<std::string, array> arrays,
                              std::unordered_map<std::string, std::string> metadata = {});
MLX_API void save_safetensors(std::shared_ptr<io::Writer> out_stream,
                              std::unordered_map<std::string, array> arrays,
                              std::unordered_map<std::string, std::string> metadata = {});

/// Reads a gguf file. A tensor "x.weight" of type Q4_0, Q4_1 or Q8_0 becomes the three arrays of
/// MLX's quantisation in groups of 32: "x.weight" (uint32), "x.scales" and "x.biases" (float16).
/// Those of the types Q5_0, Q5_1 and Q2_K to Q8_K become float16.
MLX_API GGUFLoad load_gguf(const std::string& file, StreamOrDevice s = {});
MLX_API GGUFLoad load_gguf(std::shared_ptr<io::Reader> in_stream, StreamOrDevice s = {});
/// Writes a gguf file of version 3. Appends ".gguf" to a name without it. Arrays are float16,
/// bfloat16, float32, float64 or signed integers, of at most 8 dimensions.
MLX_API void save_gguf(std::string file, std::unordered_map<std::string, array> array_map,
                       std::unordered_map<std::string, GGUFMetaData> meta_data = {});

}  // namespace mlx::core
