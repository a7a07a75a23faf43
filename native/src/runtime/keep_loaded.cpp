#include "runtime/keep_loaded.h"

#include <dlfcn.h>

namespace mlx::core {

void keep_library_loaded() {
  [[maybe_unused]] static const bool done = [] {
    Dl_info info;
    if (dladdr(reinterpret_cast<void*>(&keep_library_loaded), &info) && info.dli_fname)
      dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    return true;
  }();
}

}  // namespace mlx::core
