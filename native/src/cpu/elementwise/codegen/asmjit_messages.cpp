// Stands in for the one part of Debian's libasmjit.a that can't be linked into a shared library: it
// names stderr in code that isn't position-independent.
#include "cpu/elementwise/codegen/availability.h"

#if MLX_HAS_CODEGEN
#include <asmjit/core.h>

#include <cstdio>
#include <cstdlib>

ASMJIT_BEGIN_NAMESPACE
namespace DebugUtils {

const char* errorAsString(Error) noexcept { return "asmjit failed"; }

void debugOutput(const char* text) noexcept { std::fputs(text, stderr); }

void assertionFailed(const char* file, int line, const char* text) noexcept {
  std::fprintf(stderr, "asmjit: %s:%d: %s\n", file, line, text);
  std::abort();
}

}  // namespace DebugUtils
ASMJIT_END_NAMESPACE
#endif
