#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mlx::core::cuda {

/// Compiled kernels in files, by a hash of all that made them. Files appear whole or not at all:
/// each is written under another name and renamed. One that is damaged, or of another key with the
/// same hash, counts as missing. Where no file can be written the cache is silently empty.
class DiskCache {
 public:
  /// MLX_KERNEL_CACHE, or else `mlx-typescript/kernels` in XDG_CACHE_HOME or ~/.cache. An empty
  /// folder's name turns the cache off.
  static std::string default_folder();

  explicit DiskCache(std::string folder) : folder_(std::move(folder)) {}

  std::optional<std::string> read(std::string_view key) const;
  void write(std::string_view key, std::string_view contents) const;

 private:
  std::string path(std::string_view key) const;
  void remove_oldest() const;

  std::string folder_;
};

}  // namespace mlx::core::cuda
