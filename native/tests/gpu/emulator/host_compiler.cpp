#include "host_compiler.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "mlx/errors.h"

namespace mlx::core::gpu::emulator {
namespace {

constexpr auto head = R"(
#include <bit>
#include <cstddef>
#include <cstdint>
#undef INFINITY
#undef NAN
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
namespace emulator {
struct Services {
  void (*group_barrier)();
  void (*exchange)(const void*, void*, size_t, uint32_t);
  uint32_t (*lane)();
};
extern "C" { const Services* emulator_services; }
inline void group_barrier() { emulator_services->group_barrier(); }
inline void exchange(const void* value, void* result, size_t bytes, uint32_t from) {
  emulator_services->exchange(value, result, bytes, from);
}
inline uint32_t lane() { return emulator_services->lane(); }
}
namespace kernels {
)";

// The results of a kernel must not depend on the compiler's freedom.
const std::string command =
    "c++ -std=c++20 -O1 -w -fPIC -shared -fvisibility=default -ffp-contract=off -fwrapv "
    "-fno-strict-aliasing "
#ifdef __x86_64__
    "-mfma "
#endif
    ;

std::filesystem::path folder() {
  auto path =
      std::filesystem::temp_directory_path() / ("mlx-emulated-kernels-" + std::to_string(getuid()));
  std::filesystem::create_directories(path);
  return path;
}

std::string hash_of(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3u;
  std::ostringstream digits;
  digits << std::hex << hash;
  return digits.str();
}

void* build(const std::string& text) {
  auto base = folder() / hash_of(command + text);
  auto library = base;
  library += ".so";
  if (!std::filesystem::exists(library)) {
    // Under a name of its own until it is whole: other processes compile too.
    auto own = base.string() + "." + std::to_string(getpid());
    std::ofstream(own + ".cpp") << text;
    auto line = command + "-o " + own + ".so " + own + ".cpp 2> " + own + ".log";
    if (std::system(line.c_str()) != 0) {
      std::ostringstream log;
      log << std::ifstream(own + ".log").rdbuf();
      throw EngineError("[emulator] The kernel in " + own + ".cpp does not compile:\n" +
                        log.str().substr(0, 4000));
    }
    std::filesystem::rename(own + ".so", library);
    std::filesystem::remove(own + ".cpp");
    std::filesystem::remove(own + ".log");
  }
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) throw EngineError(std::string("[emulator] ") + dlerror());
  *static_cast<const Services**>(dlsym(handle, "emulator_services")) = &services();
  return handle;
}

}  // namespace

std::vector<EntryPoint> compile_on_host(std::span<const KernelSource> sources) {
  std::map<std::string, std::vector<size_t>> by_bodies;
  for (size_t i = 0; i < sources.size(); ++i) by_bodies[sources[i].bodies].push_back(i);
  std::vector<EntryPoint> entries(sources.size());
  for (auto& [bodies, members] : by_bodies) {
    std::string text = head + bodies;
    // Entries may define helpers of the same name.
    for (auto i : members)
      text += "namespace entry" + std::to_string(i) + " {\n" + sources[i].entry + "}\n";
    void* library = build(text + "}\n");
    for (auto i : members) {
      entries[i] = reinterpret_cast<EntryPoint>(dlsym(library, sources[i].name.c_str()));
      if (!entries[i]) throw EngineError("[emulator] There is no entry " + sources[i].name + ".");
    }
  }
  return entries;
}

bool has_host_compiler() {
  static const bool found = std::system("c++ --version > /dev/null 2>&1") == 0;
  return found;
}

}  // namespace mlx::core::gpu::emulator
