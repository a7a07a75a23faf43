#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "cuda/disk_cache.h"

namespace mlx::core::cuda {
namespace {

namespace fs = std::filesystem;

/// A folder that ends with its scope.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("mlx-disk-cache-test-" + std::to_string(getpid()));
  Folder() { fs::remove_all(path); }
  ~Folder() { fs::remove_all(path); }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (auto& entry : fs::directory_iterator(path)) found.push_back(entry.path());
    return found;
  }
};

}  // namespace

TEST_CASE("disk cache: what was written is read, by another one too") {
  Folder folder;
  DiskCache cache(folder.path / "deep" / "er");
  CHECK(!cache.read("key"));
  std::string contents("\0binary\n", 8);
  cache.write("key", contents);
  CHECK(DiskCache(folder.path / "deep" / "er").read("key") == contents);
  CHECK(!cache.read("another key"));
}

TEST_CASE("disk cache: a damaged or cut file counts as missing") {
  Folder folder;
  DiskCache cache(folder.path);
  for (bool cut : {false, true}) {
    cache.write("key", std::string(1000, 'x'));
    auto file = folder.files().at(0);
    if (cut)
      fs::resize_file(file, 500);
    else
      std::fstream(file).seekp(700) << 'y';
    CHECK(!cache.read("key"));
  }
  cache.write("key", "whole");
  CHECK(cache.read("key") == "whole");
}

TEST_CASE("disk cache: a folder that can't be is an empty cache") {
  Folder folder;
  std::ofstream(folder.path) << "a file";
  DiskCache cache(folder.path / "below");
  cache.write("key", "contents");
  CHECK(!cache.read("key"));
  DiskCache off("");
  off.write("key", "contents");
  CHECK(!off.read("key"));
}

TEST_CASE("disk cache: writers at once leave whole files, and nothing else") {
  Folder folder;
  DiskCache cache(folder.path);
  std::atomic<bool> wrong{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        cache.write("key", std::string(5000, 'x'));
        auto read = cache.read("key");
        if (read != std::string(5000, 'x')) wrong = true;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(!wrong);
  CHECK(folder.files().size() == 1);
}

}  // namespace mlx::core::cuda
