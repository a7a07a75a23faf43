#pragma once

#include <cstdio>
#include <cstdlib>

namespace fake_cuda {

/// The number in an environment variable.
inline long long setting(const char* name, long long otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::atoll(text) : otherwise;
}

/// Adds a line to the file that FAKE_CUDA_LOG names.
inline void log(const char* line) {
  const char* path = std::getenv("FAKE_CUDA_LOG");
  std::FILE* file = path ? std::fopen(path, "a") : nullptr;
  if (!file) return;
  std::fprintf(file, "%s\n", line);
  std::fclose(file);
}

}  // namespace fake_cuda
