#include "cuda/nvrtc.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "gpu/text_options.h"
#include "mlx/errors.h"
#include "runtime/compilation_gate.h"

namespace mlx::core::cuda {
namespace {

void* open_library() {
  if (const char* path = std::getenv("MLX_NVRTC")) return dlopen(path, RTLD_NOW | RTLD_LOCAL);
  std::vector<std::string> folders = {""};
  if (const char* home = std::getenv("CUDA_HOME")) folders.push_back(std::string(home) + "/lib64/");
  folders.push_back("/usr/local/cuda/lib64/");
  for (auto& folder : folders)
    for (auto* name : {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"})
      if (void* library = dlopen((folder + name).c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  return nullptr;
}

/// The compiler opens its own library of built-in functions by name alone. Beside the compiler, as
/// in Python's packages, that name is found only when the library is loaded already.
void load_builtins(const std::filesystem::path& folder) {
  std::error_code error;
  for (auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().filename().string().starts_with("libnvrtc-builtins.so"))
      dlopen(entry.path().c_str(), RTLD_NOW | RTLD_LOCAL);
}

/// The folder of the library's file.
std::filesystem::path folder_of(void* library) {
  Dl_info info;
  void* symbol = dlsym(library, "nvrtcVersion");
  if (!symbol || !dladdr(symbol, &info) || !info.dli_fname) return {};
  return std::filesystem::path(info.dli_fname).parent_path();
}

/// CUDA's own, and those beside the compiler in Python's packages.
std::vector<std::string> find_headers(const std::filesystem::path& library_folder) {
  std::vector<std::filesystem::path> candidates;
  if (const char* home = std::getenv("CUDA_HOME"))
    candidates.push_back(std::filesystem::path(home) / "include");
  candidates.push_back(library_folder.parent_path() / "include");
  candidates.push_back("/usr/local/cuda/include");
  std::vector<std::string> folders;
  std::error_code error;
  for (auto& folder : candidates)
    if (std::filesystem::exists(folder / "cuda_fp16.h", error)) {
      folders.push_back(folder.string());
      // Newer ones keep C++'s standard library apart.
      folders.push_back((folder / "cccl").string());
    }
  return folders;
}

int capability_of(const std::string& architecture) { return std::atoi(architecture.c_str() + 3); }

}  // namespace

Nvrtc Nvrtc::load(std::string& problem) {
  Nvrtc nvrtc;
  void* library = open_library();
  if (!library) {
    problem =
        "there is no CUDA compiler (libnvrtc.so.13 or .12) to make kernels with; install it, for "
        "instance by `pip install nvidia-cuda-nvrtc`, and name its file in MLX_NVRTC";
    return nvrtc;
  }
  auto folder = folder_of(library);
  load_builtins(folder);
  nvrtc.header_folders_ = find_headers(folder);
  bool complete = true;
  auto find = [&](auto& member, const char* symbol) {
    member = reinterpret_cast<std::remove_reference_t<decltype(member)>>(dlsym(library, symbol));
    complete = complete && member;
  };
  find(nvrtc.get_version_, "nvrtcVersion");
  find(nvrtc.create_, "nvrtcCreateProgram");
  find(nvrtc.compile_, "nvrtcCompileProgram");
  find(nvrtc.binary_size_, "nvrtcGetCUBINSize");
  find(nvrtc.binary_, "nvrtcGetCUBIN");
  find(nvrtc.ptx_size_, "nvrtcGetPTXSize");
  find(nvrtc.ptx_, "nvrtcGetPTX");
  find(nvrtc.log_size_, "nvrtcGetProgramLogSize");
  find(nvrtc.log_, "nvrtcGetProgramLog");
  find(nvrtc.destroy_, "nvrtcDestroyProgram");
  find(nvrtc.architecture_count_, "nvrtcGetNumSupportedArchs");
  find(nvrtc.architectures_, "nvrtcGetSupportedArchs");
  if (!complete) {
    problem = "the CUDA compiler that was found (libnvrtc) is too old; 12.0 or newer is needed";
    return nvrtc;
  }
  CompilationGate::close_before_clean_up();
  int major = 0, minor = 0;
  nvrtc.get_version_(&major, &minor);
  nvrtc.version_ = std::to_string(major) + "." + std::to_string(minor);
  return nvrtc;
}

const Nvrtc* Nvrtc::find(std::string* reason) {
  struct Found {
    std::string problem;
    Nvrtc nvrtc = load(problem);
  };
  static const Found& found = *new Found;
  if (reason) *reason = found.problem;
  return found.problem.empty() ? &found.nvrtc : nullptr;
}

bool Nvrtc::knows(int capability) const {
  int count = 0;
  architecture_count_(&count);
  std::vector<int> all(size_t(std::max(count, 0)));
  architectures_(all.data());
  return std::find(all.begin(), all.end(), capability) != all.end();
}

std::string Nvrtc::log(Program program) const {
  size_t size = 0;
  log_size_(program, &size);
  std::string text(size, '\0');
  if (size > 0) log_(program, text.data());
  while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.pop_back();
  return text;
}

std::vector<std::string> Nvrtc::options_for(const gpu::KernelSource& source) const {
  std::vector<std::string> options = {"--std=c++20", "-default-device", "--disable-warnings"};
  const auto math = gpu::math_mode(source);
  if (gpu::is_native(source))
    for (auto& folder : header_folders_) options.push_back("--include-path=" + folder);
  // Fused equals unfused only without contraction.
  else if (math == MathMode::Safe)
    options.push_back("--fmad=false");
  if (math == MathMode::Fast) options.push_back("--use_fast_math");
  return options;
}

std::string Nvrtc::compile(const gpu::KernelSource& source, const std::string& architecture) const {
  CompilationGate gate;
  if (!gate.is_open()) throw EngineError("[gpu] No kernel can be compiled while the process ends.");
  int capability = capability_of(architecture);
  bool to_binary = knows(capability);
  std::string target = "--gpu-architecture=" + architecture;
  if (!to_binary) {
    while (capability > 50 && !knows(capability)) --capability;
    target = "--gpu-architecture=compute_" + std::to_string(capability);
  }
  auto options = options_for(source);
  options.push_back(target);
  std::vector<const char*> arguments;
  for (auto& option : options) arguments.push_back(option.c_str());
  std::string text = source.bodies + source.entry;
  // Names of the C library's functions are ours inside.
  if (!gpu::is_native(source)) text = "namespace mlx_kernels {\n" + text + "}\n";
  Program program = nullptr;
  Status status =
      create_(&program, text.c_str(), (source.name + ".cu").c_str(), 0, nullptr, nullptr);
  if (status == 0) status = compile_(program, int(arguments.size()), arguments.data());
  std::string image, words;
  if (status == 0) {
    size_t size = 0;
    status = to_binary ? binary_size_(program, &size) : ptx_size_(program, &size);
    image.resize(size);
    if (status == 0)
      status = to_binary ? binary_(program, image.data()) : ptx_(program, image.data());
  }
  if (status != 0) words = program ? log(program) : "";
  if (program) destroy_(&program);
  if (status != 0)
    throw EngineError("[gpu] The kernel " + source.name + " does not compile for " + architecture +
                      " (NVRTC " + version_ + ", status " + std::to_string(status) + "):\n" +
                      words.substr(0, 4000));
  return image;
}

}  // namespace mlx::core::cuda
