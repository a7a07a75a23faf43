#include "host_compiler.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "address_spaces.h"
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
  void (*simd_barrier)();
  void (*exchange)(const void*, void*, size_t, uint32_t);
  uint32_t (*lane)();
  uint32_t (*lanes)();
  void* (*threadgroup_memory)(const void*, size_t, size_t);
  void (*atomic_step)(const void*, size_t, bool);
  void (*access)(const void*, size_t, bool, const void*);
};
extern "C" { Services emulator_services; }
inline void group_barrier() { emulator_services.group_barrier(); }
inline void simd_barrier() { emulator_services.simd_barrier(); }
inline void exchange(const void* value, void* result, size_t bytes, uint32_t from) {
  emulator_services.exchange(value, result, bytes, from);
}
inline uint32_t lane() { return emulator_services.lane(); }
inline uint32_t lanes() { return emulator_services.lanes(); }
inline void atomic_step(const void* place, size_t bytes, bool writes) {
  emulator_services.atomic_step(place, bytes, writes);
}
}
#define THREADGROUP_MEMORY(type, alignment)                                               \
  (*[]() -> type* {                                                                       \
    static const char declaration = 0;                                                    \
    return (type*)emulator::emulator_services.threadgroup_memory(&declaration, sizeof(type), \
                                                                  alignment);             \
  }())
// The compiler calls these before accesses of memory, as for its own checker of races.
#define HOOK __attribute__((no_sanitize("thread"), visibility("hidden"), noinline)) void
#define ACCESS(bytes, writes) \
  emulator::emulator_services.access(place, bytes, writes, __builtin_return_address(0))
#define HOOKS(n)                                                        \
  HOOK __tsan_read##n(void* place) { ACCESS(n, false); }                \
  HOOK __tsan_write##n(void* place) { ACCESS(n, true); }                \
  HOOK __tsan_unaligned_read##n(void* place) { ACCESS(n, false); }      \
  HOOK __tsan_unaligned_write##n(void* place) { ACCESS(n, true); }
extern "C" {
HOOKS(1) HOOKS(2) HOOKS(4) HOOKS(8) HOOKS(16)
HOOK __tsan_read_range(void* place, size_t bytes) { ACCESS(bytes, false); }
HOOK __tsan_write_range(void* place, size_t bytes) { ACCESS(bytes, true); }
HOOK __tsan_vptr_update(void*, void*) {}
HOOK __tsan_func_entry(void*) {}
HOOK __tsan_func_exit(void*) {}
HOOK __tsan_init() {}
}
namespace kernels {
)";

// The results of a kernel must not depend on the compiler's freedom. Accesses are reported; the
// compiler's own checker is not linked.
const std::string compile =
    "c++ -std=c++20 -O1 -w -fPIC -fvisibility=default -ffp-contract=off -fwrapv "
    "-fno-strict-aliasing -fsanitize=thread -g1 -c "
#ifdef __x86_64__
    "-mfma "
#endif
    ;
const std::string link = "c++ -shared ";

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

/// The text stays beside the library: messages show its lines.
void* build(const std::string& text) {
  static std::atomic<int> builds{0};
  auto base = kept_file(compile + text).string();
  auto library = base + ".so";
  if (!std::filesystem::exists(library)) {
    // Under a name of its own until it is whole: others compile too.
    auto own = base + "." + std::to_string(getpid()) + "." + std::to_string(builds++);
    auto source = own + ".cpp";
    std::ofstream(source) << text;
    // The name of the text's file is in the library.
    auto line = compile + "-ffile-prefix-map=" + source + "=" + base + ".cpp -o " + own + ".o " +
                source + " 2> " + own + ".log && " + link + "-o " + own + ".so " + own + ".o 2>> " +
                own + ".log";
    const bool succeeded = std::system(line.c_str()) == 0;
    std::ostringstream log;
    log << std::ifstream(own + ".log").rdbuf();
    std::filesystem::remove(own + ".log");
    std::filesystem::remove(own + ".o");
    if (!succeeded) {
      std::filesystem::remove(source);
      throw EngineError("[emulator] The kernel does not compile:\n" + log.str().substr(0, 4000));
    }
    std::filesystem::rename(source, base + ".cpp");
    std::filesystem::rename(own + ".so", library);
  }
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) throw EngineError(std::string("[emulator] ") + dlerror());
  *static_cast<Services*>(dlsym(handle, "emulator_services")) = services();
  return handle;
}

}  // namespace

std::filesystem::path kept_file(const std::string& text) { return folder() / hash_of(text); }

std::vector<EntryPoint> compile_on_host(std::span<const KernelSource> sources) {
  static const bool checks_spaces = std::getenv("MLX_CHECK_ADDRESS_SPACES") != nullptr;
  if (checks_spaces && can_check_address_spaces())
    for (auto& source : sources)
      if (auto said = check_address_spaces(source); !said.empty()) throw EngineError(said);
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
