#pragma once

/// Whether this build can generate code. asmjit knows x86-64; Macs of today have other processors.
/// Its interface changes from version to version, and others than this one are not tested.
#define MLX_HAS_CODEGEN 0
#if defined(__x86_64__) && defined(__linux__) && __has_include(<asmjit/core/api-config.h>)
#include <asmjit/core/api-config.h>
#if ASMJIT_LIBRARY_VERSION >= 0x010900 && ASMJIT_LIBRARY_VERSION < 0x010A00
#undef MLX_HAS_CODEGEN
#define MLX_HAS_CODEGEN 1
#endif
#endif
