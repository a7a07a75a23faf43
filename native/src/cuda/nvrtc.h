#pragma once

#include <string>
#include <vector>

#include "gpu/hal.h"

namespace mlx::core::cuda {

/// NVIDIA's run-time compiler, found by dlopen: MLX_NVRTC names its file, or else it is looked for
/// where the system keeps libraries and in CUDA_HOME and /usr/local/cuda.
class Nvrtc {
 public:
  /// Null when there is none; `reason` then says so in a sentence.
  static const Nvrtc* find(std::string* reason = nullptr);

  /// "13.0"; part of the key of the disk's cache.
  const std::string& version() const { return version_; }

  /// A binary for the architecture ("sm_90a"), or, where the compiler is too old to know it, PTX
  /// for the newest that it knows, which the driver compiles. Throws EngineError with the entry's
  /// name and the compiler's words.
  std::string compile(const gpu::KernelSource& source, const std::string& architecture) const;

 private:
  using Status = int;
  using Program = struct ProgramObject*;

  static Nvrtc load(std::string& problem);
  bool knows(int capability) const;
  std::string log(Program program) const;
  std::vector<std::string> options_for(const gpu::KernelSource& source) const;

  // The signatures of the "NVRTC" manual, 13.0.
  Status (*get_version_)(int* major, int* minor) = nullptr;
  Status (*create_)(Program*, const char* text, const char* name, int headers,
                    const char* const* header_texts, const char* const* header_names) = nullptr;
  Status (*compile_)(Program, int count, const char* const* options) = nullptr;
  Status (*binary_size_)(Program, size_t*) = nullptr;
  Status (*binary_)(Program, char*) = nullptr;
  Status (*ptx_size_)(Program, size_t*) = nullptr;
  Status (*ptx_)(Program, char*) = nullptr;
  Status (*log_size_)(Program, size_t*) = nullptr;
  Status (*log_)(Program, char*) = nullptr;
  Status (*destroy_)(Program*) = nullptr;
  Status (*architecture_count_)(int*) = nullptr;
  Status (*architectures_)(int*) = nullptr;
  std::string version_;
  /// Where CUDA's headers are, for who writes CUDA; often nowhere.
  std::vector<std::string> header_folders_;
};

}  // namespace mlx::core::cuda
