#include "distributed/mpi_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <vector>

namespace mlx::core::distributed {

namespace {

struct Loaded {
  MpiLibrary library;
  std::string problem;
};

std::vector<std::string> file_names() {
  if (const char* given = std::getenv("MLX_MPI_LIBNAME"); given && *given) return {given};
#ifdef __APPLE__
  return {"libmpi.dylib", "/opt/homebrew/lib/libmpi.dylib", "/usr/local/lib/libmpi.dylib"};
#else
  // The plain name comes with a development package and may be another implementation's; 40 is the
  // number of Open MPI 4 and 5.
  return {"libmpi.so", "libmpi.so.40"};
#endif
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// Finds what the library must have; the result is a sentence about what it lacks.
std::string find_symbols(void* handle, MpiLibrary& library) {
#define X(member, symbol, parameters)                                           \
  library.member = reinterpret_cast<int(*) parameters>(dlsym(handle, #symbol)); \
  if (!library.member) return "it has no " #symbol;
  MLX_MPI_FUNCTIONS(X)
#undef X
  // Other implementations have numbers for handles, and then not these objects.
  auto object = [&]<typename T>(T& member, const char* symbol) {
    member = reinterpret_cast<T>(dlsym(handle, symbol));
    return member != nullptr;
  };
  char version[8192] = "";
  int length = 0;
  library.version(version, &length);
  std::string first_line(version);
  first_line = first_line.substr(0, first_line.find('\n'));
  if (!object(library.world, "ompi_mpi_comm_world") || !object(library.byte, "ompi_mpi_byte") ||
      !object(library.errors_return, "ompi_mpi_errors_return"))
    return "it is not Open MPI but " + first_line;
  return "";
}

Loaded load() {
  Loaded loaded;
  auto names = file_names();
  for (auto& name : names) {
    // Open MPI's plugins look for its symbols, so they have to be global.
    void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (!handle) continue;
    std::string lack = find_symbols(handle, loaded.library);
    if (lack.empty()) {
      loaded.problem.clear();
      return loaded;
    }
    loaded.problem = name + " can't be used: " + lack;
  }
  if (loaded.problem.empty()) loaded.problem = "there is no Open MPI (" + join(names) + ")";
  return loaded;
}

}  // namespace

std::string MpiLibrary::describe(int error) const {
  char text[1024] = "";
  int length = 0;
  if (error_text(error, text, &length) != mpi::success) return "error " + std::to_string(error);
  return text;
}

const MpiLibrary* find_mpi(std::string* reason) {
  // Leaked: other threads may still use it while the process exits.
  static const Loaded& loaded = *new Loaded(load());
  if (reason) *reason = loaded.problem;
  return loaded.problem.empty() ? &loaded.library : nullptr;
}

}  // namespace mlx::core::distributed
