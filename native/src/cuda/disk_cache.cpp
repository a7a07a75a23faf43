#include "cuda/disk_cache.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace mlx::core::cuda {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t most_bytes = uintmax_t(512) << 20;

/// FNV-1a from a start of choice; two starts make 128 bits.
uint64_t hash(std::string_view text, uint64_t value) {
  for (unsigned char c : text) value = (value ^ c) * 0x100000001b3u;
  return value ^ value >> 29;
}

/// What stands before the contents.
struct Header {
  char magic[8];
  uint64_t key_size, size, key_check, check;
};
constexpr char magic[8] = {'m', 'l', 'x', 'k', 'e', 'r', 'n', '1'};
constexpr uint64_t first_start = 0xcbf29ce484222325u, second_start = 0x9ae16a3b2f90404fu;

Header header_of(std::string_view key, std::string_view contents) {
  Header header{
      {}, key.size(), contents.size(), hash(key, second_start), hash(contents, first_start)};
  std::memcpy(header.magic, magic, sizeof(magic));
  return header;
}

}  // namespace

std::string DiskCache::default_folder() {
  if (const char* folder = std::getenv("MLX_KERNEL_CACHE")) return folder;
  const char* base = std::getenv("XDG_CACHE_HOME");
  if (base && *base) return std::string(base) + "/mlx-typescript/kernels";
  const char* home = std::getenv("HOME");
  return home && *home ? std::string(home) + "/.cache/mlx-typescript/kernels" : "";
}

std::string DiskCache::path(std::string_view key) const {
  char name[40];
  snprintf(name, sizeof(name), "%016llx%016llx",
           static_cast<unsigned long long>(hash(key, first_start)),
           static_cast<unsigned long long>(hash(key, second_start)));
  return folder_ + "/" + name;
}

std::optional<std::string> DiskCache::read(std::string_view key) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream file(path(key), std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  auto bytes = std::move(text).str();
  if (bytes.size() < sizeof(Header)) return std::nullopt;
  auto contents = bytes.substr(sizeof(Header));
  auto expected = header_of(key, contents);
  if (std::memcmp(bytes.data(), &expected, sizeof(Header)) != 0) return std::nullopt;
  return contents;
}

void DiskCache::write(std::string_view key, std::string_view contents) const {
  if (folder_.empty()) return;
  static std::atomic<unsigned> writes{0};
  // Looking through the folder takes milliseconds, so it happens seldom.
  if (writes % 256 == 0) remove_oldest();
  std::error_code error;
  fs::create_directories(folder_, error);
  auto target = path(key);
  auto own = target + "." + std::to_string(getpid()) + "." + std::to_string(writes++);
  {
    std::ofstream file(own, std::ios::binary);
    auto header = header_of(key, contents);
    file.write(reinterpret_cast<const char*>(&header), sizeof(header));
    file.write(contents.data(), std::streamsize(contents.size()));
    if (!file.good()) {
      file.close();
      fs::remove(own, error);
      return;
    }
  }
  fs::rename(own, target, error);
  if (error) fs::remove(own, error);
}

void DiskCache::remove_oldest() const {
  struct File {
    fs::file_time_type time;
    uintmax_t size;
    fs::path path;
  };
  std::vector<File> files;
  uintmax_t total = 0;
  std::error_code error;
  for (auto& entry : fs::directory_iterator(folder_, error)) {
    std::error_code gone;
    File file{entry.last_write_time(gone), entry.file_size(gone), entry.path()};
    if (gone) continue;
    total += file.size;
    files.push_back(std::move(file));
  }
  if (total <= most_bytes) return;
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.time < b.time; });
  for (auto& file : files) {
    if (total <= most_bytes / 2) break;
    fs::remove(file.path, error);
    total -= file.size;
  }
}

}  // namespace mlx::core::cuda
